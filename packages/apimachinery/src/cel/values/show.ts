import { goFloat } from '../../validation/go-number.js';
import { CelError } from './cel-error.js';
import { CelDouble, CelUint } from './number.js';
import { CelDuration, CelTimestamp, formatDuration, formatTimestamp } from './time.js';
import { CelList, CelMap, CelOptional, CelTypeValue, type CelValue } from './value.js';

/** A value as Go prints it in an error message (`%v`). */
export function showValue(value: CelValue): string {
  if (typeof value === 'string') return value;
  if (value === null) return 'NULL_VALUE';
  if (typeof value !== 'object') return String(value);
  if (value instanceof CelDouble) return showDouble(value.value);
  if (value instanceof CelUint) return String(value.value);
  if (value instanceof CelTimestamp) return formatTimestamp(value);
  if (value instanceof CelDuration) return formatDuration(value);
  if (value instanceof CelTypeValue) return value.type.name;
  if (value instanceof CelList) return `[${value.toArray().map(showValue).join(', ')}]`;
  if (value instanceof CelMap) return showMap(value);
  if (value instanceof CelOptional)
    return value.value === undefined ? 'optional.none()' : `optional(${showValue(value.value)})`;
  if (value instanceof CelError) return value.message;
  return value instanceof Uint8Array ? `[${value.join(' ')}]` : value.typeName;
}

function showMap(map: CelMap): string {
  const entries = map.keys().map((key) => `${showValue(key)}: ${showValue(map.get(key) ?? null)}`);
  return `{${entries.join(', ')}}`;
}

/** The name of the Go type that a value has upstream; some error messages show it. */
export function goTypeName(value: CelValue): string {
  if (typeof value === 'string') return 'types.String';
  if (typeof value === 'boolean') return 'types.Bool';
  if (value === null) return 'types.Null';
  if (typeof value !== 'object') return 'types.Int';
  if (value instanceof CelDouble) return 'types.Double';
  if (value instanceof CelUint) return 'types.Uint';
  if (value instanceof Uint8Array) return 'types.Bytes';
  if (value instanceof CelTimestamp) return 'types.Timestamp';
  if (value instanceof CelDuration) return 'types.Duration';
  if (value instanceof CelTypeValue) return '*types.Type';
  return value instanceof CelOptional ? '*types.Optional' : `cel.${showValue(value).split('.').at(-1) ?? ''}`;
}

/** A double as Go's `%g`. */
export function showDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return Object.is(value, -0) ? '-0' : goFloat(value);
}

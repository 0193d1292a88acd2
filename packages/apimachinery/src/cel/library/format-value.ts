import { goQuote } from '../../errors/go-quote.js';
import { CelError } from '../values/cel-error.js';
import { toText } from '../values/convert.js';
import { CelDouble } from '../values/number.js';
import { CelDuration, CelTimestamp, formatDuration, formatTimestamp, plainDecimal } from '../values/time.js';
import { typeOf } from '../values/type-of.js';
import { CelList, CelMap, CelOpaque, CelOptional, type CelValue } from '../values/value.js';

/** `kubernetes` is the strings extension up to version 3, `current` the one of today. They show values differently. */
export type FormatStyle = 'kubernetes' | 'current';

/** A value as the clause %s shows it. */
export function showArgument(value: CelValue, style: FormatStyle): string | CelError {
  if (value instanceof CelList) return showList(value, style);
  if (value instanceof CelMap) return showMap(value, style);
  if (value === null) return 'null';
  if (value instanceof CelOptional || value instanceof CelOpaque || value instanceof CelError) {
    return new CelError(
      'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and ' +
        `timestamps, was given ${typeOf(value).name}`,
    );
  }
  if (value instanceof CelDouble && style === 'current') return specialDouble(value.value) ?? plainDecimal(value.value);
  const text = toText(value);
  return typeof text === 'string' ? text : new CelError('could not convert argument to string');
}

function specialDouble(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return undefined;
  return value > 0 ? 'Infinity' : '-Infinity';
}

/** A value inside a list or a map. */
function showInner(value: CelValue, style: FormatStyle): string | CelError {
  if (style === 'current') return showArgument(value, style);
  if (typeof value === 'string') return goQuote(value);
  if (value instanceof CelTimestamp) return `timestamp(${goQuote(formatTimestamp(value))})`;
  if (value instanceof CelDuration) return `duration(${goQuote(formatDuration(value))})`;
  if (value instanceof CelDouble) {
    if (Number.isFinite(value.value)) return value.value.toFixed(6);
    return goQuote(Number.isNaN(value.value) ? 'NaN' : value.value > 0 ? '+Inf' : '-Inf');
  }
  const text = showArgument(value, style);
  return value instanceof Uint8Array && typeof text === 'string' ? `b${goQuote(text)}` : text;
}

function showList(list: CelList, style: FormatStyle): string | CelError {
  const items: string[] = [];
  for (const item of list.toArray()) {
    const text = showInner(item, style);
    if (text instanceof CelError) return text;
    items.push(text);
  }
  return `[${items.join(', ')}]`;
}

function showMap(map: CelMap, style: FormatStyle): string | CelError {
  const entries: [key: string, value: string][] = [];
  for (const key of map.keys()) {
    const keyText = showInner(key, style);
    const valueText = showInner(map.get(key) ?? null, style);
    if (keyText instanceof CelError) return keyText;
    if (valueText instanceof CelError) return valueText;
    entries.push([keyText, valueText]);
  }
  entries.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const colon = style === 'current' ? ': ' : ':';
  return `{${entries.map(([key, value]) => key + colon + value).join(', ')}}`;
}

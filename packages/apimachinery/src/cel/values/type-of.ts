import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  ERROR,
  INT,
  listType,
  mapType,
  NULL,
  opaqueType,
  optionalType,
  STRING,
  TIMESTAMP,
  TYPE,
  UINT,
} from '../types/cel-type.js';
import { CelError } from './cel-error.js';
import { CelDouble, CelUint } from './number.js';
import { CelDuration, CelTimestamp } from './time.js';
import { CelList, CelMap, CelOpaque, CelOptional, type CelValue } from './value.js';

const LIST = listType(DYN);
const MAP = mapType(DYN, DYN);
const OPTIONAL = optionalType(DYN);

/** The type of a value at run time. */
export function typeOf(value: CelValue): CelType {
  switch (typeof value) {
    case 'string':
      return STRING;
    case 'number':
    case 'bigint':
      return INT;
    case 'boolean':
      return BOOL;
    default:
  }
  if (value === null) return NULL;
  if (value instanceof CelList) return LIST;
  if (value instanceof CelMap) return value.typeName === 'map' ? MAP : opaqueType(value.typeName);
  if (value instanceof CelDouble) return DOUBLE;
  if (value instanceof CelUint) return UINT;
  if (value instanceof Uint8Array) return BYTES;
  if (value instanceof CelTimestamp) return TIMESTAMP;
  if (value instanceof CelDuration) return DURATION;
  if (value instanceof CelOptional) return OPTIONAL;
  if (value instanceof CelOpaque) return opaqueType(value.typeName);
  return value instanceof CelError ? ERROR : TYPE;
}

/** Whether a value may be passed as the type; of a list or map the first element decides, as upstream. */
export function matchesType(type: CelType, value: CelValue): boolean {
  if (type.kind === 'dyn' || type.kind === 'any' || type.kind === 'param') return true;
  if (type.nullable && value === null) return true;
  const actual = typeOf(value);
  if (actual.name !== type.name) return false;
  if (value instanceof CelList) return value.size === 0 || matchesType(type.params[0] ?? DYN, value.at(0));
  if (!(value instanceof CelMap) || type.kind !== 'map') return true;
  const [key] = value.size === 0 ? [] : value.keys();
  if (key === undefined) return true;
  return matchesType(type.params[0] ?? DYN, key) && matchesType(type.params[1] ?? DYN, value.get(key) ?? null);
}

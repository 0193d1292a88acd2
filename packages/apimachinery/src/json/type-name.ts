import { isNumber, type JsonValue } from './value.js';

/** What Go's decoder calls a JSON value in its error texts: `cannot unmarshal array into …`. */
export function jsonTypeName(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (isNumber(value)) return 'number';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

import { isObject, type JsonValue } from '../json/value.js';

/** A value as Go's `%v` prints decoded JSON: `map[a:1 b:[x y]]`, keys sorted, null as `<nil>`. */
export function goPrint(value: JsonValue): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goPrint).join(' ')}]`;
  if (!isObject(value)) return String(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${key}:${goPrint(value[key] ?? null)}`);
  return `map[${members.join(' ')}]`;
}

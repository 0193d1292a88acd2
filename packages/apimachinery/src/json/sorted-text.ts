import { stringify } from './stringify.js';
import { isObject, type JsonValue } from './value.js';

/** JSON whose members are sorted by name, as Go writes maps; equal values have equal texts. */
export function sortedText(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(sortedText).join(',')}]`;
  if (!isObject(value)) return stringify(value);
  const members = Object.keys(value)
    .sort()
    .flatMap((key) => {
      const member = value[key];
      return member === undefined ? [] : [`${JSON.stringify(key)}:${sortedText(member)}`];
    });
  return `{${members.join(',')}}`;
}

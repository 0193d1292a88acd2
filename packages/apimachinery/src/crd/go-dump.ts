import { isObject, type JsonObject, type JsonValue } from '../json/value.js';

/**
 * A part of a definition as upstream prints it in an error: its internal types are encoded under the names of their Go
 * fields, `{"Name":"v1","Served":true}`.
 */
export function goDump(value: JsonObject): JsonObject {
  const dump: JsonObject = {};
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined && !isObject(member) && !Array.isArray(member)) dump[goName(key)] = member;
  }
  return dump;
}

/** A list of parts. */
export function goDumps(values: readonly JsonObject[]): JsonValue[] {
  return values.map(goDump);
}

function goName(key: string): string {
  return key
    .replace(/^x-kubernetes/, 'X')
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}

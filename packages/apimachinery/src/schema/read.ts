import { getOwn, isNumber, isObject, type JsonObject, type JsonValue } from '../json/value.js';

/** Readers of decoded JSON: a member of another type than asked for counts as absent. */

export function readString(object: JsonObject, name: string): string {
  return readOptionalString(object, name) ?? '';
}

export function readOptionalString(object: JsonObject, name: string): string | undefined {
  const value = getOwn(object, name);
  return typeof value === 'string' ? value : undefined;
}

export function readBoolean(object: JsonObject, name: string): boolean {
  return getOwn(object, name) === true;
}

export function readNumber(object: JsonObject, name: string): number | undefined {
  const value = getOwn(object, name);
  return isNumber(value) ? Number(value) : undefined;
}

export function readObject(object: JsonObject, name: string): JsonObject | undefined {
  const value = getOwn(object, name);
  return isObject(value) ? value : undefined;
}

export function readList(object: JsonObject, name: string): readonly JsonValue[] {
  const value = getOwn(object, name);
  return Array.isArray(value) ? value : [];
}

export function readObjects(object: JsonObject, name: string): JsonObject[] {
  return readList(object, name).filter(isObject);
}

export function readStrings(object: JsonObject, name: string): string[] {
  return readList(object, name).filter((item) => typeof item === 'string');
}

/** Members of a map of objects (`properties`), in the order given. */
export function readObjectMap(object: JsonObject, name: string): [string, JsonObject][] {
  return [...objectMembers(object, name)];
}

/** The same one by one: maps may be large. */
export function* objectMembers(object: JsonObject, name: string): Generator<[string, JsonObject], void, void> {
  const map = readObject(object, name);
  if (map === undefined) return;
  for (const key of Object.keys(map)) {
    const member = map[key];
    if (isObject(member)) yield [key, member];
  }
}

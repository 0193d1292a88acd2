/**
 * Decoded JSON. An integer that a double cannot hold (beyond ±2^53) is a bigint, so that int64 values survive a round
 * trip byte for byte. A key that is present with the value `undefined` counts as absent.
 */
export type JsonValue = null | boolean | number | bigint | string | JsonArray | JsonObject;
export type JsonArray = JsonValue[];
export interface JsonObject {
  [key: string]: JsonValue | undefined;
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for both representations of a JSON number. */
export function isNumber(value: JsonValue | undefined): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** Reads an own member; never one of Object.prototype (`constructor`, `__proto__`). */
export function getOwn(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Writes an own member, also under the key `__proto__`, which a plain assignment would take for the prototype. */
export function setOwn(object: JsonObject, key: string, value: JsonValue): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[key] = value;
  }
}

/** A copy that shares nothing with the original. */
export function deepClone<T extends JsonValue | undefined>(value: T): T;
export function deepClone(value: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(value)) return value.map((item) => deepClone(item));
  if (!isObject(value)) return value;
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member !== undefined) setOwn(copy, key, deepClone(member));
  }
  return copy;
}

/** Structural equality; the order of keys does not count, members that are `undefined` count as absent. */
export function deepEqual(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return numbersEqual(a, b);
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && listsEqual(a, b);
  }
  return objectsEqual(a, b);
}

function listsEqual(a: JsonArray, b: JsonArray): boolean {
  if (a.length !== b.length) return false;
  for (const [i, item] of a.entries()) if (item !== b[i] && !deepEqual(item, b[i])) return false;
  return true;
}

function objectsEqual(a: JsonObject, b: JsonObject): boolean {
  let present = 0;
  for (const key of Object.keys(a)) {
    const member = a[key];
    if (member === undefined) continue;
    present++;
    // What objects inherit are functions, which equal no value; only this one is an object.
    const other = key === '__proto__' ? getOwn(b, key) : b[key];
    if (member !== other && !deepEqual(member, other)) return false;
  }
  const others = Object.keys(b);
  return others.length === present || others.filter((key) => b[key] !== undefined).length === present;
}

function numbersEqual(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  // biome-ignore lint/suspicious/noDoubleEquals: 1n == 1 is the comparison meant, both sides are numbers
  return isNumber(a) && isNumber(b) && a == b;
}

import { sortedText } from '../json/sorted-text.js';
import { deepEqual, type JsonValue } from '../json/value.js';

/** Enumerations of so many values are looked through. */
const LOOKED_THROUGH_MAX = 16;

/** The texts of the values of long enumerations: an object may have as many values to be looked up in one. */
const texts = new WeakMap<readonly JsonValue[], ReadonlySet<string>>();

/** Whether a value is one of an enumeration. */
export function isInEnum(allowed: readonly JsonValue[], value: JsonValue): boolean {
  if (allowed.length <= LOOKED_THROUGH_MAX) return allowed.some((each) => deepEqual(each, value));
  const known = texts.get(allowed) ?? new Set(allowed.map(sortedText));
  texts.set(allowed, known);
  return known.has(sortedText(value));
}

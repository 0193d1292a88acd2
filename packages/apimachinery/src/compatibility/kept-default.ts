import { deepClone, deepEqual, getOwn, type JsonObject } from '../json/value.js';
import { compileUncached } from '../schema/compile.js';
import { prune } from '../schema/prune.js';
import { validateValue } from '../schema/validate.js';

/** False for a default that the common schema, having become narrower than the existing one, would refuse itself. */
export function hasValidDefault(lcd: JsonObject, existing: JsonObject): boolean {
  const value = getOwn(lcd, 'default');
  if (value === undefined || deepEqual(lcd, existing)) return true;
  const schema = compileUncached(lcd);
  return prune(schema, deepClone(value), false).length === 0 && validateValue(schema, value).length === 0;
}

import { CelDouble, CelUint } from './number.js';
import { CelDuration, CelTimestamp } from './time.js';
import { CelList, CelMap, CelOpaque, CelOptional, CelTypeValue, type CelValue } from './value.js';

/** Equality of CEL: numbers by their value whatever their type, values of different types are unequal. */
export function equal(a: CelValue, b: CelValue): boolean {
  if (a === b) return !(a instanceof CelDouble && Number.isNaN(a.value));
  if (typeof a !== 'object' && typeof b !== 'object') return false;
  const [left, right] = [numeric(a), numeric(b)];
  if (left !== undefined || right !== undefined) {
    if (left === undefined || right === undefined) return false;
    return a instanceof CelDouble || b instanceof CelDouble ? Number(left) === Number(right) : left === right;
  }
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  return objectsEqual(a, b);
}

/** A number's value; undefined for what is none. */
export function numeric(value: CelValue): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  return value instanceof CelDouble || value instanceof CelUint ? value.value : undefined;
}

function objectsEqual(a: CelValue & object, b: CelValue & object): boolean {
  if (a instanceof CelList) return b instanceof CelList && listsEqual(a, b);
  if (a instanceof CelMap) return b instanceof CelMap && mapsEqual(a, b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof CelTimestamp) return b instanceof CelTimestamp && a.seconds === b.seconds && a.nanos === b.nanos;
  if (a instanceof CelDuration) return b instanceof CelDuration && a.nanos === b.nanos;
  if (a instanceof CelTypeValue) return b instanceof CelTypeValue && a.type.name === b.type.name;
  if (a instanceof CelOpaque) return a.equals(b);
  if (a instanceof CelOptional && b instanceof CelOptional) {
    if (a.value === undefined || b.value === undefined) return a.value === b.value;
    return equal(a.value, b.value);
  }
  return false;
}

function listsEqual(a: CelList, b: CelList): boolean {
  const special = a.equalTo(b, equal) ?? b.equalTo(a, equal);
  if (special !== undefined) return special;
  if (a.size !== b.size) return false;
  for (let i = 0; i < a.size; i++) if (!equal(a.at(i), b.at(i))) return false;
  return true;
}

function mapsEqual(a: CelMap, b: CelMap): boolean {
  const special = a.equalTo(b, equal);
  if (special !== undefined) return special;
  if (a.size !== b.size) return false;
  return a.keys().every((key) => {
    const [left, right] = [a.get(key), b.get(key)];
    return left !== undefined && right !== undefined && equal(left, right);
  });
}

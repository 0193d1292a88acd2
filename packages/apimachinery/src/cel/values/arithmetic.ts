import {
  CelError,
  DIVISION_BY_ZERO,
  INT_OVERFLOW,
  MODULUS_BY_ZERO,
  NO_SUCH_OVERLOAD,
  UINT_OVERFLOW,
} from './cel-error.js';
import { concatenated } from './concat-list.js';
import { equal } from './equal.js';
import { CelDouble, type CelInt, CelUint, checkedInt, checkedUint } from './number.js';
import { CelDuration, CelTimestamp, durationOf, nanosSince1970, timestampOf } from './time.js';
import { CelList, type CelValue } from './value.js';

function isInt(value: CelValue): value is CelInt {
  return typeof value === 'number' || typeof value === 'bigint';
}

type BigOperation = (a: bigint, b: bigint) => bigint;

function ints(a: CelValue, b: CelValue, operation: BigOperation): CelValue | undefined {
  if (isInt(a)) return isInt(b) ? (checkedInt(operation(BigInt(a), BigInt(b))) ?? INT_OVERFLOW) : NO_SUCH_OVERLOAD;
  if (!(a instanceof CelUint)) return undefined;
  if (!(b instanceof CelUint)) return NO_SUCH_OVERLOAD;
  return checkedUint(operation(BigInt(a.value), BigInt(b.value))) ?? UINT_OVERFLOW;
}

/** No value of this type takes part in the operation. Upstream's text depends on whether the type has methods. */
export function unsupported(operator: string, left: CelValue): CelError {
  if (typeof left === 'string' || left instanceof CelTimestamp || left instanceof CelDuration) return NO_SUCH_OVERLOAD;
  return new CelError(`no such overload: ${operator}`);
}

export function add(a: CelValue, b: CelValue): CelValue {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  if (typeof a === 'string') return typeof b === 'string' ? a + b : NO_SUCH_OVERLOAD;
  if (a instanceof CelDouble) return b instanceof CelDouble ? new CelDouble(a.value + b.value) : NO_SUCH_OVERLOAD;
  if (a instanceof CelList) return b instanceof CelList ? concat(a, b) : NO_SUCH_OVERLOAD;
  if (a instanceof Uint8Array) {
    return b instanceof Uint8Array ? new Uint8Array(Buffer.concat([a, b])) : NO_SUCH_OVERLOAD;
  }
  if (a instanceof CelTimestamp) {
    return b instanceof CelDuration ? timestampOf(nanosSince1970(a) + b.nanos) : NO_SUCH_OVERLOAD;
  }
  if (a instanceof CelDuration) {
    if (b instanceof CelDuration) return durationOf(a.nanos + b.nanos);
    return b instanceof CelTimestamp ? timestampOf(nanosSince1970(b) + a.nanos) : NO_SUCH_OVERLOAD;
  }
  return ints(a, b, (x, y) => x + y) ?? unsupported('_+_', a);
}

function concat(a: CelList, b: CelList): CelList {
  const special = a.plus(b, equal);
  if (special !== undefined) return special;
  if (a.size === 0) return b;
  return b.size === 0 ? a : concatenated(a, b);
}

export function subtract(a: CelValue, b: CelValue): CelValue {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  if (a instanceof CelDouble) return b instanceof CelDouble ? new CelDouble(a.value - b.value) : NO_SUCH_OVERLOAD;
  if (a instanceof CelDuration) return b instanceof CelDuration ? durationOf(a.nanos - b.nanos) : NO_SUCH_OVERLOAD;
  if (a instanceof CelTimestamp) {
    if (b instanceof CelTimestamp) return durationOf(nanosSince1970(a) - nanosSince1970(b));
    return b instanceof CelDuration ? timestampOf(nanosSince1970(a) - b.nanos) : NO_SUCH_OVERLOAD;
  }
  return ints(a, b, (x, y) => x - y) ?? unsupported('_-_', a);
}

export function multiply(a: CelValue, b: CelValue): CelValue {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (Number.isSafeInteger(product)) return product;
  }
  if (a instanceof CelDouble) return b instanceof CelDouble ? new CelDouble(a.value * b.value) : NO_SUCH_OVERLOAD;
  return ints(a, b, (x, y) => x * y) ?? unsupported('_*_', a);
}

export function divide(a: CelValue, b: CelValue): CelValue {
  if (a instanceof CelDouble) return b instanceof CelDouble ? new CelDouble(a.value / b.value) : NO_SUCH_OVERLOAD;
  if (isZero(b) && sameKind(a, b)) return DIVISION_BY_ZERO;
  return ints(a, b, (x, y) => x / y) ?? unsupported('_/_', a);
}

export function modulo(a: CelValue, b: CelValue): CelValue {
  if (isZero(b) && sameKind(a, b)) return MODULUS_BY_ZERO;
  if (typeof a === 'number' && typeof b === 'number') return a % b;
  if (isInt(a) && isInt(b) && BigInt(b) === -1n && checkedInt(-BigInt(a)) === undefined) return INT_OVERFLOW;
  return ints(a, b, (x, y) => x % y) ?? unsupported('_%_', a);
}

export function negate(a: CelValue): CelValue {
  if (isInt(a)) return checkedInt(-BigInt(a)) ?? INT_OVERFLOW;
  if (a instanceof CelDouble) return new CelDouble(-a.value);
  if (a instanceof CelDuration) return durationOf(-a.nanos);
  return typeof a === 'boolean' ? NO_SUCH_OVERLOAD : unsupported('-_', a);
}

function isZero(value: CelValue): boolean {
  return value === 0 || (value instanceof CelUint && value.value === 0);
}

function sameKind(a: CelValue, b: CelValue): boolean {
  return (isInt(a) && isInt(b)) || (a instanceof CelUint && b instanceof CelUint);
}

import { type CelError, NAN_UNORDERED, NO_SUCH_OVERLOAD } from './cel-error.js';
import { numeric } from './equal.js';
import { CelDouble } from './number.js';
import { CelDuration, CelTimestamp, nanosSince1970 } from './time.js';
import type { CelValue } from './value.js';

/** Negative, zero or positive; an error for what has no order. */
export function compare(a: CelValue, b: CelValue): number | CelError {
  if (typeof a === 'string') return typeof b === 'string' ? compareText(a, b) : NO_SUCH_OVERLOAD;
  const left = numeric(a);
  if (left !== undefined) {
    const right = numeric(b);
    if (a instanceof CelDouble && Number.isNaN(a.value)) return NAN_UNORDERED;
    if (right === undefined) return NO_SUCH_OVERLOAD;
    if (b instanceof CelDouble && Number.isNaN(b.value)) return NAN_UNORDERED;
    return numberOrder(left, right, a instanceof CelDouble || b instanceof CelDouble);
  }
  if (typeof a === 'boolean') return typeof b === 'boolean' ? Number(a) - Number(b) : NO_SUCH_OVERLOAD;
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? Buffer.compare(a, b) : NO_SUCH_OVERLOAD;
  if (a instanceof CelTimestamp && b instanceof CelTimestamp) return order(nanosSince1970(a), nanosSince1970(b));
  if (a instanceof CelDuration && b instanceof CelDuration) return order(a.nanos, b.nanos);
  return NO_SUCH_OVERLOAD;
}

/** An integer is compared with a double as the nearest double, as upstream does. */
function numberOrder(a: number | bigint, b: number | bigint, asDoubles: boolean): number {
  const [left, right] = asDoubles ? [Number(a), Number(b)] : [a, b];
  return left < right ? -1 : left > right ? 1 : 0;
}

function order(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** By code points, which is also the order of their UTF-8 bytes. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left === right) continue;
    // A surrogate stands for a code point above all others.
    const [high, low] = [left >= 0xd800 && left <= 0xdfff, right >= 0xd800 && right <= 0xdfff];
    if (high !== low) return high ? 1 : -1;
    return left < right ? -1 : 1;
  }
  return a.length < b.length ? -1 : 1;
}

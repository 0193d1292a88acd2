/** A range of costs or sizes. Sums and products stop at 2^64, as upstream's do. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** What no limit bounds. */
export const UNBOUNDED = 2 ** 64;
export const UNKNOWN: Range = { min: 0, max: UNBOUNDED };
export const ZERO: Range = { min: 0, max: 0 };

export function fixed(value: number): Range {
  return { min: value, max: value };
}

export function plus(a: Range, b: Range): Range {
  return { min: capped(a.min + b.min), max: capped(a.max + b.max) };
}

export function times(a: Range, b: Range): Range {
  return { min: product(a.min, b.min), max: product(a.max, b.max) };
}

/** Both ends times a factor, rounded up. */
export function scaled(a: Range, factor: number): Range {
  return { min: capped(Math.ceil(product(a.min, factor))), max: capped(Math.ceil(product(a.max, factor))) };
}

/** The smallest range that holds both. */
export function union(a: Range, b: Range): Range {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}

function product(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : capped(a * b);
}

function capped(value: number): number {
  return Math.min(value, UNBOUNDED);
}

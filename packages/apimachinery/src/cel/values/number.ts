/**
 * An int in CEL is a JS number when that is exact, else a bigint: small numbers are the rule, and plain JSON data
 * need no conversion. The two never overlap, so `===` compares ints.
 */
export type CelInt = number | bigint;

/** A 64-bit floating point number; boxed, as a plain JS number is an int. */
export class CelDouble {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** An unsigned 64-bit integer. */
export class CelUint {
  readonly value: CelInt;

  constructor(value: CelInt) {
    this.value = value;
  }
}

export const INT_MAX = 2n ** 63n - 1n;
export const INT_MIN = -(2n ** 63n);
export const UINT_MAX = 2n ** 64n - 1n;

/** The canonical form of an integer. */
export function normalInt(value: bigint): CelInt {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

/** A bigint as an int; undefined when 64 bits do not hold it. */
export function checkedInt(value: bigint): CelInt | undefined {
  return value < INT_MIN || value > INT_MAX ? undefined : normalInt(value);
}

/** A bigint as a uint; undefined when 64 bits do not hold it. */
export function checkedUint(value: bigint): CelUint | undefined {
  return value < 0n || value > UINT_MAX ? undefined : new CelUint(normalInt(value));
}

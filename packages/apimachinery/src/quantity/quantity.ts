import { binarySuffix, decimalSuffix, interpretSuffix, type QuantityFormat } from './suffix.js';

/** An exact amount: `unscaled` × 10^`exponent`, where `exponent` ≥ -9, and the notation it was written in. */
export interface Quantity {
  readonly unscaled: bigint;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

/** The smallest part that a quantity can tell apart is 10^-9; what is finer is rounded away from zero. */
const NANO = -9;
/** Digits and powers of ten beyond these are refused; no real amount comes near. */
const MAX_TEXT_LENGTH = 1024;
const MAX_EXPONENT = 1024;
const MAX_BINARY = 2n ** 63n - 1n;

export const QUANTITY_FORMAT_ERROR =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
export const QUANTITY_SUFFIX_ERROR = "unable to parse quantity's suffix";

/** A text that is no quantity; the message is upstream's. */
export class QuantityError extends Error {}

/** The parts of a quantity's text: `-1.50Gi` → sign, integer digits without leading zeros, fraction, suffix. */
interface Parts {
  readonly negative: boolean;
  readonly integer: string;
  readonly fraction: string;
  readonly suffix: string;
}

const SHAPE = /^([+-]?)0*([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;

function split(text: string): Parts {
  if (text === '' || text.length > MAX_TEXT_LENGTH) throw new QuantityError(QUANTITY_FORMAT_ERROR);
  const [, sign, integer = '', fraction = '', suffix = ''] = SHAPE.exec(text) ?? [];
  if (sign === undefined) throw new QuantityError(QUANTITY_FORMAT_ERROR);
  return { negative: sign === '-', integer: integer === '' ? '0' : integer, fraction, suffix };
}

/** Parses `1500m`, `2Gi`, `1e3`, `0.5`. Throws QuantityError with upstream's text. */
export function parseQuantity(text: string): Quantity {
  return read(split(text));
}

function read(parts: Parts): Quantity {
  const suffix = interpretSuffix(parts.suffix);
  if (suffix === undefined) throw new QuantityError(QUANTITY_SUFFIX_ERROR);
  if (Math.abs(suffix.exponent) > MAX_EXPONENT) throw new QuantityError(QUANTITY_SUFFIX_ERROR);
  let unscaled = BigInt(parts.integer + parts.fraction);
  let exponent = -parts.fraction.length;
  if (suffix.format === 'BinarySI') unscaled <<= BigInt(suffix.exponent);
  else exponent += suffix.exponent;
  let { format } = suffix;
  if (exponent < NANO) [unscaled, exponent] = [divideUp(unscaled, 10n ** BigInt(NANO - exponent)), NANO];
  if (format === 'BinarySI') {
    const one = 10n ** BigInt(-exponent);
    if (unscaled > MAX_BINARY * one) [unscaled, exponent] = [MAX_BINARY, 0];
    else if (unscaled > 0n && unscaled < one) format = 'DecimalSI';
  }
  return { unscaled: parts.negative ? -unscaled : unscaled, exponent, format };
}

/** Division of a natural number, rounded up. */
function divideUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}

/**
 * The text that the API writes for a quantity it has read: unchanged when upstream deems it canonical (that is also
 * true of `+5`), else the shortest form in the same notation (`1000m` → `1`, `0.5` → `500m`, `1024Mi` → `1Gi`).
 */
export function canonicalQuantityText(text: string): string {
  const parts = split(text);
  const quantity = read(parts);
  return keepsItsText(parts) ? text : formatQuantity(quantity);
}

/** Texts short enough for a 64-bit number whose scale and digits are already in the canonical form. */
function keepsItsText({ integer, fraction, suffix }: Parts): boolean {
  const digits = integer + fraction;
  const meaning = interpretSuffix(suffix);
  if (meaning === undefined) return false;
  if (meaning.format === 'BinarySI') {
    const precision = 15 - integer.length - Math.trunc((meaning.exponent * 3) / 10) - 1;
    return fraction === '' && precision >= 0 && (BigInt(integer) & 7n) !== 0n;
  }
  const scale = meaning.exponent - fraction.length;
  if (digits.length > 18 || scale < NANO) return false;
  return scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0');
}

/** The canonical text of an amount in its own notation. */
export function formatQuantity(quantity: Quantity): string {
  if (quantity.unscaled === 0n) return '0';
  if (quantity.format === 'BinarySI') {
    const whole = wholeValue(quantity);
    if (whole !== undefined && (whole <= -1024n || whole >= 1024n)) return formatBinary(whole);
    return formatDecimal(quantity, 'DecimalSI');
  }
  return formatDecimal(quantity, quantity.format);
}

function formatBinary(value: bigint): string {
  let rest = value;
  let exponent = 0;
  while (rest % 1024n === 0n && exponent < 60) {
    rest /= 1024n;
    exponent += 10;
  }
  return `${rest}${binarySuffix(exponent)}`;
}

function formatDecimal(quantity: Quantity, format: 'DecimalSI' | 'DecimalExponent'): string {
  let { unscaled, exponent } = quantity;
  while (unscaled % 10n === 0n) {
    unscaled /= 10n;
    exponent++;
  }
  while (exponent % 3 !== 0 || (format === 'DecimalSI' && exponent > 18)) {
    unscaled *= 10n;
    exponent--;
  }
  return `${unscaled}${decimalSuffix(exponent, format)}`;
}

function wholeValue({ unscaled, exponent }: Quantity): bigint | undefined {
  if (exponent >= 0) return unscaled * 10n ** BigInt(exponent);
  const one = 10n ** BigInt(-exponent);
  return unscaled % one === 0n ? unscaled / one : undefined;
}

/** Both amounts as multiples of the finer of their two scales. */
function align(a: Quantity, b: Quantity): [bigint, bigint, number] {
  const exponent = Math.min(a.exponent, b.exponent);
  const at = (q: Quantity): bigint => q.unscaled * 10n ** BigInt(q.exponent - exponent);
  return [at(a), at(b), exponent];
}

/** Negative when a < b, zero when equal (whatever the notation), positive when a > b. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  const [left, right] = align(a, b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** a + b in the notation of a; of b when a is zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  const [left, right, exponent] = align(a, b);
  return { unscaled: left + right, exponent, format: a.unscaled === 0n ? b.format : a.format };
}

/** a - b in the notation of a; of b when a is zero. */
export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  const [left, right, exponent] = align(a, b);
  return { unscaled: left - right, exponent, format: a.unscaled === 0n ? b.format : a.format };
}

/** Rounds away from zero to multiples of 10^`exponent` (-3: milli, as upstream does with resource lists). */
export function roundUpQuantity(quantity: Quantity, exponent: number): Quantity {
  if (quantity.exponent >= exponent) return quantity;
  const by = 10n ** BigInt(exponent - quantity.exponent);
  const size = divideUp(quantity.unscaled < 0n ? -quantity.unscaled : quantity.unscaled, by);
  return { unscaled: quantity.unscaled < 0n ? -size : size, exponent, format: quantity.format };
}

/** The amount as an integer, rounded away from zero (`Value()` upstream). */
export function quantityValue(quantity: Quantity): bigint {
  const rounded = roundUpQuantity(quantity, 0);
  return rounded.unscaled * 10n ** BigInt(rounded.exponent);
}

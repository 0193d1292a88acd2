/**
 * A finite double with exactly `digits` digits after the point. Its exact value is rounded, halves to even, as Go's `%f`
 * does; `toFixed` rounds halves up.
 */
export function fixedDecimal(value: number, digits: number): string {
  const [numerator, denominator] = ratio(Math.abs(value));
  const scaled = numerator * 10n ** BigInt(digits);
  let quotient = scaled / denominator;
  const twice = (scaled % denominator) * 2n;
  if (twice > denominator || (twice === denominator && quotient % 2n === 1n)) quotient++;
  const text = quotient.toString().padStart(digits + 1, '0');
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (digits === 0) return sign + text;
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

const MANTISSA_BITS = 52n;
const EXPONENT_BIAS = 1075;

/** A natural number as the quotient of two integers. */
function ratio(value: number): [numerator: bigint, denominator: bigint] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const raised = Number(bits >> MANTISSA_BITS);
  const fraction = bits & ((1n << MANTISSA_BITS) - 1n);
  const mantissa = raised === 0 ? fraction : fraction | (1n << MANTISSA_BITS);
  const exponent = Math.max(raised, 1) - EXPONENT_BIAS;
  return exponent >= 0 ? [mantissa << BigInt(exponent), 1n] : [mantissa, 1n << BigInt(-exponent)];
}

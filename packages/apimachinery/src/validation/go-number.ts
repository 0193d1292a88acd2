/** From this decimal exponent on Go's `%v` writes a float64 with an exponent (`1e+06`), likewise below the other. */
const EXPONENT_FROM = 6;
const EXPONENT_BELOW = -4;

/** A float64 as Go's `%v` prints it: the shortest digits that give it back, an exponent of at least two digits. */
export function goFloat(value: number): string {
  const [digits = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent >= EXPONENT_BELOW && exponent < EXPONENT_FROM) return value.toString();
  const sign = exponent < 0 ? '-' : '+';
  return `${digits}e${sign}${Math.abs(exponent).toString().padStart(2, '0')}`;
}

/** A decoded JSON number as Go's `%v` prints it: integers (int64) as plain digits, all others as `goFloat`. */
export function goNumber(value: number | bigint): string {
  return typeof value === 'bigint' || Number.isSafeInteger(value) ? value.toString() : goFloat(value);
}

/** Notations: powers of 1024 (`Ki`), of 1000 (`k`, `m`), or a decimal exponent (`e3`). */
export type QuantityFormat = 'BinarySI' | 'DecimalSI' | 'DecimalExponent';

export interface Suffix {
  readonly format: QuantityFormat;
  /** The power of two for BinarySI, else of ten. */
  readonly exponent: number;
}

const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const LOWEST_DECIMAL = -9;

const SUFFIXES: ReadonlyMap<string, Suffix> = new Map<string, Suffix>([
  ...BINARY.map((text, i): [string, Suffix] => [text, { format: 'BinarySI', exponent: 10 * i }]),
  ...DECIMAL.map((text, i): [string, Suffix] => [text, { format: 'DecimalSI', exponent: LOWEST_DECIMAL + 3 * i }]),
]);
const EXPONENT = /^[eE]([+-]?[0-9]+)$/;

/** The meaning of a suffix; undefined when it has none. */
export function interpretSuffix(text: string): Suffix | undefined {
  const known = SUFFIXES.get(text);
  if (known !== undefined) return known;
  const [, exponent] = EXPONENT.exec(text) ?? [];
  return exponent === undefined ? undefined : { format: 'DecimalExponent', exponent: Number(exponent) };
}

/** The suffix for 2^`exponent`, a multiple of 10 between 0 and 60. */
export function binarySuffix(exponent: number): string {
  return BINARY[exponent / 10] ?? '';
}

/** The suffix for 10^`exponent`, a multiple of 3, from -9 up (for DecimalSI to 18). */
export function decimalSuffix(exponent: number, format: 'DecimalSI' | 'DecimalExponent'): string {
  if (format === 'DecimalSI') return DECIMAL[(exponent - LOWEST_DECIMAL) / 3] ?? '';
  return exponent === 0 ? '' : `e${exponent}`;
}

import { CelError } from '../values/cel-error.js';
import { fixedDecimal } from '../values/fixed-decimal.js';
import { CelDouble, CelUint } from '../values/number.js';
import { typeOf } from '../values/type-of.js';
import type { CelValue } from '../values/value.js';
import { type FormatStyle, showArgument } from './format-value.js';

export type { FormatStyle } from './format-value.js';

const DEFAULT_PRECISION = 6;
/** Most digits behind the point. */
const PRECISION_MAX = 100;
const CLAUSE = /%(?:%|(\.\d*)?(.)?)/gsu;

/** What a clause does with its argument; an error when it does not fit. */
type Clause = (value: CelValue, precision: number | undefined, style: FormatStyle) => string | CelError;

/** `string.format(args)`: clauses %s %d %f %e %b %x %X %o. */
export function formatText(text: string, args: readonly CelValue[], style: FormatStyle): CelValue {
  let next = 0;
  let out = '';
  let last = 0;
  for (const match of text.matchAll(CLAUSE)) {
    out += text.slice(last, match.index);
    last = match.index + match[0].length;
    if (match[0] === '%%') {
      out += '%';
      continue;
    }
    const piece = clause(match, args, next++, style);
    if (piece instanceof CelError) return piece;
    out += piece;
  }
  return out + text.slice(last);
}

function clause(match: RegExpExecArray, args: readonly CelValue[], at: number, style: FormatStyle): string | CelError {
  const value = args[at];
  if (value === undefined) return new CelError(`index ${at} out of range`);
  const [all, precision, kind] = match;
  if (all === '%') return new CelError('unexpected end of string');
  if (kind === undefined) {
    return new CelError(
      'could not parse formatting clause: error while parsing precision: could not find end of precision specifier',
    );
  }
  const format = CLAUSES[kind];
  if (format === undefined) {
    return new CelError(`could not parse formatting clause: unrecognized formatting clause "${kind}"`);
  }
  const digits = precision === undefined ? undefined : Number(precision.slice(1));
  if (digits !== undefined && digits > PRECISION_MAX) return new CelError(`precision ${digits} is too large`);
  const shown = format(value, digits, style);
  return shown instanceof CelError ? new CelError(`error during formatting: ${shown.message}`) : shown;
}

function wrongType(rule: string, value: CelValue): CelError {
  return new CelError(`${rule}, was given ${typeOf(value).name}`);
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return undefined;
  return value > 0 ? 'Infinity' : '-Infinity';
}

/** An int or uint; undefined for other values. */
function integer(value: CelValue): bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return BigInt(value);
  return value instanceof CelUint ? BigInt(value.value) : undefined;
}

const decimal: Clause = (value, _precision, style) => {
  const whole = integer(value);
  if (whole !== undefined) return whole.toString();
  if (style === 'current' && value instanceof CelDouble) return special(value.value) ?? showArgument(value, style);
  const types = style === 'current' ? 'ints, uints, and doubles' : 'integers';
  return wrongType(`decimal clause can only be used on ${types}`, value);
};

/** The number of a clause for floating point; the error when the value is of no type that it takes. */
function floating(value: CelValue, style: FormatStyle, rule: string): number | CelError {
  if (value instanceof CelDouble) return value.value;
  if (style === 'current') {
    const whole = integer(value);
    if (whole !== undefined) return Number(whole);
  } else if (typeof value === 'string' && /^(NaN|-?Infinity)$/.test(value)) return Number(value);
  return wrongType(
    `${rule} clause can only be used on ${style === 'current' ? 'ints, uints, and doubles' : 'doubles'}`,
    value,
  );
}

const fixed: Clause = (value, precision, style) => {
  const number = floating(value, style, 'fixed-point');
  if (number instanceof CelError) return number;
  const shown = special(number);
  if (shown !== undefined) return style === 'current' ? shown : shown.replace('Infinity', '∞');
  const text = fixedDecimal(number, precision ?? DEFAULT_PRECISION);
  return style === 'current' ? text : text.replace(/\B(?=(\d{3})+(?=\.|$))(?<!\.\d*)/g, ',');
};

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

const scientific: Clause = (value, precision, style) => {
  const number = floating(value, style, 'scientific');
  if (number instanceof CelError) return number;
  const shown = special(number);
  if (shown !== undefined) return style === 'current' ? shown : shown.replace('Infinity', '∞');
  const digits = style === 'current' ? (precision ?? DEFAULT_PRECISION) : DEFAULT_PRECISION;
  const [mantissa = '', power = '0'] = number.toExponential(digits).split('e');
  const exponent = Math.abs(Number(power)).toString().padStart(2, '0');
  if (style === 'current') return `${mantissa}e${Number(power) < 0 ? '-' : '+'}${exponent}`;
  const raised = exponent.replace(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)] ?? digit);
  return `${mantissa}×10${Number(power) < 0 ? '⁻' : ''}${raised}`;
};

const binary: Clause = (value, _precision, style) => {
  if (typeof value === 'boolean') return value ? '1' : '0';
  const types = style === 'current' ? 'ints, uints, and bools' : 'integers and bools';
  return integer(value)?.toString(2) ?? wrongType(`only ${types} can be formatted as binary`, value);
};

const octal: Clause = (value, _precision, style) => {
  const types = style === 'current' ? 'ints and uints' : 'integers';
  const rule =
    style === 'current' ? `octal clause can only be used on ${types}` : `octal clause can only be used on ${types}`;
  return integer(value)?.toString(8) ?? wrongType(rule, value);
};

const hex: Clause = (value, _precision, style) => {
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('hex');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  const types = style === 'current' ? 'ints, uints, bytes, and strings' : 'integers, byte buffers, and strings';
  return integer(value)?.toString(16) ?? wrongType(`only ${types} can be formatted as hex`, value);
};

const CLAUSES: Readonly<Record<string, Clause>> = {
  s: (value, _precision, style) => showArgument(value, style),
  d: decimal,
  f: fixed,
  e: scientific,
  b: binary,
  x: hex,
  X: (value, precision, style) => {
    const text = hex(value, precision, style);
    return text instanceof CelError ? text : text.toUpperCase();
  },
  o: octal,
};

import { CEL_NUMBER_TEXT_MAX } from '../limits.js';
import { type CelError, DURATION_OVERFLOW, TIMESTAMP_OVERFLOW } from './cel-error.js';
import { INT_MAX, INT_MIN } from './number.js';

/** A span of time in nanoseconds, within 64 bits. */
export class CelDuration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A moment: seconds since 1970 and nanoseconds from 0 to 999,999,999; years 1 to 9999. */
export class CelTimestamp {
  readonly seconds: number;
  readonly nanos: number;

  constructor(seconds: number, nanos: number) {
    this.seconds = seconds;
    this.nanos = nanos;
  }
}

const NANOS = 1_000_000_000n;
/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z. */
const SECONDS_MIN = -62_135_596_800;
const SECONDS_MAX = 253_402_300_799;

export function durationOf(nanos: bigint): CelDuration | CelError {
  return nanos < INT_MIN || nanos > INT_MAX ? DURATION_OVERFLOW : new CelDuration(nanos);
}

/** A moment by its nanoseconds since 1970. */
export function timestampOf(nanos: bigint): CelTimestamp | CelError {
  const fraction = ((nanos % NANOS) + NANOS) % NANOS;
  return timestampAt(Number((nanos - fraction) / NANOS), Number(fraction));
}

/** A moment by its seconds; the error is that of a year out of range. */
export function timestampAt(seconds: number, nanos: number): CelTimestamp | CelError {
  if (seconds < SECONDS_MIN || seconds > SECONDS_MAX) return TIMESTAMP_OVERFLOW;
  return new CelTimestamp(seconds, nanos);
}

export function nanosSince1970(time: CelTimestamp): bigint {
  return BigInt(time.seconds) * NANOS + BigInt(time.nanos);
}

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,}))?(?:Z|([+-])(\d{2}):(\d{2}))$/;

/** Reads RFC 3339 as Go does; undefined when it is none. */
export function parseTimestamp(text: string): CelTimestamp | CelError | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const offset = Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0);
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return undefined;
  if (Number(match[9] ?? 0) > 24 || Number(match[10] ?? 0) > 60) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1) return undefined;
  date.setUTCHours(hour, minute, second);
  const nanos = Number((match[7] ?? '').slice(0, 9).padEnd(9, '0'));
  return timestampAt(date.getTime() / 1000 - (match[8] === '-' ? -offset : offset) * 60, nanos);
}

/** RFC 3339 in UTC with as many fractional digits as needed. */
export function formatTimestamp(time: CelTimestamp): string {
  const date = new Date(time.seconds * 1000).toISOString();
  const head = date.slice(0, date.indexOf('.'));
  const fraction = time.nanos === 0 ? '' : `.${String(time.nanos).padStart(9, '0').replace(/0+$/, '')}`;
  return `${head}${fraction}Z`;
}

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: NANOS,
  m: 60n * NANOS,
  h: 3600n * NANOS,
};
const DURATION_PART = /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/y;

/** Reads a duration as Go's `time.ParseDuration` does (`1h30m`, `-1.5s`); undefined when it is none. */
export function parseDuration(text: string): CelDuration | undefined {
  if (text.length > CEL_NUMBER_TEXT_MAX) return undefined;
  const negative = text.startsWith('-');
  const body = /^[+-]/.test(text) ? text.slice(1) : text;
  if (body === '0') return new CelDuration(0n);
  if (body === '') return undefined;
  let nanos = 0n;
  for (let at = 0; at < body.length; at = DURATION_PART.lastIndex) {
    DURATION_PART.lastIndex = at;
    const [all, whole = '', fraction = '', unit = ''] = DURATION_PART.exec(body) ?? [];
    const size = UNITS[unit];
    if (all === undefined || size === undefined || whole + fraction === '') return undefined;
    nanos += BigInt(whole === '' ? 0 : whole) * size;
    if (fraction !== '') nanos += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length);
  }
  const signed = negative ? -nanos : nanos;
  return signed < INT_MIN || signed > INT_MAX ? undefined : new CelDuration(signed);
}

/** Seconds with as many digits as needed: `5400s`, `0.25s`. */
export function formatDuration(duration: CelDuration): string {
  return `${plainDecimal(Number(duration.nanos / NANOS) + Number(duration.nanos % NANOS) / 1e9)}s`;
}

/** A number without an exponent, in its shortest exact form. */
export function plainDecimal(value: number): string {
  const text = String(value);
  const [, sign = '', digits = '', fraction = '', exponent] = /^(-?)(\d+)(?:\.(\d+))?e([+-]?\d+)$/.exec(text) ?? [];
  if (exponent === undefined) return text;
  const power = Number(exponent);
  const all = digits + fraction;
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${all}`;
  return sign + all.padEnd(digits.length + power, '0');
}

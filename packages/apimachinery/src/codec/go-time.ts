/** Times as Go parses and writes them: RFC 3339, any offset in, UTC out. */

/** A text that is no time; the message is Go's. */
export class TimeError extends Error {}

export interface GoTime {
  /** Seconds since 1970, negative before. */
  readonly seconds: number;
  /** 0 to 999,999,999. */
  readonly nanos: number;
}

/** Year 1: Go's zero time, which JSON writes as null. */
export const ZERO_TIME_SECONDS = -62135596800;

const CANONICAL_SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const CANONICAL_MICROS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const SHAPE = /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/;
const LAYOUT = '2006-01-02T15:04:05Z07:00';
const MICRO_LAYOUT = '2006-01-02T15:04:05.000000Z07:00';
const MAX_DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Parses a time. With `micro` exactly six digits of a second must be there. Throws TimeError. */
export function parseGoTime(text: string, micro: boolean): GoTime {
  const layout = micro ? MICRO_LAYOUT : LAYOUT;
  const match = SHAPE.exec(text);
  if (match === null) throw new TimeError(explain(text, layout, micro));
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', fraction = '', zone = ''] = match;
  const fault = outOfRange(Number(year), Number(month), Number(day), [Number(hour), Number(minute), Number(second)]);
  if (fault !== undefined) throw new TimeError(`parsing time ${quote(text)}: ${fault} out of range`);
  if (micro && fraction.length !== 6) throw new TimeError(explain(text, layout, micro));
  const seconds = utcSeconds(year, month, day, hour, minute, second) - zoneOffset(zone, text);
  return { seconds, nanos: Number(fraction.slice(0, 9).padEnd(9, '0')) };
}

function utcSeconds(...[year = '', month = '', day = '', hour = '', minute = '', second = '']: string[]): number {
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return date.getTime() / 1000 + Number(hour) * 3600 + Number(minute) * 60 + Number(second);
}

function zoneOffset(zone: string, text: string): number {
  if (zone === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  const fault = hours > 24 ? 'hour' : minutes > 59 ? 'minute' : undefined;
  if (fault !== undefined) {
    throw new TimeError(`parsing time ${quote(text)}: time zone offset ${fault} out of range`);
  }
  return (zone.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60);
}

function outOfRange(year: number, month: number, day: number, clock: readonly number[]): string | undefined {
  const [hour = 0, minute = 0, second = 0] = clock;
  if (month < 1 || month > 12) return 'month';
  if (hour > 23) return 'hour';
  if (minute > 59) return 'minute';
  if (second > 59) return 'second';
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && !leap ? 28 : (MAX_DAYS[month - 1] ?? 0);
  return day < 1 || day > days ? 'day' : undefined;
}

/** The parts of the layout, in the order in which Go consumes them, with what each takes from the text. */
const STEPS: readonly (readonly [string, RegExp])[] = [
  ['2006', /^\d{4}/],
  ['-', /^-/],
  ['01', /^\d\d/],
  ['-', /^-/],
  ['02', /^\d\d/],
  ['T', /^T/],
  ['15', /^\d\d?/],
  [':', /^:/],
  ['04', /^\d\d/],
  [':', /^:/],
  ['05', /^\d\d/],
  ['.000000', /^[.,]\d{6}/],
  ['Z07:00', /^(?:Z|[+-]\d\d:\d\d)/],
];

/** Go's words for a text that does not follow the layout: where it stopped and at which part. */
function explain(text: string, layout: string, micro: boolean): string {
  let rest = text;
  const frame = `parsing time ${quote(text)} as ${quote(layout)}: `;
  for (const [part, pattern] of STEPS) {
    if (part === '.000000' && !micro) {
      rest = rest.replace(/^[.,]\d+/, '');
      continue;
    }
    const taken = pattern.exec(rest)?.[0];
    if (taken === undefined) return `${frame}cannot parse ${quote(rest)} as ${quote(part)}`;
    rest = rest.slice(taken.length);
  }
  return `parsing time ${quote(text)}: extra text: ${quote(rest)}`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}

/** Writes seconds since 1970 as `2006-01-02T15:04:05Z`. */
export function formatGoTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}

/** Writes a time with six digits of a second. */
export function formatGoMicroTime(time: GoTime): string {
  const micros = String(Math.trunc(time.nanos / 1000)).padStart(6, '0');
  return `${new Date(time.seconds * 1000).toISOString().slice(0, 19)}.${micros}Z`;
}

/**
 * The text that Go writes for a time it has read; null for its zero time. The usual form is passed through.
 * Throws TimeError.
 */
export function canonicalTimeText(text: string, micro: boolean): string | null {
  const time = parseGoTime(text, micro);
  if (time.seconds === ZERO_TIME_SECONDS && time.nanos === 0) return null;
  if ((micro ? CANONICAL_MICROS : CANONICAL_SECONDS).test(text)) return text;
  return micro ? formatGoMicroTime(time) : formatGoTime(time.seconds);
}

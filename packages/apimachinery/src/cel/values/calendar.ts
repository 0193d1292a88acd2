import { CelError, NO_SUCH_OVERLOAD } from './cel-error.js';
import type { CelTimestamp } from './time.js';
import type { CelValue } from './value.js';

/** A part of a date, counted as CEL does. */
export type DatePart = (local: Date, nanos: number) => number;

const DAY = 86_400_000;

/** What `getMonth()` and the like read; the date's UTC fields hold the local time. */
export const DATE_PARTS: Readonly<Record<string, DatePart>> = {
  getFullYear: (date) => date.getUTCFullYear(),
  getMonth: (date) => date.getUTCMonth(),
  getDayOfYear: (date) => {
    const start = new Date(date.getTime());
    start.setUTCMonth(0, 1);
    start.setUTCHours(0, 0, 0, 0);
    return Math.floor((date.getTime() - start.getTime()) / DAY);
  },
  getDayOfMonth: (date) => date.getUTCDate() - 1,
  getDate: (date) => date.getUTCDate(),
  getDayOfWeek: (date) => date.getUTCDay(),
  getHours: (date) => date.getUTCHours(),
  getMinutes: (date) => date.getUTCMinutes(),
  getSeconds: (date) => date.getUTCSeconds(),
  getMilliseconds: (_date, nanos) => Math.trunc(nanos / 1e6),
};

/** A part of a moment in a time zone: an IANA name or an offset like `-08:00`. */
export function datePart(time: CelTimestamp, zone: CelValue, part: DatePart): CelValue {
  if (typeof zone !== 'string') return NO_SUCH_OVERLOAD;
  const offset = zone.includes(':') ? fixedOffset(zone) : zoneOffset(zone, time.seconds);
  if (offset instanceof CelError) return offset;
  return part(new Date((time.seconds + offset) * 1000), time.nanos);
}

function fixedOffset(zone: string): number | CelError {
  const at = zone.indexOf(':');
  const [hours, minutes] = [zone.slice(0, at), zone.slice(at + 1)];
  for (const text of [hours, minutes]) {
    if (!/^[+-]?\d+$/.test(text)) return new CelError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  const total = Number(hours) * 60 + (zone.startsWith('-') ? -Number(minutes) : Number(minutes));
  return total * 60;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const FIELDS = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const;

function zoneOffset(zone: string, seconds: number): number | CelError {
  if (zone === '' || zone === 'UTC') return 0;
  const format = formatOf(zone);
  if (format === undefined) return new CelError(`unknown time zone ${zone}`);
  const parts = format.formatToParts(new Date(seconds * 1000));
  const read = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0);
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = FIELDS.map(read);
  const local = new Date(0);
  const era = parts.find((part) => part.type === 'era')?.value;
  local.setUTCFullYear(era === 'BC' ? 1 - year : year, month - 1, day);
  local.setUTCHours(hour, minute, second);
  return local.getTime() / 1000 - seconds;
}

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  try {
    const fields = Object.fromEntries(FIELDS.map((field) => [field, 'numeric']));
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', era: 'short', ...fields });
    formats.set(zone, format);
    return format;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

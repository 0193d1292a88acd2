import { invalidValue } from './read-flags.js';
import type { ListenAddress } from './server-config.js';

type Values = ReadonlyMap<string, string>;

const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/;
const DURATION_PART = /(\d+(?:\.\d+)?)(ms|s|m|h)/g;
const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
]);
const ENTRIES_MAX = 100;
const DURATION_LENGTH_MAX = 40;
const PORT_MAX = 65_535;
/** A host may be missing, and an IPv6 address stands in brackets, as in Go's `net.SplitHostPort`. */
const HOST_PORT = /^(?:\[([0-9a-f:.%]+)\]|([^[\]:]*)):(\d{1,5})$/i;

/** A whole number from `min` to `max`. */
export function parseCount(name: string, text: string, min: number, max: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw invalidValue(name, text, `must be a whole number from ${min} to ${max}`);
  }
  return value;
}

/** Milliseconds of a duration as Go writes it (`1h30m`, `90s`); more than none. */
export function parseDuration(name: string, text: string): number {
  let sum = 0;
  if (text.length <= DURATION_LENGTH_MAX && DURATION.test(text)) {
    for (const [, amount, unit = ''] of text.matchAll(DURATION_PART)) {
      sum += Number(amount) * (UNIT_MS.get(unit) ?? Number.NaN);
    }
  }
  if (sum > 0 && Number.isSafeInteger(Math.ceil(sum))) return Math.ceil(sum);
  throw invalidValue(name, text, 'must be a duration such as 90s, 10m or 1h30m');
}

/** `host:port`, `:port` or `[address]:port`. */
export function parseListen(text: string): ListenAddress {
  const match = HOST_PORT.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > PORT_MAX) throw invalidValue('listen', text, 'must be HOST:PORT or :PORT');
  const host = match[1] ?? match[2];
  return { host: host === '' ? undefined : host, port };
}

/** A value that must not be empty. */
export function filePath(values: Values, name: string): string | undefined {
  const value = values.get(name);
  if (value === '') throw invalidValue(name, value, 'must not be empty');
  return value;
}

/** Entries between commas. */
export function textList(values: Values, name: string): readonly string[] | undefined {
  const text = values.get(name);
  if (text === undefined) return undefined;
  const entries = text.split(',').map((entry) => entry.trim());
  if (entries.includes('') || entries.length > ENTRIES_MAX) {
    throw invalidValue(name, text, `must be 1 to ${ENTRIES_MAX} entries separated by commas`);
  }
  return entries;
}

/** The members that are there. */
export function given<T extends object>(members: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const TIME = /^(\d{2}):(\d{2}):(\d{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$/;
/** Longest text that is read as a duration. */
const DURATION_MAX_LENGTH = 256;
const GO_DURATION = /^[+-]?((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/;
const LOOSE_DURATION = /\d+\s*([A-Za-zµ]+)/g;
const UNITS: readonly (readonly string[])[] = [
  ['ns', 'nano'],
  ['us', 'µs', 'micro'],
  ['ms', 'milli'],
  ['s', 'sec'],
  ['m', 'min'],
  ['h', 'hr', 'hour'],
  ['d', 'day'],
  ['w', 'wk', 'week'],
];

/** A calendar date `2006-01-02`. */
export function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  if (year === undefined) return false;
  const monthIndex = Number(month) - 1;
  const leap = Number(year) % 4 === 0 && (Number(year) % 100 !== 0 || Number(year) % 400 === 0);
  const days = monthIndex === 1 && leap ? 29 : DAYS[monthIndex];
  return days !== undefined && Number(day) >= 1 && Number(day) <= days;
}

/** An RFC 3339 date and time. */
export function isDateTime(text: string): boolean {
  const [date = '', time, ...more] = text.toLowerCase().split('t');
  if (time === undefined || more.length > 0 || !isDate(date)) return false;
  const [, hours = '', minutes = '', seconds = ''] = TIME.exec(time) ?? [];
  return hours !== '' && hours <= '23' && minutes <= '59' && seconds <= '59';
}

/** A duration as Go writes it (`1h30m`), or one with units in words anywhere in it (`5 days`). */
export function isDuration(text: string): boolean {
  if (text.length > DURATION_MAX_LENGTH) return false;
  if (text === '0' || text === '+0' || text === '-0' || GO_DURATION.test(text)) return true;
  return [...text.matchAll(LOOSE_DURATION)].some(([, unit = '']) => isUnit(unit.toLowerCase()));
}

/** The last variant of a unit may be a prefix: `min`, `minutes`. */
function isUnit(unit: string): boolean {
  return UNITS.some((variants) => variants.includes(unit) || unit.startsWith(variants.at(-1) ?? unit));
}

import { getOwn, isNumber, type JsonObject, type JsonValue, setOwn } from '../json/value.js';
import { readBoolean } from '../schema/read.js';
import type { Site } from './site.js';

type Direction = 'upper' | 'lower';

const LOOSER = 'is stricter in the new schema';

/** A count such as maxItems: the smaller upper bound, the larger lower bound is the common one. */
export function commonCount(
  lcd: JsonObject,
  next: JsonObject,
  keyword: string,
  direction: Direction,
  site: Site,
): void {
  const wanted = getOwn(next, keyword);
  if (!isNumber(wanted)) return;
  const own = getOwn(lcd, keyword);
  if (isNumber(own) && (direction === 'upper' ? own <= wanted : own >= wanted)) return;
  if (site.mayNarrow(keyword, wanted, LOOSER)) setOwn(lcd, keyword, wanted);
}

/** minimum or maximum together with its exclusiveness. */
export function commonLimit(lcd: JsonObject, next: JsonObject, direction: Direction, site: Site): void {
  const keyword = direction === 'upper' ? 'maximum' : 'minimum';
  const exclusive = direction === 'upper' ? 'exclusiveMaximum' : 'exclusiveMinimum';
  const wanted = getOwn(next, keyword);
  if (!isNumber(wanted)) return;
  const own = getOwn(lcd, keyword);
  if (isNumber(own) && isAsStrict(lcd, own, next, wanted, exclusive, direction)) return;
  if (!site.mayNarrow(keyword, wanted, LOOSER)) return;
  setOwn(lcd, keyword, wanted);
  if (readBoolean(next, exclusive)) setOwn(lcd, exclusive, true);
  else delete lcd[exclusive];
}

function isAsStrict(
  lcd: JsonObject,
  own: number | bigint,
  next: JsonObject,
  wanted: number | bigint,
  exclusive: string,
  direction: Direction,
): boolean {
  // biome-ignore lint/suspicious/noDoubleEquals: a number and a bigint of the same value are equal
  if (own == wanted) return readBoolean(lcd, exclusive) || !readBoolean(next, exclusive);
  return direction === 'upper' ? own < wanted : own > wanted;
}

/** What cannot be compared but for equality: the new schema must not have one of its own. */
export function commonOpaque(lcd: JsonObject, next: JsonObject, keyword: string, equal: Equal, site: Site): void {
  const wanted = getOwn(next, keyword);
  if (wanted === undefined) return;
  const own = getOwn(lcd, keyword);
  if (own === undefined) {
    if (site.mayNarrow(keyword, wanted, LOOSER)) setOwn(lcd, keyword, wanted);
  } else if (!equal(own, wanted)) site.refuse(keyword, wanted, 'differs, and no value meets both');
}

type Equal = (one: JsonValue, other: JsonValue) => boolean;

import { deepEqual, getOwn, type JsonObject, type JsonValue, setOwn } from '../json/value.js';
import { readBoolean, readList, readObjects } from '../schema/read.js';
import type { Site } from './site.js';

const COMBINATORS = ['allOf', 'anyOf', 'oneOf', 'not'];
const RULES = 'x-kubernetes-validations';
const REMOVED = 'may speak of a property that the common schema does not have';

/** The values of a list that both schemas allow; a schema without the list allows all. */
export function commonEnum(lcd: JsonObject, next: JsonObject, site: Site): void {
  if (getOwn(next, 'enum') === undefined) return;
  const allowed = readList(next, 'enum');
  if (getOwn(lcd, 'enum') === undefined) {
    if (site.mayNarrow('enum', [...allowed], 'has been added')) setOwn(lcd, 'enum', [...allowed]);
    return;
  }
  const own = readList(lcd, 'enum');
  const both = own.filter((value) => allowed.some((other) => deepEqual(value, other)));
  if (both.length === own.length) return;
  const lost = own.filter((value) => !both.includes(value));
  if (!site.mayNarrow('enum', lost, 'values have been removed')) return;
  if (both.length === 0) site.refuse('enum', [...allowed], 'no value is allowed by both');
  else setOwn(lcd, 'enum', both);
}

export function commonNullable(lcd: JsonObject, next: JsonObject, site: Site): void {
  if (!readBoolean(lcd, 'nullable') || readBoolean(next, 'nullable')) return;
  if (site.mayNarrow('nullable', false, 'null is no longer allowed')) delete lcd.nullable;
}

/** Where the two fill in different values, nothing is filled in: each side fills in its own. */
export function commonDefault(lcd: JsonObject, next: JsonObject, site: Site): void {
  const [own, other] = [getOwn(lcd, 'default'), getOwn(next, 'default')];
  if (own === undefined || other === undefined || deepEqual(own, other)) return;
  if (site.mayNarrow('default', other, 'another value is filled in')) delete lcd.default;
}

/** Combinations of schemas are not merged: the new schema has none, or the same. */
export function commonCombinators(lcd: JsonObject, next: JsonObject, site: Site): void {
  for (const keyword of COMBINATORS) {
    const wanted = getOwn(next, keyword);
    if (wanted === undefined || deepEqual(getOwn(lcd, keyword), wanted)) continue;
    site.refuse(keyword, wanted, 'differs, and combinations of schemas cannot be brought together');
  }
}

/** An object that meets the rules of both schemas meets all of them. */
export function commonRules(lcd: JsonObject, next: JsonObject, site: Site): void {
  const own = readObjects(lcd, RULES);
  const added = readObjects(next, RULES).filter((rule) => !own.some((known) => sameRule(known, rule)));
  if (added.length === 0) return;
  const texts = added.map((rule): JsonValue => getOwn(rule, 'rule') ?? null);
  if (site.mayNarrow(RULES, texts, 'rules have been added')) setOwn(lcd, RULES, [...own, ...added]);
}

/** Rules and combinations may name what narrowing took away below them. */
export function refuseDangling(lcd: JsonObject, site: Site): void {
  for (const keyword of [RULES, ...COMBINATORS]) {
    const value = getOwn(lcd, keyword);
    if (value !== undefined) site.refuse(keyword, value, REMOVED);
  }
}

function sameRule(one: JsonObject, other: JsonObject): boolean {
  return ['rule', 'optionalOldSelf'].every((name) => deepEqual(getOwn(one, name), getOwn(other, name)));
}

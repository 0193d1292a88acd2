import { deepEqual, getOwn, isObject, type JsonObject, setOwn } from '../json/value.js';
import { readBoolean, readObject, readObjectMap, readStrings } from '../schema/read.js';
import { commonCount } from './bounds.js';
import type { Site } from './site.js';

/** Compares two schemas below the one at hand; handed in, as schemas contain each other. */
export type CommonNode = (existing: JsonObject, next: JsonObject, site: Site) => JsonObject;

const PRESERVE = 'x-kubernetes-preserve-unknown-fields';

/** Fields of objects. `lcd` is a copy of the existing schema and becomes the common one. */
export function commonObject(lcd: JsonObject, next: JsonObject, site: Site, common: CommonNode): void {
  const mapType = (schema: JsonObject) => getOwn(schema, 'x-kubernetes-map-type') ?? 'granular';
  if (mapType(lcd) !== mapType(next)) site.refuse('x-kubernetes-map-type', mapType(next), 'differs');
  commonCount(lcd, next, 'maxProperties', 'upper', site);
  commonCount(lcd, next, 'minProperties', 'lower', site);
  if (readObject(lcd, 'properties') !== undefined) commonProperties(lcd, next, site, common);
  else if (getOwn(lcd, 'additionalProperties') !== undefined) commonAdditional(lcd, next, site, common);
  commonRequired(lcd, next, site);
}

function commonProperties(lcd: JsonObject, next: JsonObject, site: Site, common: CommonNode): void {
  const additional = getOwn(next, 'additionalProperties');
  if (isObject(additional)) eachAgainst(lcd, () => additional, site, common);
  else if (additional !== true) commonNamed(lcd, next, site, common);
}

function commonNamed(lcd: JsonObject, next: JsonObject, site: Site, common: CommonNode): void {
  const properties = readObject(next, 'properties');
  if (properties === undefined && !readBoolean(next, PRESERVE)) {
    site.refuse('properties', Object.keys(readObject(lcd, 'properties') ?? {}), 'the new schema has no properties');
    return;
  }
  const known = properties ?? {};
  if (!readBoolean(next, PRESERVE)) removeLost(lcd, known, site);
  eachAgainst(lcd, (name) => readObject(known, name), site, common);
}

function eachAgainst(
  lcd: JsonObject,
  nextOf: (name: string) => JsonObject | undefined,
  site: Site,
  common: CommonNode,
): void {
  const properties: JsonObject = {};
  for (const [name, existing] of readObjectMap(lcd, 'properties')) {
    const next = nextOf(name);
    setOwn(properties, name, next === undefined ? existing : common(existing, next, site.property(name)));
  }
  lcd.properties = properties;
}

/** Takes away what the new schema does not know, where that is allowed and nobody needs it. */
function removeLost(lcd: JsonObject, known: JsonObject, site: Site): void {
  const lost = readObjectMap(lcd, 'properties')
    .map(([name]) => name)
    .filter((name) => getOwn(known, name) === undefined);
  if (lost.length === 0) return;
  if (!site.mayNarrow('properties', lost, 'properties have been removed in an incompatible way')) return;
  const needed = lost.filter((name) => readStrings(lcd, 'required').includes(name));
  if (needed.length > 0)
    site.refuse('required', needed, 'properties have been removed that the existing schema requires');
  const left = readObjectMap(lcd, 'properties').filter(([name]) => !lost.includes(name));
  lcd.properties = Object.fromEntries(left);
  site.findings.removed += lost.length;
}

function commonAdditional(lcd: JsonObject, next: JsonObject, site: Site, common: CommonNode): void {
  const [own, other] = [getOwn(lcd, 'additionalProperties'), getOwn(next, 'additionalProperties')];
  if (isObject(own)) {
    if (isObject(other)) lcd.additionalProperties = common(own, other, site.child('additionalProperties'));
    else if (other !== true && !acceptsAnything(next)) {
      site.refuse('additionalProperties', other ?? false, 'names are no longer free in the new schema');
    }
    return;
  }
  if (own !== true || other === true || acceptsAnything(next)) return;
  if (!site.mayNarrow('additionalProperties', other ?? false, 'values are no longer free in the new schema')) return;
  delete lcd.additionalProperties;
  for (const name of ['additionalProperties', 'properties']) {
    const value = getOwn(next, name);
    if (value !== undefined) setOwn(lcd, name, value);
  }
  site.findings.removed++;
}

function acceptsAnything(schema: JsonObject): boolean {
  return readBoolean(schema, PRESERVE) && getOwn(schema, 'properties') === undefined;
}

/** What the new schema requires and does not fill in itself must be required, and there to be given. */
function commonRequired(lcd: JsonObject, next: JsonObject, site: Site): void {
  const own = readStrings(lcd, 'required');
  const filledIn = (name: string) =>
    getOwn(readObject(readObject(next, 'properties') ?? {}, name) ?? {}, 'default') !== undefined;
  const added = readStrings(next, 'required').filter((name) => !own.includes(name) && !filledIn(name));
  if (added.length === 0) return;
  if (!site.mayNarrow('required', added, 'properties have become required')) return;
  const absent = added.filter((name) => !canHave(lcd, name));
  if (absent.length > 0)
    site.refuse('required', absent, 'properties are required that the existing schema does not have');
  else lcd.required = [...own, ...added];
}

function canHave(lcd: JsonObject, name: string): boolean {
  const properties = readObject(lcd, 'properties');
  if (properties !== undefined && getOwn(properties, name) !== undefined) return true;
  const additional = getOwn(lcd, 'additionalProperties');
  return isObject(additional) || additional === true || readBoolean(lcd, PRESERVE);
}

/** Unknown fields are kept by the common schema only where both keep them. */
export function commonPreserve(lcd: JsonObject, next: JsonObject, site: Site): void {
  if (
    !readBoolean(lcd, PRESERVE) ||
    readBoolean(next, PRESERVE) ||
    deepEqual(getOwn(next, 'additionalProperties'), true)
  ) {
    return;
  }
  if (site.mayNarrow(PRESERVE, false, 'unknown fields are no longer kept')) {
    delete lcd[PRESERVE];
    site.findings.removed++;
  }
}

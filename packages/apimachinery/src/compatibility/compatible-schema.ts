import type { FieldError } from '../errors/field-error.js';
import { deepClone, deepEqual, getOwn, isObject, type JsonObject, type JsonValue } from '../json/value.js';
import { readBoolean, readObject, readString, readStrings } from '../schema/read.js';
import { commonCount, commonLimit, commonOpaque } from './bounds.js';
import { hasValidDefault } from './kept-default.js';
import { type CommonNode, commonObject, commonPreserve } from './objects.js';
import { KNOWN_TYPES, Site } from './site.js';
import {
  commonCombinators,
  commonDefault,
  commonEnum,
  commonNullable,
  commonRules,
  refuseDangling,
} from './value-rules.js';

export interface CommonSchema {
  /** Whatever is valid under it is valid under both schemas, provided that there are no errors. */
  readonly schema: JsonObject;
  /** Where and why the schemas cannot be brought together. Fields are paths below the kind. */
  readonly errors: readonly FieldError[];
}

/**
 * The lowest common denominator of two structural schemas (JSON form). Without `narrow` it is the existing schema, and
 * an error wherever the new one is stricter; with it, whatever both allow, and an error only where nothing sensible is
 * left or where two constructs cannot be brought together. Unhandled constructs are errors, never silent passes.
 */
export function commonSchema(kind: string, existing: JsonObject, next: JsonObject, narrow: boolean): CommonSchema {
  const site = new Site(kind, narrow);
  const schema = commonNode(deepClone(existing), next, site);
  return { schema, errors: site.findings.errors };
}

const INT_OR_STRING = 'x-kubernetes-int-or-string';
const PRESERVE = 'x-kubernetes-preserve-unknown-fields';
const EMBEDDED = 'x-kubernetes-embedded-resource';

const commonNode: CommonNode = (existing, next, site) => {
  const lcd = { ...existing };
  const removedBefore = site.findings.removed;
  refuseUnknown(existing, next, site);
  if (readBoolean(lcd, EMBEDDED) !== readBoolean(next, EMBEDDED)) {
    site.refuse(EMBEDDED, readBoolean(next, EMBEDDED), 'differs');
  }
  commonNullable(lcd, next, site);
  commonDefault(lcd, next, site);
  commonEnum(lcd, next, site);
  commonCombinators(lcd, next, site);
  commonRules(lcd, next, site);
  commonOfType(lcd, next, site);
  if (site.findings.removed > removedBefore) refuseDangling(lcd, site);
  if (!hasValidDefault(lcd, existing)) delete lcd.default;
  return lcd;
};

function commonOfType(lcd: JsonObject, next: JsonObject, site: Site): void {
  const type = readString(lcd, 'type');
  if (readBoolean(lcd, INT_OR_STRING) || readBoolean(next, INT_OR_STRING)) commonIntOrString(lcd, next, site);
  else if (type === '' && readBoolean(lcd, PRESERVE)) commonAnything(lcd, next, site);
  else if (!KNOWN_TYPES.includes(type)) site.unknownType(type);
  else if (isSameType(lcd, type, readString(next, 'type'), site)) commonTyped(lcd, type, next, site);
}

function commonTyped(lcd: JsonObject, type: string, next: JsonObject, site: Site): void {
  if (type === 'object' || type === 'array') commonPreserve(lcd, next, site);
  if (type === 'object') commonObject(lcd, next, site, commonNode);
  else if (type === 'array') commonArray(lcd, next, site);
  else if (type === 'string') commonString(lcd, next, site);
  else if (type !== 'boolean') commonNumber(lcd, next, site);
}

/** True when the comparison may go on; an integer is a number. */
function isSameType(lcd: JsonObject, type: string, wanted: string, site: Site): boolean {
  if (type === wanted || (type === 'integer' && wanted === 'number')) return true;
  const changed = `the type changed from ${type}`;
  if (type !== 'number' || wanted !== 'integer') {
    site.refuse('type', wanted, changed);
    return false;
  }
  if (!site.mayNarrow('type', wanted, changed)) return false;
  lcd.type = 'integer';
  return true;
}

function commonAnything(lcd: JsonObject, next: JsonObject, site: Site): void {
  const [type, wanted] = [readString(lcd, 'type'), readString(next, 'type')];
  if (wanted !== '') site.refuse('type', wanted, 'the existing schema takes any type');
  else if (type === '') commonPreserve(lcd, next, site);
}

function commonIntOrString(lcd: JsonObject, next: JsonObject, site: Site): void {
  if (!readBoolean(next, INT_OR_STRING) || !readBoolean(lcd, INT_OR_STRING)) {
    site.refuse(INT_OR_STRING, readBoolean(next, INT_OR_STRING), 'differs');
    return;
  }
  commonString(lcd, next, site);
  commonNumber(lcd, next, site);
}

function commonNumber(lcd: JsonObject, next: JsonObject, site: Site): void {
  commonLimit(lcd, next, 'upper', site);
  commonLimit(lcd, next, 'lower', site);
  commonOpaque(lcd, next, 'multipleOf', deepEqual, site);
  commonFormat(lcd, next, site);
}

function commonString(lcd: JsonObject, next: JsonObject, site: Site): void {
  commonCount(lcd, next, 'maxLength', 'upper', site);
  commonCount(lcd, next, 'minLength', 'lower', site);
  commonOpaque(lcd, next, 'pattern', deepEqual, site);
  commonFormat(lcd, next, site);
}

/** Formats are known by name alone, so they must be the same, also when narrowing. */
function commonFormat(lcd: JsonObject, next: JsonObject, site: Site): void {
  const [format, wanted] = [readString(lcd, 'format'), readString(next, 'format')];
  if (format !== wanted) site.refuse('format', wanted, `the format changed from ${JSON.stringify(format)}`);
}

function commonArray(lcd: JsonObject, next: JsonObject, site: Site): void {
  commonCount(lcd, next, 'maxItems', 'upper', site);
  commonCount(lcd, next, 'minItems', 'lower', site);
  if (readBoolean(next, 'uniqueItems') && !readBoolean(lcd, 'uniqueItems')) {
    if (site.mayNarrow('uniqueItems', true, 'items have to be unique')) lcd.uniqueItems = true;
  }
  commonListType(lcd, next, site);
  const [items, wanted] = [readObject(lcd, 'items'), readObject(next, 'items')];
  if (items !== undefined && wanted !== undefined) lcd.items = commonNode(items, wanted, site.child('items'));
  else if (items !== undefined || wanted !== undefined) site.refuse('items', wanted ?? null, 'differ');
}

function commonListType(lcd: JsonObject, next: JsonObject, site: Site): void {
  const listType = (schema: JsonObject) => readString(schema, 'x-kubernetes-list-type') || 'atomic';
  const keys = (schema: JsonObject): JsonValue[] => readStrings(schema, 'x-kubernetes-list-map-keys').sort();
  if (listType(lcd) !== listType(next)) site.refuse('x-kubernetes-list-type', listType(next), 'differs');
  if (!deepEqual(keys(lcd), keys(next))) site.refuse('x-kubernetes-list-map-keys', keys(next), 'differ');
}

const HANDLED: ReadonlySet<string> = new Set([
  ...['type', 'format', 'title', 'description', 'default', 'example', 'externalDocs', 'nullable', 'enum'],
  ...['maximum', 'exclusiveMaximum', 'minimum', 'exclusiveMinimum', 'multipleOf'],
  ...['maxLength', 'minLength', 'pattern', 'maxItems', 'minItems', 'uniqueItems', 'items'],
  ...['maxProperties', 'minProperties', 'required', 'properties', 'additionalProperties'],
  ...['allOf', 'anyOf', 'oneOf', 'not', 'x-kubernetes-validations', INT_OR_STRING, PRESERVE, EMBEDDED],
  ...['x-kubernetes-list-type', 'x-kubernetes-list-map-keys', 'x-kubernetes-map-type'],
  ...['x-kubernetes-patch-strategy', 'x-kubernetes-patch-merge-key', 'x-kubernetes-group-version-kind'],
]);

function refuseUnknown(existing: JsonObject, next: JsonObject, site: Site): void {
  for (const keyword of new Set([...Object.keys(existing), ...Object.keys(next)])) {
    if (HANDLED.has(keyword) || deepEqual(getOwn(existing, keyword), getOwn(next, keyword))) continue;
    const value = getOwn(next, keyword) ?? null;
    site.refuse(keyword, isObject(value) ? {} : value, 'is not understood, and differs');
  }
}

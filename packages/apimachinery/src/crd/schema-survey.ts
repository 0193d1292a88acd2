import { deepEqual, isObject, type JsonObject, type JsonValue } from '../json/value.js';
import { checkedFormat } from '../schema/formats.js';
import { SCHEMA_MAX_DEPTH } from '../schema/node.js';
import { patternFault } from '../schema/pattern.js';
import { isRestDue, type Work } from '../turns/work.js';

/** What one look at a schema tells, so that those who judge it go only where there is something to judge. */
export interface Survey {
  /** It is nested deeper than schemas may be; what lies deeper was not looked at. */
  readonly isTooDeep: boolean;
  /** Something has a default. */
  readonly hasDefaults: boolean;
  /** Something has rules. */
  readonly hasRules: boolean;
  /** Something cannot be read as a structural schema at all. */
  readonly hasUnsupported: boolean;
  /**
   * The root, and all schemas that are not plain or have some inside. A plain one has only keywords and values in which
   * nobody finds a fault, a default, a rule or an unknown format, wherever it stands; most schemas are.
   */
  readonly toJudge: ReadonlySet<JsonObject>;
}

/** By the schemas themselves: several look at one on its way, and nobody changes it meanwhile. */
const known = new WeakMap<JsonObject, Survey>();

/** Looks at a schema and all inside of it, once. */
export function* surveyOf(schema: JsonObject): Work<Survey> {
  const before = known.get(schema);
  if (before !== undefined) return before;
  const survey = new Surveyor();
  yield* survey.isPlain(schema, 0);
  survey.toJudge.add(schema);
  known.set(schema, survey);
  return survey;
}

/** Schemas inside a schema that make it one to judge, whatever they are like. */
const SINGLE: ReadonlySet<string> = new Set(['not', 'additionalItems']);
const LISTS: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf']);
const MAPS: ReadonlySet<string> = new Set(['patternProperties', 'definitions', 'dependencies']);
const UNSUPPORTED: ReadonlySet<string> = new Set([
  'id',
  '$schema',
  '$ref',
  'patternProperties',
  'dependencies',
  'additionalItems',
  'definitions',
]);
/** Keywords of which nothing is said outside of combined schemas. */
const HARMLESS: ReadonlySet<string> = new Set([
  'description',
  'title',
  'example',
  'externalDocs',
  'enum',
  'required',
  'nullable',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'multipleOf',
  'maxLength',
  'minLength',
  'maxItems',
  'minItems',
  'maxProperties',
  'minProperties',
]);
const TYPES: ReadonlySet<JsonValue | undefined> = new Set([
  'array',
  'boolean',
  'integer',
  'number',
  'object',
  'string',
]);
const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }];

class Surveyor implements Survey {
  isTooDeep = false;
  hasDefaults = false;
  hasRules = false;
  hasUnsupported = false;
  readonly toJudge = new Set<JsonObject>();

  *isPlain(schema: JsonObject, depth: number): Work<boolean> {
    if (isRestDue()) yield;
    if (depth >= SCHEMA_MAX_DEPTH) this.isTooDeep = true;
    if (this.isTooDeep) return false;
    let plain = isTyped(schema);
    for (const keyword of Object.keys(schema)) {
      const value = schema[keyword];
      if (value === undefined || HARMLESS.has(keyword)) continue;
      if (keyword === 'properties') plain = (yield* this.#arePlain(value, depth)) && plain;
      else if (keyword === 'items' && isObject(value)) plain = (yield* this.isPlain(value, depth + 1)) && plain;
      else if (keyword === 'additionalProperties') plain = (yield* this.#isPlainMap(value, schema, depth)) && plain;
      else if (!this.#isHarmless(keyword, value, schema)) {
        plain = false;
        yield* this.#look(keyword, value, depth);
      }
    }
    if (!plain) this.toJudge.add(schema);
    return plain;
  }

  *#arePlain(properties: JsonValue, depth: number): Work<boolean> {
    if (!isObject(properties)) return false;
    let plain = true;
    for (const name of Object.keys(properties)) {
      const property = properties[name];
      if (!isObject(property)) plain = false;
      else if (depth + 1 >= SCHEMA_MAX_DEPTH || !this.#isPlainLeaf(property)) {
        plain = (yield* this.isPlain(property, depth + 1)) && plain;
      } else if (isRestDue() || property.pattern !== undefined) yield;
    }
    return plain;
  }

  /** Plain, and nothing inside: found without work that may be put aside, which most schemas are not worth. */
  #isPlainLeaf(schema: JsonObject): boolean {
    for (const keyword of Object.keys(schema)) {
      const value = schema[keyword];
      if (value !== undefined && !HARMLESS.has(keyword) && !this.#isHarmless(keyword, value, schema)) return false;
    }
    return isTyped(schema);
  }

  *#isPlainMap(value: JsonValue, { properties }: JsonObject, depth: number): Work<boolean> {
    const alone = value === true || properties === undefined;
    return (isObject(value) ? yield* this.isPlain(value, depth + 1) : typeof value === 'boolean') && alone;
  }

  #isHarmless(keyword: string, value: JsonValue, schema: JsonObject): boolean {
    switch (keyword) {
      case 'type':
        return TYPES.has(value);
      case 'format':
        return typeof value === 'string' && isKnownFormat(schema, value);
      case 'pattern':
        return typeof value === 'string' && patternFault(value) === undefined;
      case 'uniqueItems':
        return value === false;
      case 'x-kubernetes-preserve-unknown-fields':
        return value === true && schema['x-kubernetes-int-or-string'] !== true;
      case 'x-kubernetes-int-or-string':
        return value === true;
      case 'anyOf':
        return schema['x-kubernetes-int-or-string'] === true && deepEqual(value, INT_OR_STRING);
      case 'x-kubernetes-list-type':
        return value === 'atomic' && schema.type === 'array';
      case 'x-kubernetes-map-type':
        return (value === 'atomic' || value === 'granular') && schema.type === 'object';
      default:
        return false;
    }
  }

  /** Looks at what is not plain for what others want to know, and into it. */
  *#look(keyword: string, value: JsonValue, depth: number): Work<void> {
    if (keyword === 'default') this.hasDefaults ||= value !== null;
    else if (keyword === 'x-kubernetes-validations') this.hasRules ||= Array.isArray(value) && value.some(isObject);
    if (UNSUPPORTED.has(keyword) || keyword === 'items') this.hasUnsupported = true;
    if (keyword === 'x-kubernetes-preserve-unknown-fields') this.hasUnsupported ||= value === false;
    if (SINGLE.has(keyword) && isObject(value)) yield* this.isPlain(value, depth + 1);
    else if (MAPS.has(keyword)) yield* this.#arePlain(value, depth);
    else if ((LISTS.has(keyword) || keyword === 'items') && Array.isArray(value)) yield* this.#lookAll(value, depth);
  }

  *#lookAll(schemas: readonly JsonValue[], depth: number): Work<void> {
    for (const schema of schemas) if (isObject(schema)) yield* this.isPlain(schema, depth + 1);
  }
}

/** What stands for the type is there, and what the type needs. */
function isTyped(schema: JsonObject): boolean {
  if (schema.type === undefined) {
    return schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  }
  return schema.type !== 'array' || isObject(schema.items);
}

function isKnownFormat({ type }: JsonObject, format: string): boolean {
  return format === '' || checkedFormat(typeof type === 'string' ? [type] : [], format) !== '';
}

import { createHash } from 'node:crypto';
import { stringify } from '../json/stringify.js';
import { getOwn, isObject, type JsonObject } from '../json/value.js';
import { checkedFormat } from './formats.js';
import {
  type AdditionalProperties,
  type Junctors,
  type Limits,
  SCHEMA_MAX_DEPTH,
  SCHEMA_MAX_NODES,
  SchemaError,
  type SchemaNode,
} from './node.js';
import { compilePattern } from './pattern.js';
import {
  readBoolean,
  readList,
  readNumber,
  readObject,
  readObjectMap,
  readObjects,
  readOptionalString,
  readString,
  readStrings,
} from './read.js';

/** A compiled structural schema; its root describes whole objects. */
export type StructuralSchema = SchemaNode;

/** Most schemas that are kept; the least recently used one goes first. */
export const SCHEMA_CACHE_MAX = 1000;

const byIdentity = new WeakMap<JsonObject, StructuralSchema>();
const byContent = new Map<string, StructuralSchema>();

/**
 * Compiles an `openAPIV3Schema`, once per content: the same text gives the same schema object. Throws SchemaError
 * when it is nested too deep or too large. The input must not change afterwards.
 */
export function compileSchema(openAPIV3Schema: JsonObject): StructuralSchema {
  const known = byIdentity.get(openAPIV3Schema);
  if (known !== undefined) return known;
  const hash = createHash('sha256').update(stringify(openAPIV3Schema)).digest('base64');
  const schema = byContent.get(hash) ?? compileUncached(openAPIV3Schema);
  byContent.delete(hash);
  byContent.set(hash, schema);
  for (const oldest of byContent.keys()) {
    if (byContent.size <= SCHEMA_CACHE_MAX) break;
    byContent.delete(oldest);
  }
  byIdentity.set(openAPIV3Schema, schema);
  return schema;
}

/** Compiles without looking into or filling the cache. */
export function compileUncached(openAPIV3Schema: JsonObject): StructuralSchema {
  return compileNode(openAPIV3Schema, 0, { nodes: 0 });
}

interface Budget {
  nodes: number;
}

function compileNode(source: JsonObject, depth: number, budget: Budget): SchemaNode {
  if (depth > SCHEMA_MAX_DEPTH) throw new SchemaError(`schema is nested deeper than ${SCHEMA_MAX_DEPTH} levels`);
  if (++budget.nodes > SCHEMA_MAX_NODES) throw new SchemaError(`schema has more than ${SCHEMA_MAX_NODES} nodes`);
  const compile = (inner: JsonObject): SchemaNode => compileNode(inner, depth + 1, budget);
  const types = typesOf(source);
  const properties = new Map(readObjectMap(source, 'properties').map(([name, inner]) => [name, compile(inner)]));
  const itemsSource = readObject(source, 'items');
  const items = itemsSource === undefined ? undefined : compile(itemsSource);
  const additionalProperties = additional(source, compile);
  const children = [...properties.values()];
  if (items !== undefined) children.push(items);
  if (additionalProperties?.schema !== undefined) children.push(additionalProperties.schema);
  const pattern = readString(source, 'pattern');
  const defaultValue = getOwn(source, 'default');
  const listType = readOptionalString(source, 'x-kubernetes-list-type');
  const embeddedResource = readBoolean(source, 'x-kubernetes-embedded-resource');
  return {
    types,
    format: checkedFormat(types, readString(source, 'format')),
    nullable: readBoolean(source, 'nullable'),
    properties,
    additionalProperties,
    items,
    required: readStrings(source, 'required'),
    enum: readList(source, 'enum'),
    limits: limitsOf(source),
    pattern: pattern === '' ? undefined : compilePattern(pattern),
    junctors: junctorsOf(source, compile),
    preserveUnknownFields: readBoolean(source, 'x-kubernetes-preserve-unknown-fields'),
    embeddedResource,
    intOrString: readBoolean(source, 'x-kubernetes-int-or-string'),
    listType,
    listMapKeys: readStrings(source, 'x-kubernetes-list-map-keys'),
    mapType: readOptionalString(source, 'x-kubernetes-map-type'),
    default: defaultValue === null ? undefined : defaultValue,
    validations: readObjects(source, 'x-kubernetes-validations'),
    hasDefaults: (defaultValue ?? null) !== null || children.some((child) => child.hasDefaults),
    hasListTypes: listType === 'set' || listType === 'map' || children.some((child) => child.hasListTypes),
    hasEmbedded: embeddedResource || children.some((child) => child.hasEmbedded),
  };
}

function typesOf(source: JsonObject): readonly string[] {
  if (readBoolean(source, 'x-kubernetes-int-or-string')) return ['integer', 'string'];
  const type = readString(source, 'type');
  return type === '' ? [] : [type];
}

function additional(source: JsonObject, compile: (inner: JsonObject) => SchemaNode): AdditionalProperties | undefined {
  const value = getOwn(source, 'additionalProperties');
  if (isObject(value)) return { allows: true, schema: compile(value) };
  return typeof value === 'boolean' ? { allows: value, schema: undefined } : undefined;
}

const LIMIT_NAMES = [
  'maximum',
  'minimum',
  'multipleOf',
  'maxLength',
  'minLength',
  'maxItems',
  'minItems',
  'uniqueItems',
  'maxProperties',
  'minProperties',
] as const;

function limitsOf(source: JsonObject): Limits | undefined {
  if (!LIMIT_NAMES.some((name) => getOwn(source, name) !== undefined)) return undefined;
  return {
    maximum: readNumber(source, 'maximum'),
    exclusiveMaximum: readBoolean(source, 'exclusiveMaximum'),
    minimum: readNumber(source, 'minimum'),
    exclusiveMinimum: readBoolean(source, 'exclusiveMinimum'),
    multipleOf: readNumber(source, 'multipleOf'),
    maxLength: readNumber(source, 'maxLength'),
    minLength: readNumber(source, 'minLength'),
    maxItems: readNumber(source, 'maxItems'),
    minItems: readNumber(source, 'minItems'),
    uniqueItems: readBoolean(source, 'uniqueItems'),
    maxProperties: readNumber(source, 'maxProperties'),
    minProperties: readNumber(source, 'minProperties'),
  };
}

function junctorsOf(source: JsonObject, compile: (inner: JsonObject) => SchemaNode): Junctors | undefined {
  const [allOf, anyOf, oneOf] = ['allOf', 'anyOf', 'oneOf'].map((name) => readObjects(source, name).map(compile));
  const not = readObject(source, 'not');
  if (allOf === undefined || anyOf === undefined || oneOf === undefined) return undefined;
  if (allOf.length + anyOf.length + oneOf.length === 0 && not === undefined) return undefined;
  return { allOf, anyOf, oneOf, not: not === undefined ? undefined : compile(not) };
}

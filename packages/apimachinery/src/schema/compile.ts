import { createHash } from 'node:crypto';
import { stringify } from '../json/stringify.js';
import { getOwn, isObject, type JsonObject } from '../json/value.js';
import { Recent } from '../recent/recent.js';
import { atOnce, isRestDue, type Work } from '../turns/work.js';
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
  readObjects,
  readOptionalString,
  readString,
  readStrings,
} from './read.js';

/** A compiled structural schema; its root describes whole objects. */
export type StructuralSchema = SchemaNode;

/** Schemas that are kept though nobody holds them; the least recently used one goes first. */
export const SCHEMAS_KEPT_MAX = 128;

const byIdentity = new WeakMap<JsonObject, StructuralSchema>();
/** As long as anybody holds a schema, the same text gives the same one. */
const byContent = new Map<string, WeakRef<StructuralSchema>>();
const gone = new FinalizationRegistry<string>((hash) => {
  if (byContent.get(hash)?.deref() === undefined) byContent.delete(hash);
});
const kept = new Recent<StructuralSchema, true>(SCHEMAS_KEPT_MAX);

/**
 * Compiles an `openAPIV3Schema`, once per content: the same text gives the same schema object. Throws SchemaError
 * when it is nested too deep or too large. The input must not change afterwards.
 */
export function compileSchema(openAPIV3Schema: JsonObject): StructuralSchema {
  return byIdentity.get(openAPIV3Schema) ?? atOnce(compilation(openAPIV3Schema));
}

/** `compileSchema` as work that may be put aside. */
export function* compilation(openAPIV3Schema: JsonObject): Work<StructuralSchema> {
  const known = byIdentity.get(openAPIV3Schema);
  if (known !== undefined) return known;
  const hash = createHash('sha256').update(stringify(openAPIV3Schema)).digest('base64');
  yield;
  const schema = byContent.get(hash)?.deref() ?? (yield* compileAs(hash, openAPIV3Schema));
  keepSchema(schema);
  byIdentity.set(openAPIV3Schema, schema);
  return schema;
}

function* compileAs(hash: string, openAPIV3Schema: JsonObject): Work<StructuralSchema> {
  const schema = yield* uncachedCompilation(openAPIV3Schema);
  byContent.set(hash, new WeakRef(schema));
  gone.register(schema, hash);
  return schema;
}

/** The schema is in use: it stays for a while, together with all that was made of it. */
export function keepSchema(schema: StructuralSchema): void {
  kept.set(schema, true);
}

/** Compiles without looking into or filling the cache. */
export function compileUncached(openAPIV3Schema: JsonObject): StructuralSchema {
  return atOnce(uncachedCompilation(openAPIV3Schema));
}

/** `compileUncached` as work that may be put aside. */
export function uncachedCompilation(openAPIV3Schema: JsonObject): Work<StructuralSchema> {
  return compileNode(openAPIV3Schema, 0, { nodes: 0 });
}

interface Budget {
  nodes: number;
}

function* compileNode(source: JsonObject, depth: number, budget: Budget): Work<SchemaNode> {
  countNode(depth, budget);
  if (isRestDue()) yield;
  if (isLeaf(source)) return leafNode(source);
  const compile = (inner: JsonObject): Work<SchemaNode> => compileNode(inner, depth + 1, budget);
  const properties = yield* propertiesOf(source, depth, budget);
  const itemsSource = readObject(source, 'items');
  const items = itemsSource === undefined ? undefined : yield* compile(itemsSource);
  const additionalProperties = yield* additional(source, compile);
  const junctors = yield* junctorsOf(source, compile);
  const node = { ...ownNode(source), properties, additionalProperties, items, junctors };
  for (const property of properties.values()) takeIn(node, property);
  if (items !== undefined) takeIn(node, items);
  if (additionalProperties?.schema !== undefined) takeIn(node, additionalProperties.schema);
  node.hasRules ||= junctors?.allOf.some(({ hasRules }) => hasRules) === true;
  return node;
}

type Has = Pick<SchemaNode, 'hasDefaults' | 'hasListTypes' | 'hasEmbedded' | 'hasRules'>;

/** What is so below a node is so for the node. */
function takeIn(node: { -readonly [K in keyof Has]: boolean }, inner: Has): void {
  node.hasDefaults ||= inner.hasDefaults;
  node.hasListTypes ||= inner.hasListTypes;
  node.hasEmbedded ||= inner.hasEmbedded;
  node.hasRules ||= inner.hasRules;
}

function countNode(depth: number, budget: Budget): void {
  if (depth > SCHEMA_MAX_DEPTH) throw new SchemaError(`schema is nested deeper than ${SCHEMA_MAX_DEPTH} levels`);
  if (++budget.nodes > SCHEMA_MAX_NODES) throw new SchemaError(`schema has more than ${SCHEMA_MAX_NODES} nodes`);
}

/** Keywords of which a compiled node keeps a word for the type and the format, or nothing. */
const SIMPLE: ReadonlySet<string> = new Set(['type', 'format', 'description', 'title', 'example', 'externalDocs']);

/** Keywords that have schemas inside, as far as they count. */
const NESTING: ReadonlySet<string> = new Set([
  'properties',
  'items',
  'additionalProperties',
  'allOf',
  'anyOf',
  'oneOf',
  'not',
]);

function isLeaf(source: JsonObject): boolean {
  for (const keyword of Object.keys(source)) if (NESTING.has(keyword)) return false;
  return true;
}

/** Nodes that have but a type and a format, which are most: one for all places that say the same. */
const simple = new Map<string, SchemaNode>();

/** A node as far as its own keywords go, without what is nested. */
function leafNode(source: JsonObject): SchemaNode {
  for (const keyword of Object.keys(source)) if (!SIMPLE.has(keyword)) return ownNode(source);
  const type = readString(source, 'type');
  if (!SCHEMA_TYPES.has(type)) return ownNode(source);
  const format = checkedFormat(typesOf(source), readString(source, 'format'));
  const content = `${type} ${format}`;
  const node = simple.get(content) ?? ownNode(source);
  simple.set(content, node);
  return node;
}

function ownNode(source: JsonObject): SchemaNode {
  const types = typesOf(source);
  const defaultValue = getOwn(source, 'default') ?? undefined;
  const pattern = readString(source, 'pattern');
  const listType = readOptionalString(source, 'x-kubernetes-list-type');
  const embeddedResource = readBoolean(source, 'x-kubernetes-embedded-resource');
  const validations = orNone(readObjects(source, 'x-kubernetes-validations'));
  return {
    types,
    format: checkedFormat(types, readString(source, 'format')),
    nullable: readBoolean(source, 'nullable'),
    properties: NO_PROPERTIES,
    additionalProperties: undefined,
    items: undefined,
    required: orNone(readStrings(source, 'required')),
    enum: orNone(readList(source, 'enum')),
    limits: limitsOf(source),
    pattern: pattern === '' ? undefined : compilePattern(pattern),
    junctors: undefined,
    preserveUnknownFields: readBoolean(source, 'x-kubernetes-preserve-unknown-fields'),
    embeddedResource,
    intOrString: readBoolean(source, 'x-kubernetes-int-or-string'),
    listType,
    listMapKeys: orNone(readStrings(source, 'x-kubernetes-list-map-keys')),
    mapType: readOptionalString(source, 'x-kubernetes-map-type'),
    default: defaultValue,
    validations,
    hasDefaults: defaultValue !== undefined,
    hasListTypes: listType === 'set' || listType === 'map',
    hasEmbedded: embeddedResource,
    hasRules: validations.length > 0,
  };
}

/** Most nodes have none of most things; they share these. */
const NO_PROPERTIES: ReadonlyMap<string, SchemaNode> = new Map();
const NONE: readonly never[] = [];

function orNone<T>(items: readonly T[]): readonly T[] {
  return items.length === 0 ? NONE : items;
}

type Compile = (inner: JsonObject) => Work<SchemaNode>;

function* propertiesOf(source: JsonObject, depth: number, budget: Budget): Work<SchemaNode['properties']> {
  const map = readObject(source, 'properties');
  if (map === undefined) return NO_PROPERTIES;
  const compiled = new Map<string, SchemaNode>();
  for (const name of Object.keys(map)) {
    const inner = map[name];
    if (!isObject(inner)) continue;
    if (!isLeaf(inner)) {
      compiled.set(name, yield* compileNode(inner, depth + 1, budget));
      continue;
    }
    countNode(depth + 1, budget);
    if (isRestDue()) yield;
    compiled.set(name, leafNode(inner));
  }
  return compiled.size === 0 ? NO_PROPERTIES : compiled;
}

const SCHEMA_TYPES: ReadonlySet<string> = new Set(['array', 'boolean', 'integer', 'number', 'object', 'string']);
const INT_OR_STRING: readonly string[] = ['integer', 'string'];
/** One list for each type. */
const TYPES = new Map<string, readonly string[]>([['', NONE]]);

function typesOf(source: JsonObject): readonly string[] {
  if (readBoolean(source, 'x-kubernetes-int-or-string')) return INT_OR_STRING;
  const type = readString(source, 'type');
  const known = TYPES.get(type);
  if (known !== undefined) return known;
  const types = [type];
  if (SCHEMA_TYPES.has(type)) TYPES.set(type, types);
  return types;
}

function* additional(source: JsonObject, compile: Compile): Work<AdditionalProperties | undefined> {
  const value = getOwn(source, 'additionalProperties');
  if (isObject(value)) return { allows: true, schema: yield* compile(value) };
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

function* junctorsOf(source: JsonObject, compile: Compile): Work<Junctors | undefined> {
  const allOf = yield* compileList(readObjects(source, 'allOf'), compile);
  const anyOf = yield* compileList(readObjects(source, 'anyOf'), compile);
  const oneOf = yield* compileList(readObjects(source, 'oneOf'), compile);
  const not = readObject(source, 'not');
  if (allOf.length + anyOf.length + oneOf.length === 0 && not === undefined) return undefined;
  return { allOf, anyOf, oneOf, not: not === undefined ? undefined : yield* compile(not) };
}

function* compileList(sources: readonly JsonObject[], compile: Compile): Work<SchemaNode[]> {
  const compiled: SchemaNode[] = [];
  for (const source of sources) compiled.push(yield* compile(source));
  return compiled;
}

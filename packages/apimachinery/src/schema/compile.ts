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
  objectMembers,
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
  if (depth > SCHEMA_MAX_DEPTH) throw new SchemaError(`schema is nested deeper than ${SCHEMA_MAX_DEPTH} levels`);
  if (++budget.nodes > SCHEMA_MAX_NODES) throw new SchemaError(`schema has more than ${SCHEMA_MAX_NODES} nodes`);
  if (isRestDue()) yield;
  const compile = (inner: JsonObject): Work<SchemaNode> => compileNode(inner, depth + 1, budget);
  const types = typesOf(source);
  const properties = yield* propertiesOf(source, compile);
  const itemsSource = readObject(source, 'items');
  const items = itemsSource === undefined ? undefined : yield* compile(itemsSource);
  const additionalProperties = yield* additional(source, compile);
  const others = [items, additionalProperties?.schema];
  const any = (has: (node: SchemaNode) => boolean): boolean => {
    for (const property of properties.values()) if (has(property)) return true;
    return others.some((other) => other !== undefined && has(other));
  };
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
    required: orNone(readStrings(source, 'required')),
    enum: orNone(readList(source, 'enum')),
    limits: limitsOf(source),
    pattern: pattern === '' ? undefined : compilePattern(pattern),
    junctors: yield* junctorsOf(source, compile),
    preserveUnknownFields: readBoolean(source, 'x-kubernetes-preserve-unknown-fields'),
    embeddedResource,
    intOrString: readBoolean(source, 'x-kubernetes-int-or-string'),
    listType,
    listMapKeys: orNone(readStrings(source, 'x-kubernetes-list-map-keys')),
    mapType: readOptionalString(source, 'x-kubernetes-map-type'),
    default: defaultValue === null ? undefined : defaultValue,
    validations: orNone(readObjects(source, 'x-kubernetes-validations')),
    hasDefaults: (defaultValue ?? null) !== null || any((child) => child.hasDefaults),
    hasListTypes: listType === 'set' || listType === 'map' || any((child) => child.hasListTypes),
    hasEmbedded: embeddedResource || any((child) => child.hasEmbedded),
  };
}

/** Most nodes have none of most things; they share these. */
const NO_PROPERTIES: ReadonlyMap<string, SchemaNode> = new Map();
const NONE: readonly never[] = [];

function orNone<T>(items: readonly T[]): readonly T[] {
  return items.length === 0 ? NONE : items;
}

type Compile = (inner: JsonObject) => Work<SchemaNode>;

function* propertiesOf(source: JsonObject, compile: Compile): Work<SchemaNode['properties']> {
  let compiled: Map<string, SchemaNode> | undefined;
  for (const [name, inner] of objectMembers(source, 'properties')) {
    compiled ??= new Map();
    compiled.set(name, yield* compile(inner));
  }
  return compiled ?? NO_PROPERTIES;
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

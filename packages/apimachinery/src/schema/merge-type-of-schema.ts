import { type JsonObject, setOwn } from '../json/value.js';
import {
  BOOLEAN,
  DEDUCED,
  type ListMergeType,
  type MapMergeType,
  type MergeType,
  NUMERIC,
  SCALAR,
  STRING,
} from '../merge-type/merge-type.js';
import { atOnce, isRestDue, type Work } from '../turns/work.js';
import type { StructuralSchema } from './compile.js';
import type { SchemaNode } from './node.js';

const cache = new WeakMap<SchemaNode, WeakMap<MergeType, MergeType>>();

/**
 * What merging needs to know of a custom resource. `objectMeta` is the merge type of `metadata`, of the object and of
 * resources embedded in it. Made once per schema and objectMeta.
 */
export function mergeTypeOfSchema(schema: StructuralSchema, objectMeta: MergeType): MergeType {
  const known = cache.get(schema)?.get(objectMeta);
  if (known !== undefined) return known;
  return atOnce(mergeTypeCompilation(schema, objectMeta));
}

/** `mergeTypeOfSchema` as work that may be put aside. */
export function* mergeTypeCompilation(schema: StructuralSchema, objectMeta: MergeType): Work<MergeType> {
  const byMeta = cache.get(schema) ?? new WeakMap<MergeType, MergeType>();
  cache.set(schema, byMeta);
  const type = byMeta.get(objectMeta) ?? (yield* resourceType(schema, objectMeta));
  byMeta.set(objectMeta, type);
  return type;
}

function* typeOf(schema: SchemaNode, objectMeta: MergeType): Work<MergeType> {
  if (isRestDue()) yield;
  if (schema.embeddedResource) return yield* resourceType(schema, objectMeta);
  const [type] = schema.types;
  if (schema.types.length > 1) return SCALAR;
  if (type === 'array') return yield* listType(schema, objectMeta);
  if (type === 'object' || schema.properties.size > 0) return yield* mapType(schema, objectMeta, new Map());
  return type === undefined ? DEDUCED : scalarOf(schema, type);
}

/** Strings of most formats are not checked when they are applied (kube-openapi `schemaconv`). */
function scalarOf(schema: SchemaNode, type: string): MergeType {
  if (type === 'integer' || type === 'number') return NUMERIC;
  if (type === 'boolean') return BOOLEAN;
  return type === 'string' && (schema.format === '' || schema.format === 'byte') ? STRING : SCALAR;
}

function resourceType(schema: SchemaNode, objectMeta: MergeType): Work<MapMergeType> {
  const meta = new Map<string, MergeType>([
    ['apiVersion', SCALAR],
    ['kind', SCALAR],
    ['metadata', objectMeta],
  ]);
  return mapType(schema, objectMeta, meta);
}

function* mapType(
  schema: SchemaNode,
  objectMeta: MergeType,
  given: ReadonlyMap<string, MergeType>,
): Work<MapMergeType> {
  const fields = new Map<string, MergeType>();
  for (const [name, property] of schema.properties) fields.set(name, yield* typeOf(property, objectMeta));
  for (const [name, type] of given) fields.set(name, type);
  return {
    kind: 'map',
    relationship: schema.mapType === 'atomic' ? 'atomic' : 'granular',
    field: (name) => fields.get(name),
    element: yield* elementOf(schema, objectMeta),
  };
}

function* elementOf(schema: SchemaNode, objectMeta: MergeType): Work<MergeType | undefined> {
  const { additionalProperties } = schema;
  if (additionalProperties?.schema !== undefined) return yield* typeOf(additionalProperties.schema, objectMeta);
  const open = schema.preserveUnknownFields || additionalProperties?.allows === true || schema.properties.size === 0;
  return open ? DEDUCED : undefined;
}

function* listType(schema: SchemaNode, objectMeta: MergeType): Work<ListMergeType> {
  const relationship = schema.listType === 'map' || schema.listType === 'set' ? schema.listType : 'atomic';
  const keys = relationship === 'map' ? schema.listMapKeys : [];
  const [key] = keys;
  return {
    kind: 'list',
    relationship,
    element: schema.items === undefined ? DEDUCED : yield* typeOf(schema.items, objectMeta),
    keys,
    keyDefaults: keyDefaults(schema, keys),
    patchMerge: keys.length === 1,
    ...(keys.length === 1 && key !== undefined ? { patchMergeKey: key } : {}),
  };
}

function keyDefaults(schema: SchemaNode, keys: readonly string[]): JsonObject {
  const defaults: JsonObject = {};
  for (const key of keys) {
    const value = schema.items?.properties.get(key)?.default;
    if (value !== undefined) setOwn(defaults, key, value);
  }
  return defaults;
}

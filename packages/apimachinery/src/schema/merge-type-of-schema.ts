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
import type { StructuralSchema } from './compile.js';
import type { SchemaNode } from './node.js';

const cache = new WeakMap<SchemaNode, WeakMap<MergeType, MergeType>>();

/**
 * What merging needs to know of a custom resource. `objectMeta` is the merge type of `metadata`, of the object and of
 * resources embedded in it. Made once per schema and objectMeta.
 */
export function mergeTypeOfSchema(schema: StructuralSchema, objectMeta: MergeType): MergeType {
  const byMeta = cache.get(schema) ?? new WeakMap<MergeType, MergeType>();
  cache.set(schema, byMeta);
  const known = byMeta.get(objectMeta);
  if (known !== undefined) return known;
  const type = resourceType(schema, objectMeta);
  byMeta.set(objectMeta, type);
  return type;
}

function typeOf(schema: SchemaNode, objectMeta: MergeType): MergeType {
  if (schema.embeddedResource) return resourceType(schema, objectMeta);
  const [type] = schema.types;
  if (schema.types.length > 1) return SCALAR;
  if (type === 'array') return listType(schema, objectMeta);
  if (type === 'object' || schema.properties.size > 0) return mapType(schema, objectMeta, new Map());
  return type === undefined ? DEDUCED : scalarOf(schema, type);
}

/** Strings of most formats are not checked when they are applied (kube-openapi `schemaconv`). */
function scalarOf(schema: SchemaNode, type: string): MergeType {
  if (type === 'integer' || type === 'number') return NUMERIC;
  if (type === 'boolean') return BOOLEAN;
  return type === 'string' && (schema.format === '' || schema.format === 'byte') ? STRING : SCALAR;
}

function resourceType(schema: SchemaNode, objectMeta: MergeType): MapMergeType {
  const meta = new Map<string, MergeType>([
    ['apiVersion', SCALAR],
    ['kind', SCALAR],
    ['metadata', objectMeta],
  ]);
  return mapType(schema, objectMeta, meta);
}

function mapType(schema: SchemaNode, objectMeta: MergeType, given: ReadonlyMap<string, MergeType>): MapMergeType {
  const fields = new Map<string, MergeType>();
  for (const [name, property] of schema.properties) fields.set(name, typeOf(property, objectMeta));
  for (const [name, type] of given) fields.set(name, type);
  return {
    kind: 'map',
    relationship: schema.mapType === 'atomic' ? 'atomic' : 'granular',
    field: (name) => fields.get(name),
    element: elementOf(schema, objectMeta),
  };
}

function elementOf(schema: SchemaNode, objectMeta: MergeType): MergeType | undefined {
  const { additionalProperties } = schema;
  if (additionalProperties?.schema !== undefined) return typeOf(additionalProperties.schema, objectMeta);
  const open = schema.preserveUnknownFields || additionalProperties?.allows === true || schema.properties.size === 0;
  return open ? DEDUCED : undefined;
}

function listType(schema: SchemaNode, objectMeta: MergeType): ListMergeType {
  const relationship = schema.listType === 'map' || schema.listType === 'set' ? schema.listType : 'atomic';
  const keys = relationship === 'map' ? schema.listMapKeys : [];
  const [key] = keys;
  return {
    kind: 'list',
    relationship,
    element: schema.items === undefined ? DEDUCED : typeOf(schema.items, objectMeta),
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

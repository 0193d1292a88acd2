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
 * resources embedded in it. Made once per schema and objectMeta; what lies inside is made when objects have it.
 */
export function mergeTypeOfSchema(schema: StructuralSchema, objectMeta: MergeType): MergeType {
  const byMeta = cache.get(schema) ?? new WeakMap<MergeType, MergeType>();
  cache.set(schema, byMeta);
  const type = byMeta.get(objectMeta) ?? new SchemaMap(schema, objectMeta, true);
  byMeta.set(objectMeta, type);
  return type;
}

function typeOf(schema: SchemaNode, objectMeta: MergeType): MergeType {
  if (schema.embeddedResource) return new SchemaMap(schema, objectMeta, true);
  const [type] = schema.types;
  if (schema.types.length > 1) return SCALAR;
  if (type === 'array') return listType(schema, objectMeta);
  if (type === 'object' || schema.properties.size > 0) return new SchemaMap(schema, objectMeta, false);
  return type === undefined ? DEDUCED : scalarOf(schema, type);
}

/** Strings of most formats are not checked when they are applied (kube-openapi `schemaconv`). */
function scalarOf(schema: SchemaNode, type: string): MergeType {
  if (type === 'integer' || type === 'number') return NUMERIC;
  if (type === 'boolean') return BOOLEAN;
  return type === 'string' && (schema.format === '' || schema.format === 'byte') ? STRING : SCALAR;
}

class SchemaMap implements MapMergeType {
  readonly kind = 'map';
  readonly relationship: MapMergeType['relationship'];
  readonly #schema: SchemaNode;
  readonly #objectMeta: MergeType;
  readonly #fields: Map<string, MergeType>;
  #element: { readonly type: MergeType | undefined } | undefined;

  constructor(schema: SchemaNode, objectMeta: MergeType, isResource: boolean) {
    this.relationship = schema.mapType === 'atomic' ? 'atomic' : 'granular';
    this.#schema = schema;
    this.#objectMeta = objectMeta;
    this.#fields = new Map(
      isResource
        ? [
            ['apiVersion', SCALAR],
            ['kind', SCALAR],
            ['metadata', objectMeta],
          ]
        : [],
    );
  }

  field(name: string): MergeType | undefined {
    const known = this.#fields.get(name);
    if (known !== undefined) return known;
    const property = this.#schema.properties.get(name);
    if (property === undefined) return undefined;
    const made = typeOf(property, this.#objectMeta);
    this.#fields.set(name, made);
    return made;
  }

  get element(): MergeType | undefined {
    this.#element ??= { type: elementOf(this.#schema, this.#objectMeta) };
    return this.#element.type;
  }
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

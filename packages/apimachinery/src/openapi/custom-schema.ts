import { deepEqual, isObject, type JsonObject } from '../json/value.js';
import { readList, readObjects, readStrings } from '../schema/read.js';
import type { Work } from '../turns/work.js';
import { descriptionOf } from '../types/descriptions.js';
import { mapSchemas } from './map-schemas.js';
import { customSchemaName } from './operation-names.js';
import type { ServedResource } from './served-resource.js';
import { type OpenApiFormat, REFERENCE_ROOT } from './special-schemas.js';
import { weakenForV2 } from './weaken-schema.js';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const TYPE_META = 'meta/v1.TypeMeta';

/** The schemas of a custom kind and of its list, by name. */
export function* customSchemas(resource: ServedResource, schema: JsonObject, format: OpenApiFormat): Work<JsonObject> {
  const { group, version, kind } = resource.gvk;
  const listKind = resource.listKind ?? `${kind}List`;
  const own = customSchemaName(group, version, kind);
  return {
    [own]: yield* ownSchema(resource, schema, format),
    [customSchemaName(group, version, listKind)]: {
      description: `A list of ${kind} objects.`,
      type: 'object',
      required: ['items'],
      properties: {
        ...typeMeta(),
        items: {
          description: `The ${resource.plural} that the list is made of.`,
          type: 'array',
          items: { $ref: REFERENCE_ROOT[format] + own },
        },
        metadata: reference(format, 'ListMeta'),
      },
      'x-kubernetes-group-version-kind': [{ group, kind: listKind, version }],
      ...selectable(resource),
    },
  };
}

const made: Readonly<Record<OpenApiFormat, WeakMap<JsonObject, JsonObject>>> = { v2: new WeakMap(), v3: new WeakMap() };

/** Made once per schema object and format, when one kind uses it; the schema is not copied deeply. */
function* ownSchema(resource: ServedResource, schema: JsonObject, format: OpenApiFormat): Work<JsonObject> {
  let shared = made[format].get(schema);
  if (shared === undefined) {
    shared = withMetadata(yield* publishable(schema, format), format);
    made[format].set(schema, shared);
  }
  const { group, version, kind } = resource.gvk;
  return {
    ...shared,
    'x-kubernetes-group-version-kind': [{ group, kind, version }],
    ...selectable(resource),
  };
}

function selectable({ selectableFields = [] }: ServedResource): JsonObject {
  if (selectableFields.length === 0) return {};
  return { 'x-kubernetes-selectable-fields': selectableFields.map((fieldPath) => ({ fieldPath })) };
}

function* publishable(schema: JsonObject, format: OpenApiFormat): Work<JsonObject> {
  return yield* annotated(yield* format === 'v2' ? weakenForV2(schema) : unfolded(schema), format);
}

function withMetadata(schema: JsonObject, format: OpenApiFormat): JsonObject {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true;
  // An open root lists no properties in v2: kubectl would take all others for mistakes.
  if (open && format === 'v2') return { type: 'object' };
  return {
    ...schema,
    type: 'object',
    properties: { ...properties, ...typeMeta(), metadata: reference(format, 'ObjectMeta') },
  };
}

function typeMeta(): JsonObject {
  return {
    apiVersion: { description: descriptionOf(TYPE_META, 'apiVersion') ?? '', type: 'string' },
    kind: { description: descriptionOf(TYPE_META, 'kind') ?? '', type: 'string' },
  };
}

function reference(format: OpenApiFormat, name: 'ObjectMeta' | 'ListMeta'): JsonObject {
  const description =
    name === 'ObjectMeta'
      ? "Standard object's metadata, as every stored object has it."
      : 'Standard metadata of the list.';
  const target = { $ref: `${REFERENCE_ROOT[format]}${META}.${name}` };
  return format === 'v2' ? { description, ...target } : { description, allOf: [target] };
}

const INTEGER_OR_STRING: readonly JsonObject[] = [{ type: 'integer' }, { type: 'string' }];

/** Says of every int-or-string in words of JSON Schema what it may be (upstream's `Unfold`). */
function* unfolded(schema: JsonObject): Work<JsonObject> {
  const inner = yield* mapSchemas(schema, unfolded);
  if (inner['x-kubernetes-int-or-string'] !== true) return inner;
  const either = { anyOf: [...INTEGER_OR_STRING] };
  const allOf = readObjects(inner, 'allOf');
  if (saysEither(inner) || (allOf[0] !== undefined && saysEither(allOf[0]))) return inner;
  return inner.anyOf === undefined ? { ...inner, ...either } : { ...inner, allOf: [either, ...allOf] };
}

function saysEither(schema: JsonObject): boolean {
  return deepEqual([...readList(schema, 'anyOf')], [...INTEGER_OR_STRING]);
}

/**
 * Adds apiVersion, kind and metadata wherever `x-kubernetes-embedded-resource` says that an object stands, and to lists
 * of type map the key by which strategic merge patches would find their items (an addition of kcp's).
 */
function* annotated(schema: JsonObject, format: OpenApiFormat): Work<JsonObject> {
  const nested = withMergeKey(yield* mapSchemas(schema, (inner) => annotated(inner, format)));
  if (nested['x-kubernetes-embedded-resource'] !== true) return nested;
  if (format === 'v2' && nested['x-kubernetes-preserve-unknown-fields'] === true) return nested;
  const properties = isObject(nested.properties) ? nested.properties : {};
  const required = readStrings(nested, 'required');
  return {
    ...nested,
    required: [...required, ...['kind', 'apiVersion'].filter((name) => !required.includes(name))],
    properties: { ...properties, ...typeMeta(), metadata: reference(format, 'ObjectMeta') },
  };
}

function withMergeKey(schema: JsonObject): JsonObject {
  const [key] = readStrings(schema, 'x-kubernetes-list-map-keys');
  return key === undefined ? schema : { ...schema, 'x-kubernetes-patch-merge-key': key };
}

import type { JsonObject, JsonValue } from '../json/value.js';
import { descriptionOf } from '../types/descriptions.js';
import { structType } from '../types/struct-type.js';
import { publishedKinds } from '../types/type-of.js';
import type { FieldDescriptor, StructType, TypeRef } from '../types/type-ref.js';
import { type OpenApiFormat, REFERENCE_ROOT, specialSchema } from './special-schemas.js';

/** The schema of one type and what it refers to. Made once per type and format, shared by all documents. */
export interface SchemaFragment {
  readonly schema: JsonObject;
  /** Types without fields of their own, by name. */
  readonly specials: ReadonlyMap<string, JsonObject>;
  readonly structs: readonly StructType[];
}

const fragments: Readonly<Record<OpenApiFormat, WeakMap<StructType, SchemaFragment>>> = {
  v2: new WeakMap(),
  v3: new WeakMap(),
};

/** The published schema of a built-in type. Callers must not change it. */
export function schemaFragment(type: StructType, format: OpenApiFormat): SchemaFragment {
  let fragment = fragments[format].get(type);
  if (fragment === undefined) {
    fragment = new FragmentBuilder(format).build(type);
    fragments[format].set(type, fragment);
  }
  return fragment;
}

const TYPE_META = 'meta/v1.TypeMeta';

class FragmentBuilder {
  readonly #format: OpenApiFormat;
  readonly #specials = new Map<string, JsonObject>();
  readonly #structs = new Set<StructType>();

  constructor(format: OpenApiFormat) {
    this.#format = format;
  }

  build(type: StructType): SchemaFragment {
    const properties: JsonObject = {};
    for (const field of [...type.fields].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      properties[field.name] = this.#property(type, field);
    }
    const required = type.fields.filter((field) => field.required).map((field) => field.name);
    const description = descriptionOf(type.name);
    const kinds = publishedKinds(type);
    const schema: JsonObject = {
      ...(description === undefined ? {} : { description }),
      type: 'object',
      ...(required.length === 0 ? {} : { required }),
      ...(type.fields.length === 0 ? {} : { properties }),
      ...(kinds.length === 0 ? {} : { 'x-kubernetes-group-version-kind': kinds.map((kind) => ({ ...kind })) }),
      ...(type.mapType === undefined ? {} : { 'x-kubernetes-map-type': type.mapType }),
      ...(type.unions === undefined ? {} : { 'x-kubernetes-unions': type.unions }),
    };
    return { schema, specials: this.#specials, structs: [...this.#structs] };
  }

  #property(owner: StructType, field: FieldDescriptor): JsonObject {
    const inherited = structType(TYPE_META).field(field.name) === field;
    const description = descriptionOf(inherited ? TYPE_META : owner.name, field.name);
    const base = this.#typed(field.type, field.enum, field.bareReference);
    const fallback = this.#format === 'v3' ? defaultOf(field) : undefined;
    return {
      ...(description === undefined ? {} : { description }),
      ...base,
      ...(fallback === undefined ? {} : { default: fallback }),
      ...extensions(field),
    };
  }

  #typed(type: TypeRef, values: readonly string[] | undefined, bare: boolean): JsonObject {
    if (type.kind === 'list') return { type: 'array', items: this.#element(type.element, values) };
    if (type.kind === 'map') return { type: 'object', additionalProperties: this.#element(type.element, values) };
    const reference = this.#reference(type);
    if (reference !== undefined) return this.#format === 'v2' || bare ? reference : { allOf: [reference] };
    return { ...scalar(type), ...(values === undefined ? {} : { enum: [...values] }) };
  }

  /** An item of a list or a value of a map: v3 adds the zero value as its default. */
  #element(type: TypeRef, values: readonly string[] | undefined): JsonObject {
    if (type.kind === 'struct' && this.#format === 'v3') return { default: {}, ...this.#typed(type, undefined, false) };
    const typed = this.#typed(type, values, true);
    const zero = this.#format === 'v3' ? ZERO[type.kind] : undefined;
    return zero === undefined ? typed : { ...typed, default: zero };
  }

  #reference(type: TypeRef): JsonObject | undefined {
    const root = REFERENCE_ROOT[this.#format];
    if (type.kind === 'struct') {
      this.#structs.add(type.struct);
      return { $ref: root + type.struct.openApiName };
    }
    const special = specialSchema(type);
    if (special === undefined) return undefined;
    this.#specials.set(special.name, special[this.#format]);
    return { $ref: root + special.name };
  }
}

const ZERO: Readonly<Partial<Record<TypeRef['kind'], JsonValue>>> = {
  string: '',
  bool: false,
  int32: 0,
  int64: 0,
  double: 0,
};

/** A published default, or the one that a non-pointer field has by its type. */
function defaultOf(field: FieldDescriptor): JsonValue | undefined {
  if (field.default !== undefined) return field.default ?? undefined;
  if (field.pointer) return undefined;
  if (field.type.kind === 'struct') return {};
  return field.omitEmpty ? undefined : ZERO[field.type.kind];
}

function scalar(type: TypeRef): JsonObject {
  switch (type.kind) {
    case 'bool':
      return { type: 'boolean' };
    case 'int32':
    case 'int64':
      return { type: 'integer', format: type.kind };
    case 'double':
      return { type: 'number', format: 'double' };
    case 'bytes':
      return { type: 'string', format: 'byte' };
    case 'any':
      return {};
    default:
      return { type: 'string' };
  }
}

function extensions(field: FieldDescriptor): JsonObject {
  return {
    ...(field.listMapKeys.length === 0 ? {} : { 'x-kubernetes-list-map-keys': [...field.listMapKeys] }),
    ...(field.listType === undefined ? {} : { 'x-kubernetes-list-type': field.listType }),
    ...(field.mapType === undefined ? {} : { 'x-kubernetes-map-type': field.mapType }),
    ...(field.patchMergeKey === undefined ? {} : { 'x-kubernetes-patch-merge-key': field.patchMergeKey }),
    ...(field.patchStrategies.length === 0 ? {} : { 'x-kubernetes-patch-strategy': field.patchStrategies.join(',') }),
  };
}

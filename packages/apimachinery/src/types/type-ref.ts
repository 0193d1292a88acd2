import type { JsonValue } from '../json/value.js';

/** Types with an encoding of their own; `goType` is what Go prints for them in error texts. */
export type ScalarKind =
  | 'string'
  | 'bool'
  | 'int32'
  | 'int64'
  | 'double'
  | 'bytes'
  | 'time'
  | 'microTime'
  | 'quantity'
  | 'intOrString'
  | 'rawExtension'
  | 'fieldsV1'
  | 'json'
  | 'any';

/** The three unions of JSONSchemaProps: a schema, or a boolean, a list of schemas, a list of strings. */
export type SchemaUnionKind = 'jsonSchemaOrBool' | 'jsonSchemaOrArray' | 'jsonSchemaOrStringArray';

export interface ScalarTypeRef {
  readonly kind: ScalarKind;
  readonly goType: string;
}

export interface SchemaUnionTypeRef {
  readonly kind: SchemaUnionKind;
  readonly goType: string;
  /** JSONSchemaProps of the same version. A getter: the types are recursive. */
  readonly schema: StructType;
}

export interface ListTypeRef {
  readonly kind: 'list';
  readonly goType: string;
  readonly element: TypeRef;
  /** In protobuf a message around the repeated field (a named list such as `Verbs`). */
  readonly wrapped: boolean;
}

/** Keys are always strings. */
export interface MapTypeRef {
  readonly kind: 'map';
  readonly goType: string;
  readonly element: TypeRef;
}

export interface StructTypeRef {
  readonly kind: 'struct';
  readonly goType: string;
  /** A getter, made on first use: the graph of types may be cyclic. */
  readonly struct: StructType;
}

export type TypeRef = ScalarTypeRef | SchemaUnionTypeRef | ListTypeRef | MapTypeRef | StructTypeRef;

/** One JSON member of a struct; members of inlined structs appear in the struct that inlines them. */
export interface FieldDescriptor {
  readonly name: string;
  readonly type: TypeRef;
  readonly pointer: boolean;
  /** Left out of JSON when empty; structs that are no pointers are never empty. */
  readonly omitEmpty: boolean;
  readonly omitZero: boolean;
  /** True when Go always writes the member, if need be with its zero value. */
  readonly always: boolean;
  readonly required: boolean;
  readonly enum: readonly string[] | undefined;
  /** The published default; null when the type would imply one and the field has none. */
  readonly default: JsonValue | undefined;
  readonly listType: 'atomic' | 'set' | 'map' | undefined;
  readonly listMapKeys: readonly string[];
  readonly mapType: 'atomic' | 'granular' | undefined;
  /** `merge`, `replace`, `retainKeys`, or two of them; empty for most. */
  readonly patchStrategies: readonly string[];
  readonly patchMergeKey: string | undefined;
  /** Published as a bare `$ref` in OpenAPI v3, not wrapped in `allOf`. */
  readonly bareReference: boolean;
}

/** A field as protobuf sees it: an embedded struct is a message of its own, `field` is undefined then. */
export interface ProtoField {
  readonly number: number;
  readonly field: FieldDescriptor | undefined;
  readonly embedded: StructType | undefined;
}

export interface StructType {
  /** Package and Go name: `core/v1.ConfigMap`. */
  readonly name: string;
  /** `ConfigMap`. */
  readonly goName: string;
  /** `io.k8s.api.core.v1.ConfigMap`. */
  readonly openApiName: string;
  /** In Go order, inlined structs resolved. */
  readonly fields: readonly FieldDescriptor[];
  field(name: string): FieldDescriptor | undefined;
  /** The fields that Go always writes. */
  readonly always: readonly FieldDescriptor[];
  /** Sorted by number. Empty for types without a protobuf form (Table). */
  readonly protoFields: readonly ProtoField[];
  readonly mapType: 'atomic' | 'granular' | undefined;
  readonly unions: JsonValue | undefined;
}

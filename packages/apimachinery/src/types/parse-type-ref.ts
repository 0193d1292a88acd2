import { getOwn } from '../json/value.js';
import { typeTable } from './table.js';
import type { ListTypeRef, ScalarKind, SchemaUnionKind, StructType, TypeRef } from './type-ref.js';

const SCALARS: ReadonlyMap<string, { kind: ScalarKind; goType: string }> = new Map([
  ['string', { kind: 'string', goType: 'string' }],
  ['bool', { kind: 'bool', goType: 'bool' }],
  ['int32', { kind: 'int32', goType: 'int32' }],
  ['int64', { kind: 'int64', goType: 'int64' }],
  ['double', { kind: 'double', goType: 'float64' }],
  ['bytes', { kind: 'bytes', goType: '[]uint8' }],
  ['any', { kind: 'any', goType: 'interface {}' }],
  ['meta/v1.Time', { kind: 'time', goType: 'v1.Time' }],
  ['meta/v1.MicroTime', { kind: 'microTime', goType: 'v1.MicroTime' }],
  ['meta/v1.FieldsV1', { kind: 'fieldsV1', goType: 'v1.FieldsV1' }],
  ['api/resource.Quantity', { kind: 'quantity', goType: 'resource.Quantity' }],
  ['util/intstr.IntOrString', { kind: 'intOrString', goType: 'intstr.IntOrString' }],
  ['runtime.RawExtension', { kind: 'rawExtension', goType: 'runtime.RawExtension' }],
  ['apiextensions/v1.JSON', { kind: 'json', goType: 'v1.JSON' }],
  ['apiextensions/v1beta1.JSON', { kind: 'json', goType: 'v1beta1.JSON' }],
]);

const SCHEMA_UNIONS: ReadonlyMap<string, SchemaUnionKind> = new Map([
  ['JSONSchemaPropsOrBool', 'jsonSchemaOrBool'],
  ['JSONSchemaPropsOrArray', 'jsonSchemaOrArray'],
  ['JSONSchemaPropsOrStringArray', 'jsonSchemaOrStringArray'],
]);

const parsed = new Map<string, TypeRef>();

/** Finds a struct type by its full name, when a reference to it is first followed. */
export type StructResolver = (name: string) => StructType;

/** Parses a type as the table writes it (without the pointer mark), seen from package `pkg`; equal types are shared. */
export function parseTypeRef(ref: string, pkg: string, resolve: StructResolver): TypeRef {
  const full = ref.replace(/^((?:\[\]|\{\})*)\./, `$1${pkg}.`);
  let type = parsed.get(full);
  if (type === undefined) {
    type = parse(full, resolve);
    parsed.set(full, type);
  }
  return type;
}

function parse(ref: string, resolve: StructResolver): TypeRef {
  if (ref.startsWith('[]')) return listOf(parseTypeRef(ref.slice(2), '', resolve));
  if (ref.startsWith('{}')) {
    const element = parseTypeRef(ref.slice(2), '', resolve);
    return { kind: 'map', goType: `map[string]${element.goType}`, element };
  }
  return SCALARS.get(ref) ?? parseNamed(ref, resolve);
}

function listOf(element: TypeRef): ListTypeRef {
  return { kind: 'list', goType: `[]${element.goType}`, element, wrapped: false };
}

function parseNamed(ref: string, resolve: StructResolver): TypeRef {
  const goType = ref.slice(ref.lastIndexOf('/') + 1);
  const name = ref.slice(ref.lastIndexOf('.') + 1);
  if (typeTable().strings.has(ref)) return { kind: 'string', goType };
  const union = SCHEMA_UNIONS.get(name);
  if (union !== undefined) return new LazySchemaUnion(union, goType, ref.replace(name, 'JSONSchemaProps'), resolve);
  const named = getOwn(typeTable().named, ref);
  if (typeof named === 'string') return standIn(parseTypeRef(named, '', resolve), goType);
  return new LazyStruct(goType, ref, resolve);
}

/** A named list or map under its own name; a named list of strings is a message of its own in protobuf. */
function standIn(type: TypeRef, goType: string): TypeRef {
  if (type.kind === 'list') return { ...type, goType, wrapped: type.element.kind === 'string' };
  if (type.kind === 'map') return { ...type, goType };
  return type;
}

class LazyStruct {
  readonly kind = 'struct';
  readonly goType: string;
  readonly #name: string;
  readonly #resolve: StructResolver;
  #struct: StructType | undefined;

  constructor(goType: string, name: string, resolve: StructResolver) {
    this.goType = goType;
    this.#name = name;
    this.#resolve = resolve;
  }

  get struct(): StructType {
    this.#struct ??= this.#resolve(this.#name);
    return this.#struct;
  }
}

class LazySchemaUnion {
  readonly kind: SchemaUnionKind;
  readonly goType: string;
  readonly #schemaName: string;
  readonly #resolve: StructResolver;

  constructor(kind: SchemaUnionKind, goType: string, schemaName: string, resolve: StructResolver) {
    this.kind = kind;
    this.goType = goType;
    this.#schemaName = schemaName;
    this.#resolve = resolve;
  }

  get schema(): StructType {
    return this.#resolve(this.#schemaName);
  }
}

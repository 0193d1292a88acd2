import { isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import type { HiddenFields } from '@kcp/apimachinery/openapi/hide-fields';
import { typeOf } from '@kcp/apimachinery/types/type-of';
import type { StructType, TypeRef } from '@kcp/apimachinery/types/type-ref';
import type { DecodedObject, ObjectCodec, ResourceType } from '@kcp/apiserver/registry/resource-type';
import type { CachedObject } from '@kcp/storage/cache';

/** A path that leads to no field. */
export class UnknownField extends Error {
  constructor(path: string, why: string) {
    super(`field ${path} cannot be hidden: ${why}`);
    this.name = 'UnknownField';
  }
}

/**
 * What a cluster of another version does not know: `pods.spec.ephemeralContainers` is a field of the type that stands
 * at `spec` of pods, and is hidden wherever that type stands. Throws UnknownField.
 */
export function hiddenFields(paths: readonly string[], types: readonly ResourceType[]): HiddenFields {
  const hidden = new Map<string, Set<string>>();
  for (const path of paths) {
    const { owner, field } = find(path, types);
    hidden.set(owner.openApiName, (hidden.get(owner.openApiName) ?? new Set()).add(field));
  }
  return hidden;
}

function find(path: string, types: readonly ResourceType[]): { owner: StructType; field: string } {
  const [plural = '', ...names] = path.split('.');
  const type = types.find((one) => one.names.plural === plural);
  let owner = type === undefined ? undefined : typeOf(type.gvk);
  if (owner === undefined) throw new UnknownField(path, `there is no resource ${plural}`);
  const field = names.pop();
  if (field === undefined) throw new UnknownField(path, 'it names a resource');
  for (const name of names) {
    owner = structBehind(owner.field(name)?.type);
    if (owner === undefined) throw new UnknownField(path, `there is no object at ${name}`);
  }
  if (owner.field(field) === undefined) throw new UnknownField(path, `there is no field ${field}`);
  return { owner, field };
}

/** The struct of a field, of the items of a list or the values of a map. */
function structBehind(type: TypeRef | undefined): StructType | undefined {
  if (type?.kind === 'struct') return type.struct;
  return type?.kind === 'list' || type?.kind === 'map' ? structBehind(type.element) : undefined;
}

/** The type as a cluster serves it that does not know these fields. */
export function withoutFields(type: ResourceType, hidden: HiddenFields): ResourceType {
  const struct = typeOf(type.gvk);
  if (struct === undefined || hidden.size === 0) return type;
  const dropped = [...(hidden.get(structBehind(struct.field('spec')?.type)?.openApiName ?? '') ?? [])];
  const subresources = [...type.subresources].filter(
    ([name]) => !dropped.some((field) => field.toLowerCase() === name),
  );
  return { ...type, codec: new HidingCodec(type.codec, struct, hidden), subresources: new Map(subresources) };
}

class HidingCodec implements ObjectCodec {
  readonly protobuf: boolean;
  readonly sameAsStorage: boolean;
  readonly #codec: ObjectCodec;
  readonly #struct: StructType;
  readonly #hidden: HiddenFields;

  constructor(codec: ObjectCodec, struct: StructType, hidden: HiddenFields) {
    this.protobuf = codec.protobuf;
    this.sameAsStorage = codec.sameAsStorage;
    this.#codec = codec;
    this.#struct = struct;
    this.#hidden = hidden;
  }

  decode(value: JsonObject): DecodedObject {
    const unknown: string[] = [];
    const known = this.#object(this.#struct, value, '', unknown);
    const { object, strictErrors } = this.#codec.decode(known);
    return { object, strictErrors: [...unknown.map((path) => `unknown field "${path}"`), ...strictErrors] };
  }

  unset(): ReturnType<NonNullable<ObjectCodec['unset']>> {
    if (this.#codec.unset === undefined) throw new TypeError('a built-in type has an object before anything is set');
    return this.#codec.unset();
  }

  fromStorage(object: DecodedObject['object']): DecodedObject['object'] {
    return this.#codec.fromStorage(object);
  }

  view(cached: CachedObject): Buffer {
    return this.#codec.view(cached);
  }

  #object(struct: StructType, object: JsonObject, path: string, unknown: string[]): JsonObject {
    const hidden = this.#hidden.get(struct.openApiName);
    const known: JsonObject = {};
    for (const [name, value] of Object.entries(object)) {
      const at = path === '' ? name : `${path}.${name}`;
      const field = struct.field(name);
      if (hidden?.has(name)) unknown.push(at);
      else if (value !== undefined)
        known[name] = field === undefined ? value : this.#value(field.type, value, at, unknown);
    }
    return known;
  }

  #value(type: TypeRef, value: JsonValue, path: string, unknown: string[]): JsonValue {
    if (type.kind === 'struct' && isObject(value)) return this.#object(type.struct, value, path, unknown);
    if (type.kind === 'list' && Array.isArray(value)) {
      return value.map((item, index) => this.#value(type.element, item, `${path}[${index}]`, unknown));
    }
    if (type.kind !== 'map' || !isObject(value) || structBehind(type.element) === undefined) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        this.#value(type.element, item ?? null, `${path}.${key}`, unknown),
      ]),
    );
  }
}

import type { JsonObject } from '../json/value.js';
import type { ListMergeType, MapMergeType, MergeType } from '../merge-type/merge-type.js';
import { BOOLEAN, DEDUCED, NUMERIC, SCALAR, STRING } from '../merge-type/merge-type.js';
import type { GroupVersionKind } from '../meta/resource.js';
import { structType } from './struct-type.js';
import { typeOf } from './type-of.js';
import type { FieldDescriptor, ListTypeRef, StructType, TypeRef } from './type-ref.js';

/** The merge type of a built-in kind; undefined when the kind is not built in. Made once, member by member. */
export function mergeTypeOf(gvk: GroupVersionKind): MergeType | undefined {
  const type = typeOf(gvk);
  return type === undefined ? undefined : ofStruct(type, undefined, false);
}

/** The merge type of ObjectMeta, which schemas of custom resources share. */
export function objectMetaMergeType(): MergeType {
  return ofStruct(structType('meta/v1.ObjectMeta'), undefined, false);
}

const structs = new WeakMap<StructType, Map<string, MapMergeType>>();

function ofStruct(type: StructType, mapType: FieldDescriptor['mapType'], retainKeys: boolean): MapMergeType {
  const relationship = mapType ?? type.mapType ?? 'granular';
  const key = `${relationship} ${retainKeys}`;
  const variants = structs.get(type) ?? new Map<string, MapMergeType>();
  structs.set(type, variants);
  let made = variants.get(key);
  if (made === undefined) {
    made = new StructMergeType(type, relationship, retainKeys);
    variants.set(key, made);
  }
  return made;
}

class StructMergeType implements MapMergeType {
  readonly kind = 'map';
  readonly relationship: 'granular' | 'atomic';
  readonly element = undefined;
  readonly retainKeys: boolean;
  readonly #type: StructType;
  readonly #fields = new Map<string, MergeType>();

  constructor(type: StructType, relationship: 'granular' | 'atomic', retainKeys: boolean) {
    this.#type = type;
    this.relationship = relationship;
    this.retainKeys = retainKeys;
  }

  field(name: string): MergeType | undefined {
    const known = this.#fields.get(name);
    if (known !== undefined) return known;
    const field = this.#type.field(name);
    if (field === undefined) return undefined;
    const made = ofField(field);
    this.#fields.set(name, made);
    return made;
  }
}

function ofField(field: FieldDescriptor): MergeType {
  const { type } = field;
  if (type.kind === 'list') return ofList(field, type);
  if (type.kind === 'struct') return ofStruct(type.struct, field.mapType, field.patchStrategies.includes('retainKeys'));
  return ofRef(type, field.mapType);
}

function ofRef(type: TypeRef, mapType?: FieldDescriptor['mapType']): MergeType {
  switch (type.kind) {
    case 'struct':
      return ofStruct(type.struct, mapType, false);
    case 'map':
      return new OpenMapMergeType(type.element, mapType ?? 'granular');
    case 'list':
      return atomicList(type);
    case 'rawExtension':
    case 'fieldsV1':
      return OPEN_OBJECT;
    case 'json':
    case 'any':
    case 'jsonSchemaOrBool':
    case 'jsonSchemaOrArray':
    case 'jsonSchemaOrStringArray':
      return DEDUCED;
    case 'string':
    case 'bytes':
      return STRING;
    case 'bool':
      return BOOLEAN;
    case 'int32':
    case 'int64':
    case 'double':
      return NUMERIC;
    default:
      return SCALAR;
  }
}

/** Objects without declared members: they merge as what they turn out to hold. */
const OPEN_OBJECT: MapMergeType = {
  kind: 'map',
  relationship: 'granular',
  field: () => undefined,
  element: DEDUCED,
};

class OpenMapMergeType implements MapMergeType {
  readonly kind = 'map';
  readonly relationship: 'granular' | 'atomic';
  readonly #element: TypeRef;
  #made: MergeType | undefined;

  constructor(element: TypeRef, relationship: 'granular' | 'atomic') {
    this.#element = element;
    this.relationship = relationship;
  }

  field(): undefined {
    return undefined;
  }

  get element(): MergeType {
    this.#made ??= ofRef(this.#element);
    return this.#made;
  }
}

function atomicList(type: ListTypeRef): ListMergeType {
  return {
    kind: 'list',
    relationship: 'atomic',
    get element() {
      return ofRef(type.element);
    },
    keys: [],
    keyDefaults: {},
    patchMerge: false,
  };
}

function ofList(field: FieldDescriptor, type: ListTypeRef): ListMergeType {
  const retainKeys = field.patchStrategies.includes('retainKeys');
  const element = type.element;
  return {
    kind: 'list',
    relationship: field.listType ?? 'atomic',
    get element() {
      return element.kind === 'struct' ? ofStruct(element.struct, undefined, retainKeys) : ofRef(element);
    },
    keys: field.listMapKeys,
    keyDefaults: element.kind === 'struct' ? keyDefaults(field.listMapKeys, element.struct) : {},
    patchMerge: field.patchStrategies.includes('merge'),
    ...(field.patchMergeKey === undefined ? {} : { patchMergeKey: field.patchMergeKey }),
  };
}

/** Published defaults of key members, and the zero value of those that Go cannot leave out. */
function keyDefaults(keys: readonly string[], element: StructType): JsonObject {
  const defaults: JsonObject = {};
  for (const key of keys) {
    const field = element.field(key);
    const value = field?.default;
    if (value !== undefined && value !== null) defaults[key] = value;
    else if (field?.always === true && !field.pointer) setImplied(defaults, key, field.type.kind);
  }
  return defaults;
}

function setImplied(defaults: JsonObject, key: string, kind: TypeRef['kind']): void {
  if (kind === 'string') defaults[key] = '';
  else if (kind === 'bool') defaults[key] = false;
  else if (kind === 'int32' || kind === 'int64') defaults[key] = 0;
}

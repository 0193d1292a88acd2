import { jsonTypeName } from '../json/type-name.js';
import type { JsonObject, JsonValue } from '../json/value.js';
import { isObject, setOwn } from '../json/value.js';
import { QuantityError } from '../quantity/quantity.js';
import type { FieldDescriptor, ListTypeRef, MapTypeRef, StructType, TypeRef } from '../types/type-ref.js';
import { isEmpty, zeroField, zeroValue } from '../types/zero-value.js';
import { Base64Error } from './base64-text.js';
import { DecodeContext, DecodeError, UndecodableError } from './decode-context.js';
import { decodeScalar } from './decode-scalar.js';
import { TimeError } from './go-time.js';

/** How error texts name what is decoded. */
export interface DecodeOptions {
  readonly kind: string;
  /** The version alone, without the group: `v1`. */
  readonly version: string;
}

export interface Decoded {
  /** The argument itself when it was canonical already; else a copy that shares what did not change. */
  readonly object: JsonObject;
  /** Texts such as `unknown field "spec.x"`, in the order found, without repetitions. */
  readonly unknown: string[];
}

/**
 * Does what decoding JSON into the Go struct and encoding that again does: unknown fields are dropped and listed,
 * null and empty members are dropped or become zero values as `omitempty` says, members that Go always writes are
 * added, times, quantities and base64 get their canonical form. Names match by case.
 * Throws StatusError 400 with Go's words when a value has the wrong type.
 */
export function decodeTyped(type: StructType, value: JsonObject, options: DecodeOptions): Decoded {
  const context = new DecodeContext();
  try {
    return { object: decodeStruct(type, value, context), unknown: context.unknown };
  } catch (error) {
    throw framed(error, options);
  }
}

function framed(error: unknown, options: DecodeOptions): unknown {
  const expected =
    error instanceof DecodeError ||
    error instanceof TimeError ||
    error instanceof QuantityError ||
    error instanceof Base64Error;
  return expected ? new UndecodableError(options.kind, options.version, error.message) : error;
}

function decodeStruct(type: StructType, value: JsonObject, context: DecodeContext): JsonObject {
  context.enterStruct(type);
  const keys = Object.keys(value);
  let out: JsonObject | undefined;
  let always = 0;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] ?? '';
    const member = value[key];
    const field = type.field(key);
    const decoded = field === undefined ? undefined : decodeMember(field, member, context);
    if (field === undefined && member !== undefined) context.addUnknown(key);
    if (decoded !== undefined && field?.always === true) always++;
    if (decoded !== member) out ??= copyBefore(value, keys, i);
    if (out !== undefined && decoded !== undefined) out[key] = decoded;
  }
  context.leaveStruct();
  return always === type.always.length ? (out ?? value) : addZeros(type, out ?? { ...value });
}

/** The members in front of number `end`. Known names only, so a plain assignment is safe. */
function copyBefore(value: JsonObject, keys: readonly string[], end: number): JsonObject {
  const copy: JsonObject = {};
  for (let i = 0; i < end; i++) {
    const key = keys[i] ?? '';
    const member = value[key];
    if (member !== undefined) copy[key] = member;
  }
  return copy;
}

function addZeros(type: StructType, object: JsonObject): JsonObject {
  for (const field of type.always) {
    if (object[field.name] === undefined) object[field.name] = zeroField(field);
  }
  return object;
}

/** The canonical member; undefined when Go leaves it out. */
function decodeMember(
  field: FieldDescriptor,
  value: JsonValue | undefined,
  context: DecodeContext,
): JsonValue | undefined {
  if (value === undefined) return undefined;
  if (value === null) return field.always ? zeroField(field) : undefined;
  const type = field.type;
  const decoded =
    type.kind === 'string' && typeof value === 'string' ? value : decodeIn(field.name, type, value, context);
  if (decoded === null && !field.always && !field.pointer) return undefined;
  if (field.omitEmpty && !field.pointer && decoded !== null && isEmpty(decoded, type)) return undefined;
  return decoded;
}

function decodeIn(step: string, type: TypeRef, value: JsonValue, context: DecodeContext): JsonValue {
  context.enter(step);
  const decoded = decodeValue(type, value, context);
  context.leave();
  return decoded;
}

function decodeValue(type: TypeRef, value: JsonValue, context: DecodeContext): JsonValue {
  switch (type.kind) {
    case 'struct':
      if (!isObject(value)) throw context.mismatch(jsonTypeName(value), type.goType);
      return decodeStruct(type.struct, value, context);
    case 'list':
      if (!Array.isArray(value)) throw context.mismatch(jsonTypeName(value), type.goType);
      return decodeList(type, value, context);
    case 'map':
      if (!isObject(value)) throw context.mismatch(jsonTypeName(value), type.goType);
      return decodeMap(type, value, context);
    case 'jsonSchemaOrBool':
      if (typeof value === 'boolean') return value;
      if (!isObject(value)) throw new DecodeError('boolean or JSON schema expected');
      return decodeSchema(type.schema, value, context);
    case 'jsonSchemaOrArray':
      return decodeSchemaOrArray(type.schema, value, context);
    case 'jsonSchemaOrStringArray':
      if (Array.isArray(value)) return value.length === 0 ? null : decodeList(STRINGS, value, context);
      return isObject(value) ? decodeSchema(type.schema, value, context) : null;
    default:
      return decodeScalar(type, value, context);
  }
}

const STRINGS: ListTypeRef = {
  kind: 'list',
  goType: '[]string',
  element: { kind: 'string', goType: 'string' },
  wrapped: false,
};

/** A schema inside a union: decoded without a report of unknown fields. */
function decodeSchema(schema: StructType, value: JsonObject, context: DecodeContext): JsonObject {
  context.enterLenient();
  const decoded = decodeStruct(schema, value, context);
  context.leaveLenient();
  return decoded;
}

function decodeSchemaOrArray(schema: StructType, value: JsonValue, context: DecodeContext): JsonValue {
  if (isObject(value)) return decodeSchema(schema, value, context);
  if (!Array.isArray(value) || value.length === 0) return null;
  context.enterLenient();
  const element: TypeRef = { kind: 'struct', goType: schema.goName, struct: schema };
  const decoded = decodeList({ kind: 'list', goType: `[]${schema.goName}`, element, wrapped: false }, value, context);
  context.leaveLenient();
  return decoded;
}

function decodeList(type: ListTypeRef, value: JsonValue[], context: DecodeContext): JsonValue[] {
  let out: JsonValue[] | undefined;
  const { element } = type;
  for (let i = 0; i < value.length; i++) {
    const item = value[i] ?? null;
    const decoded = item === null ? zeroValue(element) : decodeItem(element, item, i, context);
    if (decoded !== item) out ??= value.slice(0, i);
    if (out !== undefined) out.push(decoded);
  }
  return out ?? value;
}

function decodeItem(element: TypeRef, item: JsonValue, index: number, context: DecodeContext): JsonValue {
  if (element.kind === 'string' && typeof item === 'string') return item;
  context.enter(index);
  const decoded = decodeValue(element, item, context);
  context.leave();
  return decoded;
}

function decodeMap(type: MapTypeRef, value: JsonObject, context: DecodeContext): JsonObject {
  const { element } = type;
  if (element.kind === 'string' && allStrings(value)) return value;
  const keys = Object.keys(value);
  let out: JsonObject | undefined;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] ?? '';
    const item = value[key];
    const decoded = item === undefined ? undefined : decodeEntry(element, key, item, context);
    if (decoded !== item) out ??= copyMapBefore(value, keys, i);
    if (out !== undefined && decoded !== undefined) setOwn(out, key, decoded);
  }
  return out ?? value;
}

function allStrings(value: JsonObject): boolean {
  for (const key in value) if (typeof value[key] !== 'string') return false;
  return true;
}

function copyMapBefore(value: JsonObject, keys: readonly string[], end: number): JsonObject {
  const copy: JsonObject = {};
  for (let i = 0; i < end; i++) {
    const key = keys[i] ?? '';
    const member = value[key];
    if (member !== undefined) setOwn(copy, key, member);
  }
  return copy;
}

function decodeEntry(element: TypeRef, key: string, item: JsonValue, context: DecodeContext): JsonValue {
  if (item === null) return zeroValue(element);
  context.enter({ key });
  const decoded = decodeValue(element, item, context);
  context.leave();
  return decoded;
}

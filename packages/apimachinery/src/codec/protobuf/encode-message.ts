import { stringify } from '../../json/stringify.js';
import { isObject, type JsonObject, type JsonValue } from '../../json/value.js';
import type { FieldDescriptor, StructType, TypeRef } from '../../types/type-ref.js';
import { zeroValue } from '../../types/zero-value.js';
import { parseGoTime, ZERO_TIME_SECONDS } from '../go-time.js';
import { FIXED64, VARINT, WireWriter } from './wire-writer.js';

/**
 * Encodes an object as the protobuf message of its type, byte for byte as Kubernetes does: fields in rising order,
 * zero values of fields that are no pointers written out, maps by key. `object` must be canonical (see `decodeTyped`);
 * members that the type does not have are left out. `apiVersion` and `kind` are not part of the message.
 */
export function encodeMessage(type: StructType, object: JsonObject): Buffer {
  const writer = new WireWriter();
  writeStruct(type, object, writer);
  return writer.finish();
}

function writeStruct(type: StructType, object: JsonObject, writer: WireWriter): void {
  const fields = type.protoFields;
  for (let i = fields.length - 1; i >= 0; i--) {
    const proto = fields[i];
    if (proto?.embedded !== undefined) {
      const before = writer.size;
      writeStruct(proto.embedded, object, writer);
      writer.message(proto.number, before);
    } else if (proto?.field !== undefined) {
      writeField(proto.number, proto.field, object[proto.field.name], writer);
    }
  }
}

function writeField(number: number, field: FieldDescriptor, value: JsonValue | undefined, writer: WireWriter): void {
  const { type } = field;
  if (value === undefined || value === null) {
    const written = !field.pointer && !OPTIONAL.has(type.kind);
    if (written) writeValue(number, type, zeroValue(type), writer);
    return;
  }
  writeValue(number, type, value, writer);
}

/** Slices, maps and bytes: nil is not written. */
const OPTIONAL: ReadonlySet<string> = new Set(['list', 'map', 'bytes', 'any']);

function writeValue(number: number, type: TypeRef, value: JsonValue, writer: WireWriter): void {
  switch (type.kind) {
    case 'string':
      writer.text(number, typeof value === 'string' ? value : '');
      return;
    case 'bool':
      writer.varint(value === true ? 1 : 0);
      writer.tag(number, VARINT);
      return;
    case 'int32':
    case 'int64':
      writer.integer(typeof value === 'number' || typeof value === 'bigint' ? value : 0);
      writer.tag(number, VARINT);
      return;
    case 'double':
      writer.double(Number(value));
      writer.tag(number, FIXED64);
      return;
    case 'bytes':
      writer.bytes(number, Buffer.from(typeof value === 'string' ? value : '', 'base64'));
      return;
    case 'list':
      writeList(number, type.element, type.wrapped, value, writer);
      return;
    case 'map':
      writeMap(number, type.element, isObject(value) ? value : {}, writer);
      return;
    default: {
      const before = writer.size;
      writeBody(type, value, writer);
      writer.message(number, before);
      return;
    }
  }
}

function writeList(number: number, element: TypeRef, wrapped: boolean, value: JsonValue, writer: WireWriter): void {
  const items = Array.isArray(value) ? value : [];
  const before = writer.size;
  for (let i = items.length - 1; i >= 0; i--) writeValue(wrapped ? 1 : number, element, items[i] ?? null, writer);
  if (wrapped) writer.message(number, before);
}

function writeMap(number: number, element: TypeRef, map: JsonObject, writer: WireWriter): void {
  const keys = sortedKeys(map);
  for (let i = keys.length - 1; i >= 0; i--) {
    const key = keys[i] ?? '';
    const value = map[key];
    if (value === undefined) continue;
    const before = writer.size;
    if (value !== null || !OPTIONAL.has(element.kind) || isWrapped(element)) writeValue(2, element, value, writer);
    writer.text(1, key);
    writer.message(number, before);
  }
}

function isWrapped(type: TypeRef): boolean {
  return type.kind === 'list' && type.wrapped;
}

const SURROGATE = /[\ud800-\udfff]/;

/** By their UTF-8 bytes, as Go sorts; that differs from JavaScript's order only where surrogates are involved. */
function sortedKeys(map: JsonObject): string[] {
  const keys = Object.keys(map);
  if (keys.length < 2) return keys;
  if (!keys.some((key) => SURROGATE.test(key))) return keys.sort();
  return keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** The inside of a message that is not a plain struct, or of a struct. */
function writeBody(type: TypeRef, value: JsonValue, writer: WireWriter): void {
  switch (type.kind) {
    case 'struct':
      writeStruct(type.struct, isObject(value) ? value : {}, writer);
      return;
    case 'time':
    case 'microTime':
      writeTime(value, type.kind === 'microTime', writer);
      return;
    case 'quantity':
      writer.text(1, typeof value === 'string' ? value : '0');
      return;
    case 'intOrString':
      writeIntOrString(value, writer);
      return;
    case 'rawExtension':
    case 'fieldsV1':
    case 'json':
      if (value !== null) writer.text(1, stringify(value));
      return;
    case 'jsonSchemaOrBool':
      if (isObject(value)) writeValue(2, schemaRef(type.schema), value, writer);
      writer.varint(value === false ? 0 : 1);
      writer.tag(1, VARINT);
      return;
    case 'jsonSchemaOrArray':
      writeEither(schemaRef(type.schema), schemaRef(type.schema), value, writer);
      return;
    case 'jsonSchemaOrStringArray':
      writeEither(schemaRef(type.schema), STRING, value, writer);
      return;
    default:
      throw new TypeError(`${type.kind} has no protobuf message`);
  }
}

const STRING: TypeRef = { kind: 'string', goType: 'string' };

function schemaRef(struct: StructType): TypeRef {
  return { kind: 'struct', goType: struct.goName, struct };
}

function writeEither(single: TypeRef, element: TypeRef, value: JsonValue, writer: WireWriter): void {
  if (Array.isArray(value)) writeList(2, element, false, value, writer);
  else if (isObject(value)) writeValue(1, single, value, writer);
}

function writeTime(value: JsonValue, micro: boolean, writer: WireWriter): void {
  if (typeof value !== 'string') return;
  const time = parseGoTime(value, micro);
  if (time.seconds === ZERO_TIME_SECONDS && time.nanos === 0) return;
  writer.varint(micro ? time.nanos - (time.nanos % 1000) : 0);
  writer.tag(2, VARINT);
  writer.integer(time.seconds);
  writer.tag(1, VARINT);
}

function writeIntOrString(value: JsonValue, writer: WireWriter): void {
  writer.text(3, typeof value === 'string' ? value : '');
  writer.integer(typeof value === 'number' ? value : 0);
  writer.tag(2, VARINT);
  writer.varint(typeof value === 'string' ? 1 : 0);
  writer.tag(1, VARINT);
}

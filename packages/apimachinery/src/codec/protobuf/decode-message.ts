import type { JsonObject, JsonValue } from '../../json/value.js';
import { isObject, setOwn } from '../../json/value.js';
import type {
  FieldDescriptor,
  ListTypeRef,
  MapTypeRef,
  ProtoField,
  StructType,
  TypeRef,
} from '../../types/type-ref.js';
import { isEmpty, zeroField, zeroValue } from '../../types/zero-value.js';
import { decodeSpecial } from './decode-special.js';
import { ProtobufError, WireReader } from './wire-reader.js';
import { BYTES, FIXED64, VARINT } from './wire-writer.js';

/**
 * Decodes a message into the JSON object that Go would write for it: empty members left out as `omitempty` says, zero
 * values added where Go always writes them. Unknown fields are skipped. Throws ProtobufError.
 */
export function decodeMessage(type: StructType, bytes: Uint8Array): JsonObject {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return readStruct(type, new WireReader(buffer), {});
}

function readStruct(type: StructType, reader: WireReader, into: JsonObject): JsonObject {
  readFields(type, reader, into);
  for (const field of type.always) {
    if (into[field.name] === undefined) into[field.name] = zeroField(field);
  }
  return into;
}

function readFields(type: StructType, reader: WireReader, into: JsonObject): void {
  const numbers = fieldsByNumber(type);
  while (!reader.done) {
    const tag = reader.varint();
    const wire = tag & 7;
    const number = Math.floor(tag / 8);
    if (number === 0) throw new ProtobufError(`proto: ${type.goName}: illegal tag 0 (wire type ${wire})`);
    const proto = numbers.get(number);
    if (proto === undefined) reader.skip(wire);
    else if (proto.embedded !== undefined) {
      expect(wire, BYTES, type.goName);
      readFields(proto.embedded, reader.message(), into);
    } else if (proto.field !== undefined) readField(proto.field, wire, reader, into);
  }
}

const numbersOf = new WeakMap<StructType, ReadonlyMap<number, ProtoField>>();

function fieldsByNumber(type: StructType): ReadonlyMap<number, ProtoField> {
  let numbers = numbersOf.get(type);
  if (numbers === undefined) {
    numbers = new Map(type.protoFields.map((field) => [field.number, field]));
    numbersOf.set(type, numbers);
  }
  return numbers;
}

function readField(field: FieldDescriptor, wire: number, reader: WireReader, into: JsonObject): void {
  const { type, name } = field;
  const value = readMember(type, wire, reader, into[name], name);
  const dropped =
    (value === null && !field.always && !field.pointer) ||
    (field.omitEmpty && !field.pointer && value !== null && isEmpty(value, type));
  if (!dropped) into[name] = value;
}

function readMember(
  type: TypeRef,
  wire: number,
  reader: WireReader,
  before: JsonValue | undefined,
  name: string,
): JsonValue {
  if (type.kind === 'list') return readList(type, wire, reader, Array.isArray(before) ? before : [], name);
  if (type.kind === 'map') return readEntry(type, wire, reader, isObject(before) ? before : {}, name);
  if (type.kind === 'struct') {
    expect(wire, BYTES, name);
    return readStruct(type.struct, reader.message(), isObject(before) ? before : {});
  }
  return readValue(type, wire, reader, name);
}

function readValue(type: TypeRef, wire: number, reader: WireReader, name: string): JsonValue {
  switch (type.kind) {
    case 'string':
      expect(wire, BYTES, name);
      return reader.text();
    case 'bool':
      expect(wire, VARINT, name);
      return reader.integer() !== 0;
    case 'int32':
      expect(wire, VARINT, name);
      return Number(BigInt.asIntN(32, BigInt(reader.integer())));
    case 'int64':
      expect(wire, VARINT, name);
      return reader.integer();
    case 'double':
      expect(wire, FIXED64, name);
      return finite(reader.double());
    case 'bytes':
      expect(wire, BYTES, name);
      return reader.bytes().toString('base64');
    case 'struct':
      expect(wire, BYTES, name);
      return readStruct(type.struct, reader.message(), {});
    case 'list':
      expect(wire, BYTES, name);
      return readWrapped(type.element, reader.message(), name);
    case 'map':
    case 'any':
      throw new ProtobufError(`proto: ${name} has no protobuf form`);
    default:
      expect(wire, BYTES, name);
      return decodeSpecial(type, reader.message(), readSchema);
  }
}

function readSchema(schema: StructType, reader: WireReader): JsonObject {
  return readStruct(schema, reader, {});
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw new ProtobufError(`json: unsupported value: ${value}`);
}

function expect(wire: number, wanted: number, name: string): void {
  if (wire !== wanted) throw new ProtobufError(`proto: wrong wireType = ${wire} for field ${name}`);
}

function readList(type: ListTypeRef, wire: number, reader: WireReader, into: JsonValue[], name: string): JsonValue[] {
  const { element } = type;
  if (type.wrapped) {
    expect(wire, BYTES, name);
    return readWrapped(element, reader.message(), name);
  }
  const packed = wire === BYTES && (element.kind === 'int32' || element.kind === 'int64' || element.kind === 'bool');
  if (!packed) into.push(readValue(element, wire, reader, name));
  else for (const inner = reader.message(); !inner.done; ) into.push(readValue(element, VARINT, inner, name));
  return into;
}

function readWrapped(element: TypeRef, reader: WireReader, name: string): JsonValue[] {
  const items: JsonValue[] = [];
  while (!reader.done) {
    const tag = reader.varint();
    if (tag >> 3 === 1) items.push(readValue(element, tag & 7, reader, name));
    else reader.skip(tag & 7);
  }
  return items;
}

function readEntry(type: MapTypeRef, wire: number, reader: WireReader, into: JsonObject, name: string): JsonObject {
  expect(wire, BYTES, name);
  const entry = reader.message();
  let key = '';
  let value: JsonValue | undefined;
  while (!entry.done) {
    const tag = entry.varint();
    if (tag === 10) key = entry.text();
    else if (tag >> 3 === 2) value = readValue(type.element, tag & 7, entry, name);
    else entry.skip(tag & 7);
  }
  setOwn(into, key, value ?? zeroValue(type.element));
  return into;
}

import { parseJson } from '../../json/parse.js';
import { JsonSyntaxError } from '../../json/syntax-error.js';
import type { JsonObject, JsonValue } from '../../json/value.js';
import { canonicalQuantityText, QuantityError } from '../../quantity/quantity.js';
import type { StructType, TypeRef } from '../../types/type-ref.js';
import { formatGoMicroTime, formatGoTime } from '../go-time.js';
import { ProtobufError, type WireReader } from './wire-reader.js';
import { VARINT } from './wire-writer.js';

/** Reads a nested JSONSchemaProps. */
type SchemaReader = (schema: StructType, reader: WireReader) => JsonObject;

/** Seconds that four-digit years can hold, about year 0 to year 9999. */
const MIN_SECONDS = -62167219200;
const MAX_SECONDS = 253402300799;

/** Decodes a message whose JSON form is not an object of its fields. Throws ProtobufError. */
export function decodeSpecial(type: TypeRef, reader: WireReader, readSchema: SchemaReader): JsonValue {
  switch (type.kind) {
    case 'time':
    case 'microTime':
      return readTime(reader, type.kind === 'microTime');
    case 'quantity':
      return readQuantity(reader);
    case 'intOrString':
      return readIntOrString(reader);
    case 'jsonSchemaOrBool':
      return readSchemaOrBool(type.schema, reader, readSchema);
    case 'jsonSchemaOrArray':
      return readUnion(reader, (inner) => readSchema(type.schema, inner.message()), type.schema, readSchema);
    case 'jsonSchemaOrStringArray':
      return readUnion(reader, (inner) => inner.text(), type.schema, readSchema);
    default:
      return readJson(reader);
  }
}

/** Calls `take` with each field number and wire type; fields that it does not take are skipped. */
function eachField(reader: WireReader, take: (number: number, wire: number) => boolean): void {
  while (!reader.done) {
    const tag = reader.varint();
    if (!take(Math.floor(tag / 8), tag & 7)) reader.skip(tag & 7);
  }
}

function readTime(reader: WireReader, micro: boolean): string | null {
  if (reader.done) return null;
  let seconds = 0;
  let nanos = 0;
  eachField(reader, (number, wire) => {
    if (wire !== VARINT || number > 2) return false;
    const value = Number(reader.integer());
    if (number === 1) seconds = value;
    else nanos = value;
    return true;
  });
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS || nanos < 0 || nanos >= 1e9) {
    throw new ProtobufError('time is out of range');
  }
  return micro ? formatGoMicroTime({ seconds, nanos }) : formatGoTime(seconds);
}

function readQuantity(reader: WireReader): string {
  let text = '0';
  eachField(reader, (number, wire) => {
    if (number !== 1 || wire !== 2) return false;
    text = reader.text();
    return true;
  });
  try {
    return canonicalQuantityText(text);
  } catch (error) {
    if (error instanceof QuantityError) throw new ProtobufError(error.message);
    throw error;
  }
}

function readIntOrString(reader: WireReader): number | string {
  let isText = false;
  let integer = 0;
  let text = '';
  eachField(reader, (number, wire) => {
    if (number === 1 && wire === VARINT) isText = reader.integer() !== 0;
    else if (number === 2 && wire === VARINT) integer = Number(BigInt.asIntN(32, BigInt(reader.integer())));
    else if (number === 3 && wire === 2) text = reader.text();
    else return false;
    return true;
  });
  return isText ? text : integer;
}

function readSchemaOrBool(schema: StructType, reader: WireReader, readSchema: SchemaReader): JsonValue {
  let allows = false;
  let found: JsonObject | undefined;
  eachField(reader, (number, wire) => {
    if (number === 1 && wire === VARINT) allows = reader.integer() !== 0;
    else if (number === 2 && wire === 2) found = readSchema(schema, reader.message());
    else return false;
    return true;
  });
  return found ?? allows;
}

function readUnion(
  reader: WireReader,
  readItem: (reader: WireReader) => JsonValue,
  schema: StructType,
  readSchema: SchemaReader,
): JsonValue {
  const items: JsonValue[] = [];
  let single: JsonObject | null = null;
  eachField(reader, (number, wire) => {
    if (wire !== 2 || number > 2) return false;
    if (number === 1) single = readSchema(schema, reader.message());
    else items.push(readItem(reader));
    return true;
  });
  return items.length > 0 ? items : single;
}

/** A message with JSON text as its only field. */
function readJson(reader: WireReader): JsonValue {
  let text: string | undefined;
  eachField(reader, (number, wire) => {
    if (number !== 1 || wire !== 2) return false;
    text = reader.text();
    return true;
  });
  if (text === undefined) return null;
  try {
    return parseJson(text).value;
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw new ProtobufError(error.message);
    throw error;
  }
}

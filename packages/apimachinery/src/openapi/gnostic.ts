import { WireWriter } from '../codec/protobuf/wire-writer.js';
import { stringify } from '../json/stringify.js';
import { isObject, type JsonObject, type JsonValue } from '../json/value.js';
import { isRestDue, type Work } from '../turns/work.js';
import { DOCUMENT, type MessageFields, type Shape } from './gnostic-messages.js';

/**
 * Encodes an OpenAPI v2 document as `openapi.v2.Document` of gnostic, which kubectl before 1.29 cannot do without
 * (`application/com.github.proto-openapi.spec.v2.v1.0+protobuf`).
 */
export function* encodingOpenApiV2(document: JsonObject): Work<Buffer> {
  const writer = new WireWriter();
  yield* writeMessage(DOCUMENT, document, writer);
  return writer.finish();
}

/** Writes an object's members from the highest field number down (the writer runs backwards). */
function* writeMessage(message: MessageFields, object: JsonObject, writer: WireWriter): Work<void> {
  if (isRestDue()) yield;
  if (message.extensions !== undefined) {
    const names = Object.keys(object).filter((name) => name.startsWith('x-'));
    for (const name of names.reverse()) {
      yield* writeNamed(message.extensions, name, 'any', object[name] ?? null, writer);
    }
  }
  for (let i = message.fields.length - 1; i >= 0; i--) {
    const field = message.fields[i];
    const value = field === undefined ? undefined : object[field.name];
    if (field !== undefined && value !== undefined) yield* writeShape(field.number, field.shape, value, writer);
  }
}

function* writeShape(number: number, shape: Shape, value: JsonValue, writer: WireWriter): Work<void> {
  if (typeof shape === 'string') {
    writeScalar(number, shape, value, writer);
    return;
  }
  switch (shape.kind) {
    case 'message':
      yield* nested(number, writer, writeMessage(shape.fields(), isObject(value) ? value : {}, writer));
      return;
    case 'wrapped':
      yield* nested(number, writer, writeShape(shape.number, shape.shape, value, writer));
      return;
    case 'repeated': {
      const items = Array.isArray(value) ? value : [value];
      for (let i = items.length - 1; i >= 0; i--) yield* writeShape(number, shape.shape, items[i] ?? null, writer);
      return;
    }
    case 'named': {
      const entries = Object.entries(isObject(value) ? value : {});
      for (const [name, member] of entries.reverse())
        yield* writeNamed(number, name, shape.shape, member ?? null, writer);
      return;
    }
    case 'choice':
      yield* writeShape(number, shape.choose(value), value, writer);
      return;
  }
}

/** A pair of a name and a value, which is how gnostic writes maps. */
function* writeNamed(number: number, name: string, shape: Shape, value: JsonValue, writer: WireWriter): Work<void> {
  const before = writer.size;
  yield* writeShape(2, shape, value, writer);
  writer.text(1, name);
  writer.message(number, before);
}

function* nested(number: number, writer: WireWriter, content: Work<void>): Work<void> {
  const before = writer.size;
  yield* content;
  writer.message(number, before);
}

function writeScalar(
  number: number,
  shape: 'text' | 'bool' | 'integer' | 'double' | 'any',
  value: JsonValue,
  writer: WireWriter,
): void {
  if (shape === 'text') {
    if (typeof value === 'string') writer.text(number, value);
    return;
  }
  // JSON is YAML, which is what readers parse.
  if (shape === 'any') {
    const before = writer.size;
    writer.text(2, `${stringify(value)}\n`);
    writer.message(number, before);
    return;
  }
  if (shape === 'double') {
    writer.double(Number(value));
    writer.tag(number, 1);
    return;
  }
  const integer = typeof value === 'boolean' ? Number(value) : value;
  if (typeof integer !== 'number' && typeof integer !== 'bigint') return;
  writer.integer(typeof integer === 'number' ? Math.trunc(integer) : integer);
  writer.tag(number, 0);
}

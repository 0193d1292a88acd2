import type { WireReader } from '@kcp/apimachinery/codec/protobuf/wire-reader';
import { VARINT, WireWriter } from '@kcp/apimachinery/codec/protobuf/wire-writer';
import type { Revision } from '../store.js';
import { storeRevision } from './revision-offset.js';

/*
 * The messages of etcd's v3 API that the store needs, by field number (etcd 3.4 and later, `etcdserverpb/rpc.proto`).
 * Keys are text: names in this store are.
 */

/** Writes the fields of one message; they are called in falling order of their numbers. */
type Fields = (writer: WireWriter) => void;

/** Bytes of a request beside the keys and values in it. */
const FRAMING_BYTES = 128;

/** `content`: how long the keys and values in it are, roughly. */
export function encode(fields: Fields, content = FRAMING_BYTES): Buffer {
  const writer = new WireWriter(content + FRAMING_BYTES);
  fields(writer);
  return writer.view();
}

/** A field that holds a message. */
export function nested(writer: WireWriter, field: number, fields: Fields): void {
  const before = writer.size;
  fields(writer);
  writer.message(field, before);
}

/** A number; 0 is not written, as proto3 has it. */
export function number(writer: WireWriter, field: number, value: number): void {
  if (value === 0) return;
  writer.varint(value);
  writer.tag(field, VARINT);
}

export function flag(writer: WireWriter, field: number, value: boolean): void {
  number(writer, field, value ? 1 : 0);
}

/** Calls `take` with each field's number; where `take` returns false the field is passed over. */
export function eachField(reader: WireReader, take: (field: number) => boolean): void {
  while (!reader.done) {
    const tag = reader.varint();
    if (!take(tag >>> 3)) reader.skip(tag & 7);
  }
}

/** A revision of the store, which is so far ahead of etcd's; above what a double holds there is none. Throws ProtobufError. */
export function readRevision(reader: WireReader, ahead: number): Revision {
  return storeRevision(reader.varint(), ahead);
}

export interface KeyValue {
  readonly key: string;
  readonly value: Buffer;
  readonly createRevision: Revision;
  readonly modRevision: Revision;
}

export function readKeyValue(reader: WireReader, ahead: number): KeyValue {
  const found = { key: '', value: Buffer.alloc(0) as Buffer, createRevision: 0, modRevision: 0 };
  eachField(reader, (field) => {
    if (field === 1) found.key = reader.text();
    else if (field === 2) found.createRevision = readRevision(reader, ahead);
    else if (field === 3) found.modRevision = readRevision(reader, ahead);
    else if (field === 5) found.value = reader.bytes();
    else return false;
    return true;
  });
  return found;
}

/** The revision that a response's header names: the newest of the store when it was answered. */
export function readHeader(reader: WireReader, ahead: number): Revision {
  let revision = 0;
  eachField(reader, (field) => {
    if (field !== 3) return false;
    revision = readRevision(reader, ahead);
    return true;
  });
  return revision;
}

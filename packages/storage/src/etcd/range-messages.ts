import { WireReader } from '@kcp/apimachinery/codec/protobuf/wire-reader';
import type { WireWriter } from '@kcp/apimachinery/codec/protobuf/wire-writer';
import { eachField, encode, flag, type KeyValue, nested, number, readHeader, readKeyValue } from './messages.js';

/** What a range request asks; `end` is exclusive, and absent for one key. */
export interface RangeQuery {
  readonly key: string;
  readonly end?: string;
  readonly limit?: number;
  readonly revision?: number;
  readonly countOnly?: boolean;
}

export interface RangeAnswer {
  readonly revision: number;
  readonly items: readonly KeyValue[];
  readonly more: boolean;
}

export function writeRange(writer: WireWriter, query: RangeQuery): void {
  flag(writer, 9, query.countOnly ?? false);
  number(writer, 4, query.revision ?? 0);
  number(writer, 3, query.limit ?? 0);
  if (query.end !== undefined) writer.text(2, query.end);
  writer.text(1, query.key);
}

export function encodeRange(query: RangeQuery): Buffer {
  return encode((writer) => writeRange(writer, query));
}

export function decodeRange(bytes: Buffer): RangeAnswer {
  return readRange(new WireReader(bytes));
}

function readRange(reader: WireReader): RangeAnswer {
  const items: KeyValue[] = [];
  let revision = 0;
  let more = false;
  eachField(reader, (field) => {
    if (field === 1) revision = readHeader(reader.message());
    else if (field === 2) items.push(readKeyValue(reader.message()));
    else if (field === 3) more = reader.varint() !== 0;
    else return false;
    return true;
  });
  return { revision, items, more };
}

/** A write that happens only when the key's last write was of revision `expected`; 0 when there must be no such key. */
export interface GuardedWrite {
  readonly key: string;
  readonly expected: number;
  /** Undefined for a deletion. */
  readonly value: Buffer | undefined;
}

export interface GuardedAnswer {
  readonly revision: number;
  readonly done: boolean;
  /** Where it was not done: what is there instead. */
  readonly found: KeyValue | undefined;
}

const COMPARE_MOD = 2;

/** A transaction: compare the revision, then write, else read. */
export function encodeGuarded({ key, expected, value }: GuardedWrite): Buffer {
  return encode((writer) => {
    nested(writer, 3, (op) => nested(op, 1, (range) => writeRange(range, { key })));
    nested(writer, 2, (op) => {
      if (value === undefined) nested(op, 3, (deletion) => deletion.text(1, key));
      else nested(op, 2, (put) => writePut(put, key, value));
    });
    nested(writer, 1, (compare) => {
      compare.varint(expected);
      compare.tag(6, 0);
      compare.text(3, key);
      number(compare, 2, COMPARE_MOD);
    });
  });
}

function writePut(writer: WireWriter, key: string, value: Buffer): void {
  writer.bytes(2, value);
  writer.text(1, key);
}

export function decodeGuarded(bytes: Buffer): GuardedAnswer {
  const reader = new WireReader(bytes);
  let revision = 0;
  let done = false;
  let found: KeyValue | undefined;
  eachField(reader, (field) => {
    if (field === 1) revision = readHeader(reader.message());
    else if (field === 2) done = reader.varint() !== 0;
    else if (field === 3) found ??= readFound(reader.message());
    else return false;
    return true;
  });
  return { revision, done, found };
}

/** Of a response in a transaction, what a range found. */
function readFound(reader: WireReader): KeyValue | undefined {
  let found: KeyValue | undefined;
  eachField(reader, (field) => {
    if (field !== 1) return false;
    found = readRange(reader.message()).items[0];
    return true;
  });
  return found;
}

export function encodeCompaction(revision: number): Buffer {
  return encode((writer) => number(writer, 1, revision));
}

/** `dbSize` of the answer to a status request, in bytes. */
export function decodeDatabaseSize(bytes: Buffer): number {
  const reader = new WireReader(bytes);
  let size = 0;
  eachField(reader, (field) => {
    if (field !== 3) return false;
    size = reader.varint();
    return true;
  });
  return size;
}

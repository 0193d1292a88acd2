import { WireReader } from '@kcp/apimachinery/codec/protobuf/wire-reader';
import type { WireWriter } from '@kcp/apimachinery/codec/protobuf/wire-writer';
import type { Revision } from '../store.js';
import { eachField, encode, flag, type KeyValue, nested, number, readHeader, readKeyValue } from './messages.js';
import { etcdRevision, offsetValue } from './revision-offset.js';

/*
 * `ahead` is how far the store's revisions are ahead of etcd's; all revisions here but those in the bytes are the store's.
 */

/** What a range request asks; `end` is exclusive, and absent for one key. */
export interface RangeQuery {
  readonly key: string;
  readonly end?: string;
  readonly limit?: number;
  readonly revision?: Revision;
  readonly countOnly?: boolean;
}

export interface RangeAnswer {
  readonly revision: Revision;
  readonly items: readonly KeyValue[];
  readonly more: boolean;
}

export function writeRange(writer: WireWriter, query: RangeQuery, ahead: number): void {
  flag(writer, 9, query.countOnly ?? false);
  number(writer, 4, etcdRevision(query.revision ?? 0, ahead));
  number(writer, 3, query.limit ?? 0);
  if (query.end !== undefined) writer.text(2, query.end);
  writer.text(1, query.key);
}

export function encodeRange(query: RangeQuery, ahead: number): Buffer {
  return encode((writer) => writeRange(writer, query, ahead));
}

export function decodeRange(bytes: Buffer, ahead: number): RangeAnswer {
  return readRange(new WireReader(bytes), ahead);
}

function readRange(reader: WireReader, ahead: number): RangeAnswer {
  const items: KeyValue[] = [];
  let revision = 0;
  let more = false;
  eachField(reader, (field) => {
    if (field === 1) revision = readHeader(reader.message(), ahead);
    else if (field === 2) items.push(readKeyValue(reader.message(), ahead));
    else if (field === 3) more = reader.varint() !== 0;
    else return false;
    return true;
  });
  return { revision, items, more };
}

/** A write that happens only when the key's last write was of revision `expected`; 0 when there must be no such key. */
export interface GuardedWrite {
  readonly key: string;
  readonly expected: Revision;
  /** Undefined for a deletion. */
  readonly value: Buffer | undefined;
  /** And only when this key says that revisions are `ahead` of etcd's; where they are not, it must not be there. */
  readonly offsetKey: string;
}

export interface GuardedAnswer {
  readonly revision: Revision;
  readonly done: boolean;
  /** Where it was not done: what is there instead. */
  readonly found: KeyValue | undefined;
}

const COMPARE_MOD = 2;
const COMPARE_VALUE = 3;

/** A transaction: compare the revisions, then write, else read. */
export function encodeGuarded(write: GuardedWrite, ahead: number): Buffer {
  const { key, expected, value, offsetKey } = write;
  const content = 3 * key.length + offsetKey.length + (value?.length ?? 0);
  return encode((writer) => {
    nested(writer, 3, (op) => nested(op, 1, (range) => writeRange(range, { key }, ahead)));
    nested(writer, 2, (op) => {
      if (value === undefined) nested(op, 3, (deletion) => deletion.text(1, key));
      else nested(op, 2, (put) => writePut(put, key, value));
    });
    nested(writer, 1, (compare) => {
      if (ahead === 0) writeRevisionIs(compare, offsetKey, 0);
      else writeValueIs(compare, offsetKey, offsetValue(ahead));
    });
    nested(writer, 1, (compare) => writeRevisionIs(compare, key, etcdRevision(expected, ahead)));
  }, content);
}

/** The key was last written at etcd's revision; 0: it is not there. */
function writeRevisionIs(compare: WireWriter, key: string, revision: number): void {
  compare.varint(revision);
  compare.tag(6, 0);
  compare.text(3, key);
  number(compare, 2, COMPARE_MOD);
}

function writeValueIs(compare: WireWriter, key: string, value: Buffer): void {
  compare.bytes(7, value);
  compare.text(3, key);
  number(compare, 2, COMPARE_VALUE);
}

function writePut(writer: WireWriter, key: string, value: Buffer): void {
  writer.bytes(2, value);
  writer.text(1, key);
}

export function decodeGuarded(bytes: Buffer, ahead: number): GuardedAnswer {
  const reader = new WireReader(bytes);
  let revision = 0;
  let done = false;
  let found: KeyValue | undefined;
  eachField(reader, (field) => {
    if (field === 1) revision = readHeader(reader.message(), ahead);
    else if (field === 2) done = reader.varint() !== 0;
    else if (field === 3) found ??= readFound(reader.message(), ahead);
    else return false;
    return true;
  });
  return { revision, done, found };
}

/** Of a response in a transaction, what a range found. */
function readFound(reader: WireReader, ahead: number): KeyValue | undefined {
  let found: KeyValue | undefined;
  eachField(reader, (field) => {
    if (field !== 1) return false;
    found = readRange(reader.message(), ahead).items[0];
    return true;
  });
  return found;
}

export function encodeCompaction(revision: Revision, ahead: number): Buffer {
  return encode((writer) => number(writer, 1, etcdRevision(revision, ahead)));
}

export interface StatusAnswer {
  /** Of the database of the member that answers, in bytes. */
  readonly databaseSize: number;
  /** What is wrong with the cluster, in words; alarms among it. */
  readonly errors: readonly string[];
}

export function decodeStatus(bytes: Buffer): StatusAnswer {
  const reader = new WireReader(bytes);
  const errors: string[] = [];
  let databaseSize = 0;
  eachField(reader, (field) => {
    if (field === 3) databaseSize = reader.varint();
    else if (field === 8) errors.push(reader.text());
    else return false;
    return true;
  });
  return { databaseSize, errors };
}

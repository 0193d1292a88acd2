import { readU64, writeU64 } from '../bytes/u64.js';
import type { HistoryRecord } from '../engine/backend.js';
import { StorageError } from '../errors.js';
import type { StoreKey } from '../key.js';
import type { Revision, StoredValue } from '../store.js';

/*
 * The format on disk, version 1. Three databases in one LMDB environment; integers are big-endian, keys UTF-8.
 *
 *   latest    key of the object        -> createRevision u64, modRevision u64, value
 *   history   revision u64             -> kind u8 (1 create, 2 update, 3 delete), key length u16, key,
 *                                         and for 2 and 3 what was replaced: createRevision u64, modRevision u64, value
 *   meta      "format"                 -> "1"
 *             "state"                  -> newest revision u64, compacted revision u64
 *             "owner"                  -> JSON of the process that has the directory open (see owner.ts)
 *
 * Each revision after the compacted one has exactly one history record; trimming of older ones may lag behind.
 *
 * Example: /registry/core/secrets/root/default/a is created with {"a":1} at revision 7, updated to {"a":2} at 8, and
 * deleted at 9:
 *   after 7   latest  …/a -> 7, 7, {"a":1}       history 7 -> 1, 36, …/a                      state 7, 0
 *   after 8   latest  …/a -> 7, 8, {"a":2}       history 8 -> 2, 36, …/a, 7, 7, {"a":1}       state 8, 0
 *   after 9   latest  nothing                    history 9 -> 3, 36, …/a, 7, 8, {"a":2}       state 9, 0
 * The event of revision 8 is put together from record 8 (previous) and record 9 (what 8 had written).
 */
export const FORMAT_VERSION = '1';

const REVISIONS = 16;
const KINDS = ['create', 'update', 'delete'] as const;

/** Lets lmdb write and read text keys in place, without a buffer for each. */
export const TEXT_KEYS = {
  writeKey(key: string, target: Buffer, position: number): number {
    // lmdb takes a RangeError as "get me a larger buffer"; `write` alone would cut the key off.
    const room = target.length - position;
    if (key.length * 3 > room && Buffer.byteLength(key) > room) throw new RangeError('key does not fit');
    return position + target.write(key, position);
  },
  readKey(source: Buffer, start: number, end: number): string {
    return source.toString('utf8', start, end);
  },
};

/**
 * Lets lmdb hand out values as copies in Node's pool. Its own copies have an ArrayBuffer each, which costs more than
 * the copying when a list reads thousands that nobody keeps.
 */
export const POOLED_VALUES = {
  encode(value: Buffer): Buffer {
    return value;
  },
  decode(source: Buffer): Buffer {
    // lmdb reads into one buffer over and over and says by `length` how much of it is this value.
    const copy = Buffer.allocUnsafe(source.length);
    copy.set(source.subarray(0, copy.length));
    return copy;
  },
};

export function revisionKey(revision: Revision): Buffer {
  const key = Buffer.allocUnsafe(8);
  writeU64(key, revision, 0);
  return key;
}

export function encodeLatest(stored: StoredValue): Buffer {
  const out = Buffer.allocUnsafe(REVISIONS + stored.value.length);
  writeStored(out, stored, 0);
  return out;
}

export function decodeLatest(key: StoreKey, bytes: Buffer): StoredValue {
  return readStored(key, bytes, 0);
}

export function encodeHistory(record: HistoryRecord): Buffer {
  const keyBytes = Buffer.byteLength(record.key);
  const replaced = record.previous === undefined ? 0 : REVISIONS + record.previous.value.length;
  const out = Buffer.allocUnsafe(3 + keyBytes + replaced);
  out.writeUInt8(KINDS.indexOf(record.kind) + 1, 0);
  out.writeUInt16BE(keyBytes, 1);
  out.write(record.key, 3);
  if (record.previous !== undefined) writeStored(out, record.previous, 3 + keyBytes);
  return out;
}

/** Throws `corrupt` for bytes that are no record. */
export function decodeHistory(revision: Revision, bytes: Buffer): HistoryRecord {
  const kind = KINDS[(bytes[0] ?? 0) - 1];
  if (kind === undefined || bytes.length < 3) throw damaged(`history record ${revision}`);
  const end = 3 + bytes.readUInt16BE(1);
  if (bytes.length < end) throw damaged(`history record ${revision}`);
  const key = bytes.toString('utf8', 3, end) as StoreKey;
  return { revision, key, kind, previous: kind === 'create' ? undefined : readStored(key, bytes, end) };
}

export function encodeState(revision: Revision, compacted: Revision): Buffer {
  const out = Buffer.allocUnsafe(16);
  writeU64(out, revision, 0);
  writeU64(out, compacted, 8);
  return out;
}

export function decodeState(bytes: Buffer | undefined): { revision: Revision; compactedRevision: Revision } {
  if (bytes?.length !== 16) throw damaged('the newest revision');
  const state = { revision: readU64(bytes, 0), compactedRevision: readU64(bytes, 8) };
  if (state.compactedRevision > state.revision) throw damaged('the newest revision');
  return state;
}

function writeStored(out: Buffer, stored: StoredValue, offset: number): void {
  writeU64(out, stored.createRevision, offset);
  writeU64(out, stored.modRevision, offset + 8);
  stored.value.copy(out, offset + REVISIONS);
}

function readStored(key: StoreKey, bytes: Buffer, offset: number): StoredValue {
  if (bytes.length < offset + REVISIONS) throw damaged(`the value of ${key}`);
  const createRevision = readU64(bytes, offset);
  const modRevision = readU64(bytes, offset + 8);
  // Revisions begin at 1: a page that was lost and reads as zeros shows here.
  if (createRevision === 0 || modRevision < createRevision) throw damaged(`the value of ${key}`);
  return { key, value: bytes.subarray(offset + REVISIONS), createRevision, modRevision };
}

function damaged(what: string): StorageError {
  return new StorageError('corrupt', `${what} is unreadable`);
}

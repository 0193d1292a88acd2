import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { readU64 } from '../bytes/u64.js';
import type { StoreKey } from '../key.js';
import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from '../limits.js';
import type { Revision, StoredValue } from '../store.js';
import {
  badSnapshot,
  DIGEST_BYTES,
  END_BYTES,
  END_MARK,
  HEAD_BYTES,
  ITEM_HEAD_BYTES,
  SNAPSHOT_MAGIC,
  SNAPSHOT_VERSION,
} from './format.js';

/** Checks head and digest of a snapshot in one pass and returns its revision. Throws `corrupt`. */
export async function verifySnapshot(file: string): Promise<Revision> {
  const size = (await stat(file)).size;
  if (size < HEAD_BYTES + END_BYTES + DIGEST_BYTES) throw badSnapshot(file, 'it is cut off');
  const head = await readBytes(file, 0, HEAD_BYTES);
  if (head.toString('latin1', 0, 8) !== SNAPSHOT_MAGIC) throw badSnapshot(file, 'it is no snapshot');
  const version = head.readUInt32BE(8);
  if (version !== SNAPSHOT_VERSION) throw badSnapshot(file, `it has version ${version}, known is ${SNAPSHOT_VERSION}`);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { end: size - DIGEST_BYTES - 1 })) hash.update(chunk);
  const digest = await readBytes(file, size - DIGEST_BYTES, DIGEST_BYTES);
  if (!hash.digest().equals(digest)) throw badSnapshot(file, 'its checksum does not fit');
  return readU64(head, 12);
}

/** The values of a snapshot that `verifySnapshot` has passed, in key order, without holding more than one chunk. */
export async function* readSnapshot(file: string): AsyncGenerator<StoredValue> {
  let rest: Buffer = Buffer.alloc(0);
  let count = 0;
  for await (const chunk of createReadStream(file, { start: HEAD_BYTES })) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (;;) {
      if (rest.length >= at + END_BYTES && rest.readUInt32BE(at) === END_MARK) {
        if (readU64(rest, at + 4) !== count) throw badSnapshot(file, 'items are missing');
        return;
      }
      const end = itemEnd(file, rest, at);
      if (end === undefined) break;
      yield itemAt(rest, at, end);
      count++;
      at = end;
    }
    rest = rest.subarray(at);
  }
  throw badSnapshot(file, 'it has no end');
}

/** Where the item that starts at `at` ends; undefined when it is not all there yet. */
function itemEnd(file: string, bytes: Buffer, at: number): number | undefined {
  if (bytes.length < at + ITEM_HEAD_BYTES) return undefined;
  const keyLength = bytes.readUInt32BE(at);
  const valueLength = bytes.readUInt32BE(at + 4);
  if (keyLength > KEY_BYTES_MAX || valueLength > VALUE_BYTES_MAX) throw badSnapshot(file, 'an item is too large');
  const end = at + ITEM_HEAD_BYTES + keyLength + valueLength;
  return bytes.length < end ? undefined : end;
}

function itemAt(bytes: Buffer, at: number, end: number): StoredValue {
  const keyAt = at + ITEM_HEAD_BYTES;
  const valueAt = keyAt + bytes.readUInt32BE(at);
  return {
    key: bytes.toString('utf8', keyAt, valueAt) as StoreKey,
    value: bytes.subarray(valueAt, end),
    createRevision: readU64(bytes, at + 8),
    modRevision: readU64(bytes, at + 16),
  };
}

async function readBytes(file: string, position: number, length: number): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
    if (bytesRead < length) throw badSnapshot(file, 'it is cut off');
    return buffer;
  } finally {
    await handle.close();
  }
}

import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeU64 } from '../bytes/u64.js';
import { syncDirectory } from '../disk/sync-directory.js';
import { SNAPSHOT_PAGE_ITEMS } from '../limits.js';
import type { Revision, StoredValue } from '../store.js';
import { END_BYTES, END_MARK, HEAD_BYTES, ITEM_HEAD_BYTES, SNAPSHOT_MAGIC, SNAPSHOT_VERSION } from './format.js';

/** Reads the next values from `start` on (inclusive), as they were at the snapshot's revision. */
export type PageReader = (start: string, limit: number) => readonly StoredValue[] | Promise<readonly StoredValue[]>;

/**
 * Writes a snapshot page by page, so that nothing on disk is held open between pages. The file appears under its name
 * only when it is complete and synced.
 */
export async function writeSnapshot(file: string, revision: Revision, readPage: PageReader): Promise<void> {
  const partial = `${file}.partial-${process.pid}`;
  const handle = await open(partial, 'w', 0o600);
  try {
    await writeAll(handle, revision, readPage);
    await handle.sync();
    await handle.close();
    await rename(partial, file);
    await syncDirectory(dirname(file));
  } catch (error) {
    await handle.close();
    await rm(partial, { force: true });
    throw error;
  }
}

async function writeAll(handle: FileHandle, revision: Revision, readPage: PageReader): Promise<void> {
  const hash = createHash('sha256');
  await append(handle, hash, headOf(revision));
  let count = 0;
  let start = '';
  for (;;) {
    const page = await readPage(start, SNAPSHOT_PAGE_ITEMS);
    const last = page[page.length - 1];
    if (last === undefined) break;
    await append(handle, hash, Buffer.concat(page.flatMap(itemOf)));
    count += page.length;
    start = `${last.key}\u0000`;
  }
  await append(handle, hash, endOf(count));
  await handle.writeFile(hash.digest());
}

async function append(handle: FileHandle, hash: Hash, bytes: Buffer): Promise<void> {
  hash.update(bytes);
  await handle.writeFile(bytes);
}

function headOf(revision: Revision): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.write(SNAPSHOT_MAGIC, 'latin1');
  head.writeUInt32BE(SNAPSHOT_VERSION, 8);
  writeU64(head, revision, 12);
  return head;
}

function itemOf(item: StoredValue): Buffer[] {
  const key = Buffer.from(item.key);
  const head = Buffer.alloc(ITEM_HEAD_BYTES);
  head.writeUInt32BE(key.length, 0);
  head.writeUInt32BE(item.value.length, 4);
  writeU64(head, item.createRevision, 8);
  writeU64(head, item.modRevision, 16);
  return [head, key, item.value];
}

function endOf(count: number): Buffer {
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt32BE(END_MARK, 0);
  writeU64(end, count, 4);
  return end;
}

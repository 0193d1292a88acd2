import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectories } from '../disk/sync-directory.js';
import { StorageError } from '../errors.js';

export const DATA_FILE = 'data.mdb';
const MARKER = 'HAS_DATA';

/** Where LMDB keeps what in a meta page; the file begins with two of them, the newer transaction counts. */
const MAGIC = 0xbeefc0de;
const MAGIC_AT = 24;
const PAGE_SIZE_AT = 48;
const LAST_PAGE_AT = 144;
const TRANSACTION_AT = 152;
const META_BYTES = 160;
const PAGE_SIZES = [4_096, 8_192, 16_384, 32_768, 65_536];

/**
 * Looks at LMDB's data file before LMDB maps it, for what would otherwise end the process: a file that is none of
 * LMDB's, and one that was cut off (a read past its end is a SIGBUS). A cut-off file is made as long as it says it is,
 * with zeros, which read as errors. Throws `corrupt` with a reason; a file that is missing or empty is a new one, unless
 * the directory is known to have held data.
 */
export function checkDataFile(directory: string): void {
  const heldData = existsSync(join(directory, MARKER));
  const descriptor = openExisting(join(directory, DATA_FILE));
  if (descriptor === undefined) {
    refuseLoss(heldData, 'gone');
    return;
  }
  try {
    const size = fstatSync(descriptor).size;
    if (size === 0) refuseLoss(heldData, 'empty');
    else if (size < neededSize(descriptor)) ftruncateSync(descriptor, neededSize(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

/**
 * From here on a missing or empty data file is a loss and not a beginning. That, and the names of the files, is durable
 * before anything is acknowledged; `top` is the uppermost directory that may be new as well.
 */
export async function markDataFile(directory: string, top: string = directory): Promise<void> {
  const marker = join(directory, MARKER);
  if (existsSync(marker)) return;
  const handle = await open(marker, 'w', 0o600);
  try {
    await handle.writeFile('data.mdb holds data\n');
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncDirectories(directory, top);
}

function refuseLoss(heldData: boolean, what: string): void {
  if (heldData) throw new StorageError('corrupt', `data.mdb is ${what}, though it has held data`);
}

function openExisting(file: string): number | undefined {
  try {
    return openSync(file, 'r+');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function neededSize(descriptor: number): number {
  const first = readMeta(descriptor, 0);
  const pageSize = first.readUInt32LE(PAGE_SIZE_AT);
  if (!PAGE_SIZES.includes(pageSize)) throw new StorageError('corrupt', 'data.mdb has an unknown page size');
  const second = readMeta(descriptor, pageSize);
  const newer = first.readBigUInt64LE(TRANSACTION_AT) > second.readBigUInt64LE(TRANSACTION_AT) ? first : second;
  return (Number(newer.readBigUInt64LE(LAST_PAGE_AT)) + 1) * pageSize;
}

function readMeta(descriptor: number, position: number): Buffer {
  const page = Buffer.alloc(META_BYTES);
  const read = readSync(descriptor, page, 0, META_BYTES, position);
  if (read < META_BYTES || page.readUInt32LE(MAGIC_AT) !== MAGIC) {
    throw new StorageError('corrupt', 'data.mdb is not a data file');
  }
  return page;
}

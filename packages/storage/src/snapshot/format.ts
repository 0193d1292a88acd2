import { StorageError } from '../errors.js';

/*
 * A snapshot file, version 1, integers big-endian:
 *   head     "KCPSNAP\n", version u32, revision u64
 *   items    key length u32, value length u32, createRevision u64, modRevision u64, key (UTF-8), value   (in key order)
 *   end      0xffffffff u32, number of items u64
 *   digest   SHA-256 over everything before it
 */
export const SNAPSHOT_MAGIC = 'KCPSNAP\n';
export const SNAPSHOT_VERSION = 1;
export const HEAD_BYTES = 20;
export const ITEM_HEAD_BYTES = 24;
export const END_MARK = 0xffff_ffff;
export const END_BYTES = 12;
export const DIGEST_BYTES = 32;

export function badSnapshot(file: string, reason: string): StorageError {
  return new StorageError('corrupt', `snapshot ${file} cannot be used: ${reason}`);
}

import { existsSync, readdirSync } from 'node:fs';
import { StorageError } from '../errors.js';
import { RESTORE_BATCH_ITEMS, RESTORE_REVISION_BUMP } from '../limits.js';
import { markDataFile } from '../lmdb/data-file.js';
import type { LmdbTables } from '../lmdb/lmdb-backend.js';
import { initialise, openTables } from '../lmdb/lmdb-store.js';
import { releaseDirectory } from '../lmdb/owner.js';
import { encodeLatest } from '../lmdb/record.js';
import type { Revision, StoredValue } from '../store.js';
import { readSnapshot, verifySnapshot } from './snapshot-reader.js';

export interface RestoreOptions {
  /**
   * How far the revision jumps ahead of the snapshot's: more than the lost store can have written since, so that no
   * resourceVersion that a client still remembers is used twice.
   */
  readonly revisionBump?: number;
}

/**
 * Fills a new data directory from a snapshot and returns the revision that it stands at. Objects keep their revisions;
 * everything up to the new revision counts as compacted, so every watch starts anew. Rejects with `unavailable` when
 * the directory is not empty, and with `corrupt`, before anything is written, when the snapshot is damaged.
 */
export async function restoreSnapshot(
  file: string,
  directory: string,
  options: RestoreOptions = {},
): Promise<Revision> {
  if (existsSync(directory) && readdirSync(directory).length > 0) {
    throw new StorageError('unavailable', `directory ${directory} is not empty; restore into a new one`);
  }
  const revision = (await verifySnapshot(file)) + (options.revisionBump ?? RESTORE_REVISION_BUMP);
  const { tables, top } = openTables(directory);
  try {
    await fill(tables, file);
    // Only now is it a data directory: an interrupted restore leaves one that no server opens.
    initialise(tables, revision);
    await markDataFile(directory, top);
    releaseDirectory(directory, tables.meta);
  } finally {
    await tables.root.close();
  }
  return revision;
}

async function fill(tables: LmdbTables, file: string): Promise<void> {
  let batch: StoredValue[] = [];
  for await (const item of readSnapshot(file)) {
    batch.push(item);
    if (batch.length < RESTORE_BATCH_ITEMS) continue;
    await commit(tables, batch);
    batch = [];
  }
  await commit(tables, batch);
}

async function commit(tables: LmdbTables, items: readonly StoredValue[]): Promise<void> {
  if (items.length === 0) return;
  await tables.latest.batch(() => {
    for (const item of items) tables.latest.put(item.key, encodeLatest(item));
  });
}

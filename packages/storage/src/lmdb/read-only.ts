import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { StorageError } from '../errors.js';
import { writeSnapshot } from '../snapshot/snapshot-writer.js';
import { damagedError } from './damage.js';
import { LmdbView } from './lmdb-backend.js';
import { POOLED_VALUES, TEXT_KEYS } from './record.js';

const TABLE = { encoding: 'binary', keyEncoding: 'binary' } as const;
const LATEST = { encoding: 'binary', keyEncoder: TEXT_KEYS, encoder: POOLED_VALUES } as const;
const AFTER_ALL = '\uffff';

/**
 * Writes a snapshot of a data directory that a server may be using: one read transaction, which stops no writer, only
 * keeps what it sees from being reused meanwhile. Rejects with `unavailable` when there is no data, `corrupt` when it is
 * damaged. `signal` ends it and leaves no file; `page` hears how many objects were read.
 */
export async function snapshotDirectory(
  directory: string,
  file: string,
  signal: AbortSignal,
  page: (items: number) => void,
): Promise<void> {
  if (!existsSync(join(directory, 'data.mdb'))) {
    throw new StorageError('unavailable', `data directory ${directory} holds no data`);
  }
  const root = open<Buffer, Buffer>({
    path: directory,
    noSubdir: false,
    maxDbs: 4,
    cache: false,
    readOnly: true,
    ...TABLE,
  });
  try {
    const meta = root.openDB('meta', TABLE);
    const tables = { root, meta, latest: root.openDB<Buffer, string>('latest', LATEST), history: meta };
    const transaction = root.useReadTransaction();
    try {
      const view = new LmdbView(tables, transaction);
      await writeSnapshot(file, view.revision, (start, limit) => {
        signal.throwIfAborted();
        const items = view.range(start, AFTER_ALL, limit);
        page(items.length);
        // Other work of this process, such as a signal, gets its turn.
        return new Promise((resolve) => setImmediate(() => resolve(items)));
      });
    } finally {
      transaction.done();
    }
  } catch (error) {
    signal.throwIfAborted();
    throw damagedError(directory, error);
  } finally {
    await root.close();
  }
}

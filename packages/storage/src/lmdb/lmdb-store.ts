import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { EngineStore } from '../engine/engine-store.js';
import type { RetentionOptions } from '../engine/retention.js';
import { StorageError } from '../errors.js';
import type { Store } from '../store.js';
import { damagedError } from './damage.js';
import { checkDataFile, markDataFile } from './data-file.js';
import { LmdbBackend, type LmdbTables, STATE_KEY } from './lmdb-backend.js';
import { checkOwnerFile, claimDirectory } from './owner.js';
import { encodeState, FORMAT_VERSION, POOLED_VALUES, TEXT_KEYS } from './record.js';

export interface LmdbStoreOptions extends RetentionOptions {
  /** Made when it is missing. Belongs to this store alone. */
  readonly directory: string;
}

const FORMAT_KEY = Buffer.from('format');
const TABLE = { encoding: 'binary', keyEncoding: 'binary' } as const;
const LATEST = { encoding: 'binary', keyEncoder: TEXT_KEYS, encoder: POOLED_VALUES } as const;

/**
 * Opens the store of a data directory, or makes it. Rejects with `unavailable` when another process has it open, when
 * it was written by a newer version, or when the system says no; with `corrupt` when it is damaged. Each text names
 * the directory and the way out.
 */
export async function openLmdbStore(options: LmdbStoreOptions): Promise<Store> {
  const { tables, created, top } = openTables(options.directory);
  try {
    if (created) initialise(tables);
    await markDataFile(options.directory, top);
    return new EngineStore(new LmdbBackend(tables, options.directory), options);
  } catch (error) {
    await tables.root.close();
    throw damagedError(options.directory, error);
  }
}

/**
 * Opens and claims a directory; `created` tells that it holds nothing yet, not even its format, and `top` which directory
 * is the uppermost that got a new name.
 */
export function openTables(directory: string): { tables: LmdbTables; created: boolean; top: string } {
  let root: RootDatabase<Buffer, Buffer> | undefined;
  try {
    const made = mkdirSync(directory, { recursive: true, mode: 0o700 });
    checkOwnerFile(directory);
    checkDataFile(directory);
    root = openRoot(directory);
    const meta = root.openDB('meta', TABLE);
    checkFormat(directory, meta.getBinary(FORMAT_KEY)?.toString());
    claimDirectory(directory, root, meta);
    const tables = {
      root,
      meta,
      latest: root.openDB<Buffer, string>('latest', LATEST),
      history: root.openDB('history', TABLE),
    };
    return { tables, created: isNew(tables), top: made === undefined ? directory : dirname(made) };
  } catch (error) {
    // Nothing was written: there is nothing to wait for.
    void root?.close();
    throw damagedError(directory, error);
  }
}

/** Writes what makes an empty environment a data directory, in one transaction. */
export function initialise(tables: LmdbTables, revision = 0): void {
  tables.root.transactionSync(() => {
    tables.meta.putSync(STATE_KEY, encodeState(revision, revision));
    tables.meta.putSync(FORMAT_KEY, Buffer.from(FORMAT_VERSION));
  });
}

function openRoot(directory: string): RootDatabase<Buffer, Buffer> {
  return open<Buffer, Buffer>({
    path: directory,
    noSubdir: false,
    maxDbs: 4,
    cache: false,
    // A commit counts when it is on disk, not when it is visible.
    overlappingSync: false,
    // The engine makes the batches; waiting for the end of the turn once more would only cost time.
    eventTurnBatching: false,
    ...TABLE,
  });
}

function checkFormat(directory: string, format: string | undefined): void {
  if (format === undefined || format === FORMAT_VERSION) return;
  const text =
    `data directory ${directory} has format ${format.slice(0, 20)}, this version knows ${FORMAT_VERSION}: ` +
    'use the version that wrote it, or choose another directory';
  throw new StorageError('unavailable', text);
}

function isNew(tables: LmdbTables): boolean {
  if (tables.meta.getBinary(FORMAT_KEY) !== undefined) return false;
  if (tables.latest.getKeysCount({ start: '\u0000', limit: 1 }) === 0) return true;
  throw new StorageError('corrupt', 'it holds data and does not say in which format');
}

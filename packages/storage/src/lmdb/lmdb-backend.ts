import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database, RootDatabase, Transaction } from 'lmdb';
import { readU64 } from '../bytes/u64.js';
import type { Backend, BackendOrigin, BackendView, CommitBatch, HistoryRecord } from '../engine/backend.js';
import { recordOf } from '../engine/record-of.js';
import { keyOf } from '../engine/watch-hub.js';
import { StorageError } from '../errors.js';
import type { StoreKey } from '../key.js';
import type { Revision, StoredValue } from '../store.js';
import { damagedError } from './damage.js';
import { DATA_FILE } from './data-file.js';
import { releaseDirectory } from './owner.js';
import {
  decodeHistory,
  decodeLatest,
  decodeState,
  encodeHistory,
  encodeLatest,
  encodeState,
  revisionKey,
} from './record.js';

export type Table = Database<Buffer, Buffer>;

export interface LmdbTables {
  readonly root: RootDatabase<Buffer, Buffer>;
  readonly latest: Database<Buffer, string>;
  readonly history: Table;
  readonly meta: Table;
}

export const STATE_KEY = Buffer.from('state');

/** The store's layout in LMDB (see record.ts). Reads are synchronous and never outlive their call. */
export class LmdbBackend implements Backend {
  readonly origin: BackendOrigin;
  readonly #tables: LmdbTables;
  readonly #directory: string;

  constructor(tables: LmdbTables, directory: string) {
    this.#tables = tables;
    this.#directory = directory;
    const state = decodeState(tables.meta.getBinary(STATE_KEY));
    this.origin = { ...state, trimmedRevision: this.#oldestRecord(state.revision) - 1 };
    if (this.origin.trimmedRevision > state.compactedRevision) {
      throw new StorageError('corrupt', `the history before revision ${this.origin.trimmedRevision + 1} is missing`);
    }
  }

  read<T>(reader: (view: BackendView) => T): T {
    const transaction = this.#tables.root.useReadTransaction();
    try {
      return reader(new LmdbView(this.#tables, transaction));
    } catch (error) {
      throw damagedError(this.#directory, error);
    } finally {
      transaction.done();
    }
  }

  async commit(batch: CommitBatch): Promise<void> {
    const { root, latest, meta, history } = this.#tables;
    const committed = latest.batch(() => {
      for (const event of batch.events) {
        const key = keyOf(event);
        if (event.type === 'put') latest.put(key, encodeLatest(event.current));
        else latest.remove(key);
        history.put(revisionKey(event.revision), encodeHistory(recordOf(event)));
      }
      for (let r = batch.trim.from + 1; r <= batch.trim.to; r++) history.remove(revisionKey(r));
      meta.put(STATE_KEY, encodeState(batch.revision, batch.compactedRevision));
    });
    try {
      await committed;
    } catch (error) {
      throw await commitCause(error);
    }
    root.resetReadTxn();
  }

  async size(): Promise<number> {
    return (await stat(join(this.#directory, DATA_FILE))).size;
  }

  async close(): Promise<void> {
    try {
      releaseDirectory(this.#directory, this.#tables.meta);
    } finally {
      await this.#tables.root.close();
    }
  }

  #oldestRecord(newest: Revision): Revision {
    for (const key of this.#tables.history.getKeys({ limit: 1 })) return readU64(key, 0);
    return newest + 1;
  }
}

/** One moment of the data, as long as its transaction lasts. */
export class LmdbView implements BackendView {
  readonly revision: Revision;
  readonly #tables: LmdbTables;
  readonly #transaction: Transaction;

  constructor(tables: LmdbTables, transaction: Transaction) {
    this.#tables = tables;
    this.#transaction = transaction;
    this.revision = decodeState(tables.meta.get(STATE_KEY, { transaction })).revision;
  }

  get(key: StoreKey): StoredValue | undefined {
    const bytes = this.#tables.latest.get(key, { transaction: this.#transaction });
    return bytes === undefined ? undefined : decodeLatest(key, bytes);
  }

  range(start: string, end: string, limit: number): StoredValue[] {
    const items: StoredValue[] = [];
    if (limit <= 0 || start >= end) return items;
    // An empty key is none of LMDB's.
    const options = { start: start === '' ? '\u0000' : start, end, limit, transaction: this.#transaction };
    for (const { key, value } of this.#tables.latest.getRange(options)) {
      items.push(decodeLatest(key as StoreKey, value));
    }
    return items;
  }

  history(from: Revision, to: Revision): HistoryRecord[] {
    const records: HistoryRecord[] = [];
    if (from >= to) return records;
    const options = { start: revisionKey(from + 1), end: revisionKey(to + 1), transaction: this.#transaction };
    for (const { key, value } of this.#tables.history.getRange(options)) {
      records.push(decodeHistory(readU64(key, 0), value));
    }
    return records;
  }
}

/** lmdb rejects with a general error, and tells the cause in a second promise that rejects with it. */
async function commitCause(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error;
  try {
    await error.commitError;
    return error;
  } catch (cause) {
    return cause;
  }
}

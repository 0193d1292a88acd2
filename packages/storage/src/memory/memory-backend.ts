import { ownBytes } from '../bytes/own-bytes.js';
import type { Backend, BackendOrigin, BackendView, CommitBatch, HistoryRecord } from '../engine/backend.js';
import { recordOf } from '../engine/record-of.js';
import type { StoreKey } from '../key.js';
import type { Revision, StoredValue } from '../store.js';
import { SortedTree } from '../tree/sorted-tree.js';

/** Keeps everything in memory; "durable" means "applied". */
export class MemoryBackend implements Backend {
  readonly origin: BackendOrigin = { revision: 0, compactedRevision: 0, trimmedRevision: 0 };
  readonly #latest = new SortedTree<StoredValue>();
  /** Records of the revisions `#trimmed` + 1 … `#revision`; the first `#dropped` slots are already forgotten. */
  #history: (HistoryRecord | undefined)[] = [];
  #dropped = 0;
  #trimmed: Revision = 0;
  #revision: Revision = 0;
  readonly #view: BackendView;

  constructor() {
    const newest = (): Revision => this.#revision;
    this.#view = {
      get revision(): Revision {
        return newest();
      },
      get: (key: StoreKey) => this.#latest.get(key),
      range: (start, end, limit) => this.#latest.range(start, end, limit),
      history: (from, to) => this.#records(from, to),
    };
  }

  async size(): Promise<undefined> {
    return undefined;
  }

  read<T>(reader: (view: BackendView) => T): T {
    return reader(this.#view);
  }

  async commit(batch: CommitBatch): Promise<void> {
    for (const event of batch.events) {
      if (event.type === 'put') this.#latest.set(event.current.key, withOwnValue(event.current));
      else this.#latest.delete(event.previous.key);
      this.#history.push(recordOf(event));
    }
    this.#revision = batch.revision;
    this.#trim(batch.trim.to);
  }

  async close(): Promise<void> {
    this.#history = [];
  }

  #records(from: Revision, to: Revision): HistoryRecord[] {
    const start = this.#dropped + Math.max(0, from - this.#trimmed);
    const records = this.#history.slice(start, this.#dropped + Math.max(0, to - this.#trimmed));
    return records.filter((record) => record !== undefined);
  }

  /** Forgets in place and closes the gap only when it is half of the array, so that a step costs what it removes. */
  #trim(to: Revision): void {
    for (; this.#trimmed < to; this.#trimmed++) this.#history[this.#dropped++] = undefined;
    if (this.#dropped * 2 <= this.#history.length) return;
    this.#history.splice(0, this.#dropped);
    this.#dropped = 0;
  }
}

function withOwnValue(stored: StoredValue): StoredValue {
  return { ...stored, value: ownBytes(stored.value) };
}

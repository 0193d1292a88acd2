import type { StorageError } from './errors.js';
import type { StoreKey } from './key.js';

/** One monotonic counter over all keys: a positive safe integer. Outside the store it is an opaque resourceVersion. */
export type Revision = number;

/** A key with the value of its last write. `value` never contains the object's own resourceVersion. */
export interface StoredValue {
  readonly key: StoreKey;
  readonly value: Buffer;
  /** Revision of the write that created the key (since its last deletion). */
  readonly createRevision: Revision;
  /** Revision of its last write. */
  readonly modRevision: Revision;
  /** Stored in a form that is no longer written, such as under a former key: worth writing anew. */
  readonly stale?: boolean;
}

/** One committed change. Events of one store come in strictly ascending revisions, one key each. */
export type StoreEvent = PutEvent | DeleteEvent;

export interface PutEvent {
  readonly type: 'put';
  readonly revision: Revision;
  readonly current: StoredValue;
  /** What the write replaced; undefined for a creation. */
  readonly previous: StoredValue | undefined;
}

export interface DeleteEvent {
  readonly type: 'delete';
  readonly revision: Revision;
  readonly previous: StoredValue;
}

export interface ListOptions {
  /** Read as of this revision instead of now. Throws `compacted` or `futureRevision`. */
  readonly at?: Revision;
  /** At most so many values. */
  readonly limit?: number;
  /** Only keys greater than this one (exclusive); must lie in the prefix. */
  readonly after?: StoreKey;
}

export interface ListResult {
  readonly items: readonly StoredValue[];
  /** The revision that the list shows. */
  readonly revision: Revision;
  /** True when the limit cut the list. */
  readonly more: boolean;
}

export interface WatchSink {
  /** Events of one commit batch, in order. Must not throw and must not block. */
  events(events: readonly StoreEvent[]): void;
  /** There is nothing of the prefix up to this revision that was not delivered; for engines that others write to. */
  progress?(revision: Revision): void;
  /**
   * Called once, when the watch ends by itself: the store closed or failed, or, as `compacted`, forgot what was yet to
   * be delivered. Not called after `signal` aborts.
   */
  closed(error: unknown): void;
}

/**
 * The store's contract, which every engine passes (see `testing/`). Errors are `StorageError`s. A promise of a write
 * resolves only when the write is durable; nothing acknowledged is ever lost. After a write has failed for a reason
 * other than its own condition, an embedded engine is broken: every further call fails with `unavailable`. An engine
 * elsewhere may recover; whether a write happened that failed so is unknown.
 */
export interface Store {
  /** The newest durable revision that this process knows of; 0 for a store that never had a write. */
  readonly revision: Revision;
  /** Why calls fail, with an embedded engine for ever; undefined while the engine works. */
  readonly failure: StorageError | undefined;
  /** Everything at or below this revision can no longer be watched from or listed at. */
  readonly compactedRevision: Revision;

  /**
   * The newest value, including one whose write is accepted but not yet durable: it is what a compare-and-swap will
   * be held against. Who lets a caller see such a value without writing, or refuses him something because of it, waits
   * for `durable(modRevision)` first. That there is no value, and a refusal of the store's own, are told only when what
   * they follow from is durable.
   */
  get(key: StoreKey): Promise<StoredValue | undefined>;
  /**
   * The newest durable revision there is, at least as new as everything acknowledged before the call, whoever wrote it.
   * At once where nobody else writes.
   */
  latest(): Revision | Promise<Revision>;
  /** Resolves once `revision` is durable. */
  durable(revision: Revision): Promise<void>;
  /** Durable values below `prefix`, in key order. */
  list(prefix: StoreKey, options?: ListOptions): Promise<ListResult>;
  /** Throws `exists`. Resolves with the revision of the write. */
  create(key: StoreKey, value: Buffer): Promise<Revision>;
  /** Throws `notFound`, or `conflict` when the newest value is not of revision `expected`. */
  update(key: StoreKey, value: Buffer, expected: Revision): Promise<Revision>;
  /** Throws `notFound` or `conflict`. Resolves with the revision of the deletion. */
  delete(key: StoreKey, expected: Revision): Promise<Revision>;
  /**
   * Delivers every event after revision `from` below `prefix`, history first, then live, each once and in order.
   * Throws `compacted` when `from` is below the compacted revision, `futureRevision` when it is above `revision`.
   * Returns after the watch is set up; ends when `signal` aborts.
   */
  watch(prefix: StoreKey, from: Revision, sink: WatchSink, signal: AbortSignal): Promise<void>;
  /** Forgets history up to `revision` (inclusive). The newest value of every key stays. */
  compact(revision: Revision): Promise<void>;
  /** Bytes that the database takes on disk, with what it keeps for later writes; undefined where nothing is on disk. */
  size(): Promise<number | undefined>;
  /** Writes a consistent copy to a file, without stopping writers. */
  snapshot(file: string): Promise<void>;
  /** Waits for accepted writes, then releases everything. Idempotent. */
  close(): Promise<void>;
}

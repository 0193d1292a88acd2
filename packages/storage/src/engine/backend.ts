import type { StoreKey } from '../key.js';
import type { Revision, StoredValue, StoreEvent } from '../store.js';

/**
 * What a change replaced: enough to undo it, and together with the later records and the newest values enough to tell
 * what it wrote. The history of a store has exactly one record for each revision after its compacted one.
 */
export interface HistoryRecord {
  readonly revision: Revision;
  readonly key: StoreKey;
  readonly kind: 'create' | 'update' | 'delete';
  /** Undefined for `create`. */
  readonly previous: StoredValue | undefined;
}

/** One consistent state of what is on disk. Valid only inside the call that hands it out. */
export interface BackendView {
  /** The newest revision in this state; may be ahead of what the engine has announced. */
  readonly revision: Revision;
  get(key: StoreKey): StoredValue | undefined;
  /** Values with `start` <= key < `end` in key order. */
  range(start: string, end: string, limit: number): readonly StoredValue[];
  /** Records of the revisions `from` < r <= `to`, ascending. */
  history(from: Revision, to: Revision): readonly HistoryRecord[];
}

/** What one commit makes durable, all or nothing. */
export interface CommitBatch {
  /** In ascending revisions; may be empty. */
  readonly events: readonly StoreEvent[];
  readonly revision: Revision;
  readonly compactedRevision: Revision;
  /** History records to remove: revisions `from` < r <= `to`. */
  readonly trim: { readonly from: Revision; readonly to: Revision };
}

/** Where a backend stands when it is opened. */
export interface BackendOrigin {
  readonly revision: Revision;
  readonly compactedRevision: Revision;
  /** The history holds a record for each revision after this one; at most the compacted revision. */
  readonly trimmedRevision: Revision;
}

/** The physical half of a store. The engine above is its only user and commits one batch at a time. */
export interface Backend {
  readonly origin: BackendOrigin;
  read<T>(reader: (view: BackendView) => T): T;
  /** Resolves when the batch is durable. */
  commit(batch: CommitBatch): Promise<void>;
  /** Bytes on disk; undefined where nothing is. */
  size(): Promise<number | undefined>;
  close(): Promise<void>;
}

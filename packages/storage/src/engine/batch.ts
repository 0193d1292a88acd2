import type { Revision, StoreEvent } from '../store.js';

/** Writes that share one commit, and the promise that all their writers wait for. */
export class WriteBatch {
  readonly events: StoreEvent[] = [];
  readonly done: Promise<void>;
  resolve: () => void = () => undefined;
  reject: (error: unknown) => void = () => undefined;

  constructor() {
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // A batch may fail without a writer waiting for it (only a compaction): that is no unhandled rejection.
    this.done.catch(() => undefined);
  }

  /** The revision of the last write; undefined for a batch that only compacts. */
  get lastRevision(): Revision | undefined {
    return this.events[this.events.length - 1]?.revision;
  }
}

import type { Revision } from '../store.js';

interface Waiter {
  readonly revision: Revision;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** How far the cache has come, and who waits for more. */
export class Progress {
  #revision: Revision = 0;
  #waiters = new Set<Waiter>();

  get revision(): Revision {
    return this.#revision;
  }

  advance(revision: Revision): void {
    if (revision <= this.#revision) return;
    this.#revision = revision;
    for (const waiter of this.#waiters) {
      if (waiter.revision > revision) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  async waitFor(revision: Revision, signal: AbortSignal): Promise<void> {
    if (revision <= this.#revision) return;
    signal.throwIfAborted();
    let waiter: Waiter | undefined;
    const abort = (): void => {
      if (waiter !== undefined && this.#waiters.delete(waiter)) waiter.reject(signal.reason);
    };
    try {
      await new Promise<void>((resolve, reject) => {
        waiter = { revision, resolve, reject };
        this.#waiters.add(waiter);
        signal.addEventListener('abort', abort, { once: true });
      });
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** There will be no more. */
  fail(reason: unknown): void {
    const waiters = this.#waiters;
    this.#waiters = new Set();
    for (const waiter of waiters) waiter.reject(reason);
  }
}

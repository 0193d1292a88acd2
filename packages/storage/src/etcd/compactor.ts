import type { Revision } from '../store.js';
import type { GuardedAnswer } from './range-messages.js';

/** Where the servers of one etcd agree on whose turn it is; as Kubernetes does, so that both may share one. */
export const COMPACT_KEY = 'compact_rev_key';

export interface Compactable {
  /** Writes down at COMPACT_KEY how far history went, if nobody did since revision `expected` (0: ever). */
  turn(expected: Revision, reached: Revision): Promise<GuardedAnswer>;
  compact(revision: Revision): Promise<void>;
  /** A turn failed; the next one comes. */
  failed(error: unknown): void;
}

/**
 * Forgets what is older than a time. Every server tries once in that time to write down where history began its last
 * turn, and the one that did forgets what was before; for the others it is done.
 */
export class Compactor {
  readonly #store: Compactable;
  readonly #timer: NodeJS.Timeout;
  /** Revision of the last write to the key that this server knows of. */
  #turn: Revision = 0;
  /** How far history went then. */
  #reached: Revision = 0;

  constructor(store: Compactable, ageMs: number) {
    this.#store = store;
    this.#timer = setInterval(() => void this.turn(), ageMs).unref();
  }

  async turn(): Promise<void> {
    try {
      await this.#try();
    } catch (error) {
      this.#store.failed(error);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #try(): Promise<void> {
    const { done, revision, found } = await this.#store.turn(this.#turn, this.#reached);
    const before = this.#reached;
    this.#turn = done ? revision : (found?.modRevision ?? 0);
    this.#reached = revision;
    if (done && before > 0) await this.#store.compact(before);
  }
}

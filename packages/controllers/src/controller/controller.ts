import { StatusError } from '@kcp/apimachinery/errors/status-error';
import { type Again, WorkQueue } from '@kcp/client/queue/work-queue';
import { STOP_GRACE_MS } from '../limits.js';
import type { Environment } from './environment.js';

/** A source of keys; informers are such. */
export interface Source {
  /** Idempotent. */
  start(): void;
  /** Resolves when the first whole state is known. */
  readonly synced: Promise<void>;
}

export interface ControllerOptions<K> {
  /** For the log: `namespaces`. */
  readonly name: string;
  readonly environment: Environment;
  readonly sources: readonly Source[];
  readonly textOf: (key: K) => string;
  /** Keys that are reconciled at the same time. */
  readonly workers: number;
  /**
   * Brings one key from whatever is to what should be. It looks at the present state and not at an event, does nothing
   * where nothing is to be done, and may be called at any time and any number of times. What it rejects with is logged
   * and tried again after a growing pause.
   */
  readonly reconcile: (key: K, signal: AbortSignal) => Promise<Again | undefined>;
}

/**
 * How every controller is built: informers whose handlers enqueue keys, a queue, and a reconciliation that is handed a
 * key. Nothing is reconciled before the informers know the whole state. There is no timer per key or cluster, and
 * nothing is polled.
 */
export class Controller<K> {
  readonly #options: ControllerOptions<K>;
  readonly #queue: WorkQueue<K>;
  #stopped = false;

  constructor(options: ControllerOptions<K>) {
    const { environment, name, textOf, workers, reconcile } = options;
    this.#options = options;
    this.#queue = new WorkQueue({
      work: reconcile,
      textOf,
      workers,
      clock: environment.clock,
      random: environment.random,
      onFailure: (key, error, retryMs) => {
        const fields = { controller: name, key: textOf(key), error, retryMs: Math.round(retryMs) };
        if (isConflict(error)) environment.log.debug(4, 'someone else was faster, once more', fields);
        else environment.log.warn('a reconciliation failed and will be tried again', fields);
      },
    });
  }

  enqueue(key: K): void {
    this.#queue.add(key);
  }

  enqueueAfter(key: K, ms: number): void {
    this.#queue.addAfter(key, ms);
  }

  /** Begins to work as soon as the informers are in step. */
  start(): void {
    for (const source of this.#options.sources) source.start();
    void Promise.all(this.#options.sources.map(({ synced }) => synced)).then(() => {
      if (!this.#stopped) this.#queue.start();
    });
  }

  /** Finishes what is being reconciled and takes up nothing more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#queue.stop(STOP_GRACE_MS);
  }
}

/** Somebody else wrote between our look and our write: the next look will do. */
function isConflict(error: unknown): boolean {
  return error instanceof StatusError && error.reason === 'Conflict';
}

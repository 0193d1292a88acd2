import type { StorageError } from '../errors.js';
import { SPACE_ALARM_ASK_MS } from './limits.js';

/** What etcd says when its database is as large as its quota allows. */
const FULL = 'database space exceeded';

export interface Alarmed {
  /** Whether etcd says that a database of the cluster is full. */
  full(): Promise<boolean>;
  /** Writes are refused for this reason; undefined when they are taken again. */
  refuses(error: StorageError | undefined): void;
}

/**
 * A full etcd answers reads and refuses writes until somebody makes room and ends the alarm. Who only reads would not hear
 * of that: so it is asked from the first refusal on, until it is over.
 */
export class SpaceAlarm {
  readonly #store: Alarmed;
  #timer: NodeJS.Timeout | undefined;

  constructor(store: Alarmed) {
    this.#store = store;
  }

  /** A call failed, maybe for that. */
  heard(error: StorageError): void {
    if (!error.message.includes(FULL)) return;
    this.#store.refuses(error);
    this.#timer ??= setInterval(() => void this.#ask(), SPACE_ALARM_ASK_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #ask(): Promise<void> {
    // An etcd that does not answer is a failure of its own, which whoever called keeps.
    const full = await this.#store.full().catch(() => true);
    if (full || this.#timer === undefined) return;
    this.stop();
    this.#store.refuses(undefined);
  }
}

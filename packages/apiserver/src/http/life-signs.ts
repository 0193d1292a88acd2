import { HTTP_SILENT_MS_MAX } from '../limits.js';

/** One connection as it is seen from below its requests. */
export interface Line {
  /** The client's system has answered that nobody is there any more. */
  isReset(): boolean;
  /** Changes with whatever the client sends or takes. */
  traffic(): string;
  /** Asks for an answer that every living client gives, however slowly it reads. */
  ping(): void;
}

/**
 * Tells a client that is gone from one that is slow. Node.js says nothing of an HTTP/2 connection that fails while it writes
 * over TLS: whatever is under way there would hold its seats, its places in line and its memory.
 */
export class LifeSigns {
  readonly #line: Line;
  #traffic = '';
  /** Milliseconds of `performance.now()`; undefined while nothing is expected of the client. */
  #silentSince: number | undefined;

  constructor(line: Line) {
    this.#line = line;
  }

  /** Looks, once a sweep. `waits`: something is under way that a client should see to. */
  areGone(now: number, waits: boolean): boolean {
    if (!waits) {
      this.#silentSince = undefined;
      return false;
    }
    if (this.#line.isReset()) return true;
    const traffic = this.#line.traffic();
    if (this.#silentSince === undefined || traffic !== this.#traffic) {
      this.#traffic = traffic;
      this.#silentSince = now;
      return false;
    }
    this.#line.ping();
    return now - this.#silentSince > HTTP_SILENT_MS_MAX;
  }
}

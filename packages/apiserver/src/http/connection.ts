import {
  HTTP_EXCHANGE_MS_MAX,
  HTTP_FIRST_REQUEST_MS_MAX,
  HTTP_IDLE_MS_MAX,
  HTTP_IDLE_TIGHT_MS_MAX,
  HTTP_STALL_MS_MAX,
  HTTP_STALL_TIGHT_MS_MAX,
  HTTP2_RESETS_BURST_MAX,
  HTTP2_RESETS_PER_SECOND_MAX,
} from '../limits.js';
import { type Placed, Unordered } from './unordered.js';

/** How long a client may take for what; milliseconds. */
export interface Patience {
  /** From the connection to the head of its first request. */
  readonly firstRequestMs: number;
  /** Without an open request; also for the head of each further one. */
  readonly idleMs: number;
  /** A request that is no watch, from its head to the end of its answer. */
  readonly exchangeMs: number;
  /** An answer that the client does not read on with. */
  readonly stallMs: number;
}

export const PATIENCE: Patience = {
  firstRequestMs: HTTP_FIRST_REQUEST_MS_MAX,
  idleMs: HTTP_IDLE_MS_MAX,
  exchangeMs: HTTP_EXCHANGE_MS_MAX,
  stallMs: HTTP_STALL_MS_MAX,
};

/** With memory near its end: who does not use what it holds gives it back, and may come again. */
export function tightened(patience: Patience): Patience {
  return {
    ...patience,
    idleMs: Math.min(patience.idleMs, HTTP_IDLE_TIGHT_MS_MAX),
    stallMs: Math.min(patience.stallMs, HTTP_STALL_TIGHT_MS_MAX),
  };
}

/** One request and its answer, from its head on. */
export class Exchange implements Placed {
  place = -1;
  readonly #begun: number;
  readonly #end: () => void;
  #lasting = false;
  #stalledSince: number | undefined;
  #cut = false;

  /** `end` ends it without an answer, or in the middle of one. */
  constructor(now: number, end: () => void) {
    this.#begun = now;
    this.#end = end;
  }

  /** The server ended it, not its client. */
  get cut(): boolean {
    return this.#cut;
  }

  /** It is a watch: no longer judged by its length but by whether the client reads. */
  lasts(): void {
    this.#lasting = true;
  }

  /** Its client should see to it: it has an answer to come, or one to read. */
  get waits(): boolean {
    return !this.#lasting || this.#stalledSince !== undefined;
  }

  /** The client does not keep up; the first call counts until `flows`. */
  stalls(): void {
    this.#stalledSince ??= performance.now();
  }

  flows(): void {
    this.#stalledSince = undefined;
  }

  sweep(now: number, { exchangeMs, stallMs }: Patience): void {
    const stalled = this.#stalledSince !== undefined && now - this.#stalledSince > stallMs;
    if (!stalled && (this.#lasting || now - this.#begun <= exchangeMs)) return;
    this.#cut = true;
    this.#end();
  }
}

/**
 * What one connection has open, and how patient to be with it. Times are those of `performance.now()` at the last sweep:
 * exact enough for limits of seconds, and free for each request.
 */
export class Connection {
  readonly #open = new Unordered<Exchange>();
  #now = performance.now();
  #idleSince = this.#now;
  #served = false;
  #resets = 0;
  #resetAt = 0;

  /** `end` is called when the request takes too long. */
  begin(end: () => void): Exchange {
    const exchange = new Exchange(this.#now, end);
    this.#served = true;
    this.#open.add(exchange);
    return exchange;
  }

  end(exchange: Exchange): void {
    this.#open.remove(exchange);
    if (this.#open.size === 0) this.#idleSince = this.#now;
  }

  /**
   * Counts a request that its client took back before it had the whole answer (CVE-2023-44487). False when there are
   * more of them than an honest client has.
   */
  takenBack(): boolean {
    const now = performance.now();
    const forgiven = ((now - this.#resetAt) / 1_000) * HTTP2_RESETS_PER_SECOND_MAX;
    this.#resets = Math.max(0, this.#resets - forgiven) + 1;
    this.#resetAt = now;
    return this.#resets <= HTTP2_RESETS_BURST_MAX;
  }

  /** Something is under way that is no watch at rest. */
  get waits(): boolean {
    for (const exchange of this.#open) if (exchange.waits) return true;
    return false;
  }

  /** Cuts what takes too long. True when the connection itself is of no use any more. */
  sweep(now: number, patience: Patience): boolean {
    this.#now = now;
    for (const exchange of this.#open) exchange.sweep(now, patience);
    if (this.#open.size > 0) return false;
    return now - this.#idleSince > (this.#served ? patience.idleMs : patience.firstRequestMs);
  }
}

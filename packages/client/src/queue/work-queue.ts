import { backoffDelay } from '../backoff.js';
import type { Clock, Random } from '../clock.js';
import { QUEUE_BACKOFF } from '../limits.js';
import { DelayHeap } from './delay-heap.js';

/** After this many milliseconds the key wants to be looked at again, although nothing failed. */
export interface Again {
  readonly afterMs: number;
}

export interface WorkQueueOptions<K> {
  /** Works on one key; never on the same key twice at a time. What it rejects with is a failure: it is tried again. */
  readonly work: (key: K, signal: AbortSignal) => Promise<Again | undefined>;
  /** Keys of the same text are the same key. */
  readonly textOf: (key: K) => string;
  /** Keys that are worked on at the same time. */
  readonly workers: number;
  readonly clock: Clock;
  readonly random: Random;
  /** Hears of each failure, and when the key will be tried again. */
  readonly onFailure: (key: K, error: unknown, retryMs: number) => void;
}

/** Entries of the heap that were overtaken by another addition, before they are cleared away. */
const OVERTAKEN_MAX = 64;

interface Waiting<K> {
  readonly at: number;
  readonly key: K;
}

/**
 * Keys that need work. A key that is added many times is worked on once; one that is added while it is worked on is
 * worked on once more after that. A key that fails waits, twice as long each time until it succeeds, except that a new
 * addition ends the waiting. One timer serves all that wait. It grows no longer than there are different keys.
 */
export class WorkQueue<K> {
  readonly #options: WorkQueueOptions<K>;
  readonly #ready = new Map<string, K>();
  readonly #working = new Set<string>();
  /** Added while they are worked on. */
  readonly #dirty = new Map<string, K>();
  readonly #failures = new Map<string, number>();
  readonly #delayed = new Map<string, Waiting<K>>();
  readonly #heap = new DelayHeap<Waiting<K>>();
  readonly #abort = new AbortController();
  #state: 'new' | 'running' | 'stopped' = 'new';
  #timer: { readonly at: number; cancel(): void } | undefined;
  #drained: (() => void) | undefined;

  constructor(options: WorkQueueOptions<K>) {
    this.#options = options;
  }

  /** Keys that are ready, waiting or worked on. */
  get size(): number {
    return new Set([...this.#ready.keys(), ...this.#working, ...this.#dirty.keys(), ...this.#delayed.keys()]).size;
  }

  add(key: K): void {
    const text = this.#options.textOf(key);
    this.#delayed.delete(text);
    if (this.#working.has(text)) this.#dirty.set(text, key);
    else if (!this.#ready.has(text)) this.#ready.set(text, key);
    this.#fill();
  }

  /** Adds the key after some time, or earlier when it waits for an earlier time already. */
  addAfter(key: K, ms: number): void {
    const text = this.#options.textOf(key);
    const waiting = { at: this.#options.clock.now() + ms, key };
    const known = this.#delayed.get(text);
    if (this.#ready.has(text) || (known !== undefined && known.at <= waiting.at)) return;
    this.#delayed.set(text, waiting);
    if (this.#heap.size > 2 * this.#delayed.size + OVERTAKEN_MAX) this.#heap.replace(this.#delayed.values());
    else this.#heap.push(waiting);
    this.#setTimer();
  }

  /** Begins to work; what was added before is kept until then. */
  start(): void {
    if (this.#state === 'new') this.#state = 'running';
    this.#fill();
  }

  /**
   * Takes up no more keys and resolves when those that are worked on are done; after `graceMs` they are told to give up
   * by their signal. Keys that were waiting are dropped.
   */
  async stop(graceMs: number): Promise<void> {
    this.#state = 'stopped';
    this.#timer?.cancel();
    this.#ready.clear();
    this.#delayed.clear();
    if (this.#working.size === 0) return;
    const cancel = this.#options.clock.after(graceMs, () => this.#abort.abort(new Error('the queue was stopped')));
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
    cancel();
  }

  #fill(): void {
    if (this.#state !== 'running') return;
    for (const [text, key] of this.#ready) {
      if (this.#working.size >= this.#options.workers) return;
      this.#ready.delete(text);
      this.#working.add(text);
      void this.#work(text, key);
    }
  }

  async #work(text: string, key: K): Promise<void> {
    try {
      const again = await this.#options.work(key, this.#abort.signal);
      this.#failures.delete(text);
      this.#finish(text, key, again?.afterMs);
    } catch (error) {
      const failures = (this.#failures.get(text) ?? 0) + 1;
      const retryMs = backoffDelay(QUEUE_BACKOFF, failures, this.#options.random);
      this.#failures.set(text, failures);
      if (!this.#abort.signal.aborted) this.#options.onFailure(key, error, retryMs);
      this.#finish(text, key, retryMs);
    }
  }

  #finish(text: string, key: K, againMs: number | undefined): void {
    this.#working.delete(text);
    const dirty = this.#dirty.get(text);
    this.#dirty.delete(text);
    if (this.#state === 'stopped') {
      if (this.#working.size === 0) this.#drained?.();
    } else if (dirty !== undefined) this.add(dirty);
    else if (againMs !== undefined) this.addAfter(key, againMs);
    this.#fill();
  }

  #setTimer(): void {
    const next = this.#heap.peek();
    if (next === undefined || this.#state === 'stopped' || next.at === this.#timer?.at) return;
    this.#timer?.cancel();
    const cancel = this.#options.clock.after(Math.max(0, next.at - this.#options.clock.now()), () => this.#due());
    this.#timer = { at: next.at, cancel };
  }

  #due(): void {
    this.#timer = undefined;
    const now = this.#options.clock.now();
    for (let next = this.#heap.peek(); next !== undefined && next.at <= now; next = this.#heap.peek()) {
      this.#heap.pop();
      // One that was overtaken is no longer the one that the key waits for.
      if (this.#delayed.get(this.#options.textOf(next.key)) === next) this.add(next.key);
    }
    this.#setTimer();
  }
}

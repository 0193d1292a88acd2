import { setTimeout as pause } from 'node:timers/promises';
import { isStorageError } from '../errors.js';
import { REGISTRY_PREFIX } from '../key.js';
import { REBUILD_PAUSE_MS } from '../limits.js';
import type { Revision, Store, StoreEvent, WatchSink } from '../store.js';
import type { LiveResource } from './live-resource.js';
import { Progress } from './progress.js';
import { type LoadedPages, loadPages } from './resource-load.js';

/** Everything read anew after events were lost, and a watch that goes on from there. */
export interface ClosedGap {
  /** Every event after this revision is or will be heard. */
  readonly from: Revision;
  readonly pages: ReadonlyMap<LiveResource, LoadedPages>;
  readonly feed: Feed;
}

/** A watch that keeps what it hears until it is told to pass it on. */
export class Feed implements WatchSink {
  readonly #target: WatchSink;
  readonly #heard = new Progress();
  #held: StoreEvent[] | undefined = [];
  #failure: unknown;

  constructor(target: WatchSink) {
    this.#target = target;
  }

  get revision(): Revision {
    return this.#heard.revision;
  }

  events(events: readonly StoreEvent[]): void {
    if (this.#held === undefined) this.#target.events(events);
    else {
      this.#held.push(...events);
      this.progress(events[events.length - 1]?.revision ?? 0);
    }
  }

  progress(revision: Revision): void {
    if (this.#held === undefined) this.#target.progress?.(revision);
    else this.#heard.advance(revision);
  }

  closed(error: unknown): void {
    if (this.#held === undefined) this.#target.closed(error);
    else {
      this.#failure = error;
      this.#heard.fail(error);
    }
  }

  async reach(revision: Revision, signal: AbortSignal): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    await this.#heard.waitFor(revision, signal);
  }

  /** What it held; from here on it passes everything on. */
  release(): readonly StoreEvent[] {
    const held = this.#held ?? [];
    this.#held = undefined;
    return held;
  }
}

/** Reads all resources anew, again and again until the store lets it. Rejects when the signal aborts. */
export async function closeGap(
  store: Store,
  live: readonly LiveResource[],
  pageItems: number,
  target: WatchSink,
  signal: AbortSignal,
): Promise<ClosedGap> {
  for (;;) {
    const abort = new AbortController();
    try {
      return await readAll(store, live, pageItems, new Feed(target), AbortSignal.any([signal, abort.signal]));
    } catch (error) {
      abort.abort();
      signal.throwIfAborted();
      if (!isStorageError(error, 'compacted') && !isStorageError(error, 'unavailable')) throw error;
    }
    await pause(REBUILD_PAUSE_MS, undefined, { signal });
  }
}

async function readAll(
  store: Store,
  live: readonly LiveResource[],
  pageItems: number,
  feed: Feed,
  signal: AbortSignal,
): Promise<ClosedGap> {
  const from = await store.latest();
  await store.watch(REGISTRY_PREFIX, from, feed, signal);
  feed.progress(from);
  const pages = new Map<LiveResource, LoadedPages>();
  let newest = from;
  for (const resource of live) {
    const read = await loadPages(store, resource.resource, pageItems);
    newest = Math.max(newest, read.to);
    pages.set(resource, read);
  }
  await feed.reach(newest, signal);
  return { from, pages, feed };
}

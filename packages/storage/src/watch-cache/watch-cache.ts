import type { ResourceCache, WatchCache } from '../cache.js';
import { closedError } from '../engine/errors.js';
import { keyOf } from '../engine/watch-hub.js';
import { isStorageError, StorageError } from '../errors.js';
import { REGISTRY_PREFIX, resourcePrefix, type StorageResource } from '../key.js';
import {
  LOAD_PAGE_ITEMS,
  PARKED_EVENTS_MAX,
  PROGRESS_INTERVAL_MS,
  RING_BYTES_MAX,
  RING_EVENTS_MAX,
} from '../limits.js';
import type { Revision, Store, StoreEvent, WatchSink } from '../store.js';
import type { RingLimits } from './event-ring.js';
import { type ClosedGap, closeGap } from './gap.js';
import { type CacheState, LiveResource } from './live-resource.js';
import { ParkedEvents } from './parked-events.js';
import { Progress } from './progress.js';
import type { ResourceEvent } from './resource-event.js';
import { joinHistory, type LoadedPages, type LoadedResource, loadPages } from './resource-load.js';
import { isPath } from './resource-path.js';

export interface WatchCacheOptions {
  /** Limits of each resource's history. */
  readonly ringEventsMax?: number;
  readonly ringBytesMax?: number;
  /** Objects that are read at once when a resource is loaded. */
  readonly loadPageItems?: number;
  /** How often watchers hear of their progress; 0 for never. */
  readonly progressIntervalMs?: number;
  /** A watcher threw and was ended. Without this the error becomes an uncaught exception. */
  readonly onWatcherError?: (error: unknown) => void;
  /** The newest value of an object cannot be read (`corrupt`, the key in its text): who asks for it is refused. */
  readonly onUnreadable?: (error: StorageError) => void;
}

/** A resource that is loaded or being loaded. */
interface Entry {
  readonly resource: StorageResource;
  readonly prefix: string;
  readonly ready: Promise<LiveResource>;
  live: LiveResource | undefined;
  /** Events since the loading began, and what was parked before. */
  backlog: StoreEvent[];
}

/** Starts the cache on a store; it closes when the store does, or when it is told to. */
export async function createWatchCache(store: Store, options: WatchCacheOptions = {}): Promise<WatchCache> {
  for (;;) {
    const from = Math.max(store.compactedRevision, store.revision - PARKED_EVENTS_MAX);
    const cache = new StoreWatchCache(store, options, from);
    try {
      await cache.start(from);
      return cache;
    } catch (error) {
      await cache.close();
      // The store compacted between the question and the watch.
      if (!isStorageError(error, 'compacted')) throw error;
    }
  }
}

class StoreWatchCache implements WatchCache, WatchSink, CacheState {
  readonly #store: Store;
  readonly #limits: RingLimits;
  readonly #pageItems: number;
  readonly #onWatcherError: ((error: unknown) => void) | undefined;
  readonly #onUnreadable: (error: StorageError) => void;
  readonly #entries = new Map<string, Entry>();
  /** Entries by `/registry/<group>/<resource>/`, where a built-in and a custom resource may meet. */
  readonly #buckets = new Map<string, readonly Entry[]>();
  /** When a resource was dropped: its events up to then are not parked. */
  readonly #forgotten = new Map<string, Revision>();
  #parked: ParkedEvents;
  readonly #progress = new Progress();
  readonly #abort = new AbortController();
  /** Counts how often events were lost and everything read anew. */
  #generation = 0;
  /** While everything is read anew. */
  #closingGap: Promise<void> | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #failure: unknown;

  constructor(store: Store, options: WatchCacheOptions, from: Revision) {
    this.#store = store;
    this.#limits = {
      eventsMax: options.ringEventsMax ?? RING_EVENTS_MAX,
      bytesMax: options.ringBytesMax ?? RING_BYTES_MAX,
    };
    this.#pageItems = options.loadPageItems ?? LOAD_PAGE_ITEMS;
    this.#onWatcherError = options.onWatcherError;
    this.#onUnreadable = options.onUnreadable ?? (() => {});
    this.#parked = new ParkedEvents(from);
    const interval = options.progressIntervalMs ?? PROGRESS_INTERVAL_MS;
    this.#timer = interval > 0 ? setInterval(() => this.#tellProgress(), interval).unref() : undefined;
  }

  async start(from: Revision): Promise<void> {
    const at = this.#store.revision;
    await this.#store.watch(REGISTRY_PREFIX, from, this, this.#abort.signal);
    this.#progress.advance(at);
  }

  get revision(): Revision {
    return this.#progress.revision;
  }

  get compactedRevision(): Revision {
    return this.#store.compactedRevision;
  }

  async resource(resource: StorageResource): Promise<ResourceCache> {
    this.#check();
    const prefix = resourcePrefix(resource);
    const entry = this.#entries.get(prefix) ?? this.#add(resource, prefix);
    return entry.live ?? entry.ready;
  }

  loaded(resource: StorageResource): ResourceCache | undefined {
    return this.#entries.get(resourcePrefix(resource))?.live;
  }

  async waitFor(revision: Revision, signal: AbortSignal): Promise<void> {
    this.#check();
    await this.#progress.waitFor(revision, signal);
  }

  forget(resource: StorageResource): void {
    const entry = this.#entries.get(resourcePrefix(resource));
    if (entry === undefined) return;
    this.#remove(entry);
    for (const [prefix, revision] of this.#forgotten) {
      if (revision <= this.#parked.floor) this.#forgotten.delete(prefix);
    }
    this.#forgotten.set(entry.prefix, this.revision);
    entry.live?.close('gone');
  }

  async close(): Promise<void> {
    this.#abort.abort();
    this.#end(closedError());
  }

  /** From the store, for engines that others write to. */
  progress(revision: Revision): void {
    this.#progress.advance(revision);
  }

  /** From the store: one commit. First all objects and histories, then the revision, then the watchers. */
  events(events: readonly StoreEvent[]): void {
    const resources: LiveResource[] = [];
    const changes: ResourceEvent[] = [];
    for (const event of events) {
      const entry = this.#entryOf(keyOf(event));
      if (entry === undefined) this.#parked.push(event);
      else if (entry.live === undefined) entry.backlog.push(event);
      else {
        const change = entry.live.apply(keyOf(event).slice(entry.prefix.length), event);
        if (change === undefined) continue;
        resources.push(entry.live);
        changes.push(change);
      }
    }
    this.#progress.advance(events[events.length - 1]?.revision ?? 0);
    resources.forEach((resource, i) => {
      resource.dispatch(changes[i] as ResourceEvent);
    });
  }

  /** From the store: it ended by itself. Events that it no longer has can be made up for by reading everything. */
  closed(error: unknown): void {
    if (this.#failure !== undefined) return;
    if (!isStorageError(error, 'compacted')) {
      this.#end(error);
      return;
    }
    const closing = this.#closeGap()
      .catch((failure: unknown) => this.#end(failure))
      .finally(() => {
        if (this.#closingGap === closing) this.#closingGap = undefined;
      });
    this.#closingGap = closing;
  }

  async #closeGap(): Promise<void> {
    const live = [...this.#entries.values()].flatMap((entry) => entry.live ?? []);
    const gap = await closeGap(this.#store, live, this.#pageItems, this, this.#abort.signal);
    this.#generation++;
    this.#parked = new ParkedEvents(gap.from);
    this.#forgotten.clear();
    const to = gap.feed.revision;
    this.#sort(gap.feed.release());
    const replaced = this.#replace(gap);
    this.#progress.advance(to);
    for (const resource of replaced) resource.close('tooSlow');
  }

  /** Events since a gap to where they are waited for. */
  #sort(events: readonly StoreEvent[]): void {
    for (const entry of this.#entries.values()) entry.backlog = [];
    for (const event of events) {
      const entry = this.#entryOf(keyOf(event));
      if (entry === undefined) this.#parked.push(event);
      else entry.backlog.push(event);
    }
  }

  #replace({ pages, from }: ClosedGap): LiveResource[] {
    const replaced: LiveResource[] = [];
    for (const entry of this.#entries.values()) {
      const read = entry.live && pages.get(entry.live);
      if (entry.live === undefined || read === undefined) continue;
      const joined = joinHistory(entry.resource, read, entry.backlog, this.#limits, from);
      this.#tell(joined);
      entry.live.replace(joined);
      entry.backlog = [];
      replaced.push(entry.live);
    }
    return replaced;
  }

  watcherFailed(error: unknown): void {
    if (this.#onWatcherError !== undefined) this.#onWatcherError(error);
    else {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #tell({ unreadable }: LoadedResource): void {
    for (const error of unreadable.errors()) this.#onUnreadable(error);
  }

  unreadable(error: StorageError): void {
    this.#onUnreadable(error);
  }

  #end(reason: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = reason;
    clearInterval(this.#timer);
    this.#progress.fail(reason);
    for (const entry of this.#entries.values()) entry.live?.close('closed');
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #tellProgress(): void {
    for (const entry of this.#entries.values()) entry.live?.progress();
  }

  #add(resource: StorageResource, prefix: string): Entry {
    const floor = Math.max(this.#parked.floor, this.#forgotten.get(prefix) ?? 0);
    const backlog = this.#parked.below(prefix).filter((event) => event.revision > floor);
    const loading: { entry?: Entry } = {};
    const ready = this.#load(resource, floor, loading);
    const entry: Entry = { resource, prefix, ready, live: undefined, backlog };
    loading.entry = entry;
    this.#entries.set(prefix, entry);
    const bucket = bucketOf(prefix);
    this.#buckets.set(bucket, [...(this.#buckets.get(bucket) ?? []), entry]);
    return entry;
  }

  async #load(resource: StorageResource, floor: Revision, loading: { readonly entry?: Entry }): Promise<LiveResource> {
    try {
      const { pages, since } = await this.#read(resource, floor);
      const entry = loading.entry;
      if (entry === undefined || this.#entries.get(entry.prefix) !== entry) throw goneError(resource);
      const joined = joinHistory(resource, pages, entry.backlog, this.#limits, since);
      this.#tell(joined);
      entry.backlog = [];
      this.#parked.discard(entry.prefix);
      entry.live = new LiveResource(resource, this, joined);
      return entry.live;
    } catch (error) {
      // The next one who asks tries again.
      if (loading.entry !== undefined) this.#remove(loading.entry);
      throw error;
    }
  }

  /** The objects and from where on their history is known; again, when events were lost meanwhile. */
  async #read(resource: StorageResource, floor: Revision): Promise<{ pages: LoadedPages; since: Revision }> {
    let since = floor;
    for (;;) {
      await this.#closingGap;
      const generation = this.#generation;
      const pages = await loadPages(this.#store, resource, this.#pageItems);
      await this.#progress.waitFor(pages.to, this.#abort.signal);
      this.#check();
      if (generation === this.#generation && this.#closingGap === undefined) return { pages, since };
      await this.#closingGap;
      since = this.#parked.floor;
    }
  }

  #remove(entry: Entry): void {
    if (this.#entries.get(entry.prefix) !== entry) return;
    this.#entries.delete(entry.prefix);
    const bucket = bucketOf(entry.prefix);
    const rest = (this.#buckets.get(bucket) ?? []).filter((other) => other !== entry);
    if (rest.length === 0) this.#buckets.delete(bucket);
    else this.#buckets.set(bucket, rest);
  }

  #entryOf(key: string): Entry | undefined {
    const entries = this.#buckets.get(bucketOf(key));
    return entries?.find(
      (entry) => key.startsWith(entry.prefix) && isPath(entry.resource, key.slice(entry.prefix.length)),
    );
  }
}

/** `/registry/<group>/<resource>/` of a key or prefix. */
function bucketOf(key: string): string {
  const group = key.indexOf('/', REGISTRY_PREFIX.length);
  return key.slice(0, key.indexOf('/', group + 1) + 1);
}

function goneError(resource: StorageResource): StorageError {
  return new StorageError('unavailable', `${resource.resource} was removed while it was loaded`);
}

import {
  newExpired,
  newInternalError,
  type Status,
  StatusError,
  statusObject,
} from '@kcp/apimachinery/errors/status-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { ClusterScope } from '@kcp/apimachinery/meta/cluster-name';
import type { CachedObject, CacheEvent, CacheWatch, CacheWatcher, ResourceCache } from '@kcp/storage/cache';
import { isStorageError } from '@kcp/storage/errors';
import type { Clock } from '../clock.js';
import type { StreamSink } from '../http/exchange.js';
import { BOOKMARK_INTERVAL_MS, WATCH_BUFFER_BYTES_MAX } from '../limits.js';
import type { ResourceType } from '../registry/resource-type.js';
import { changesOwnership } from './ownership.js';
import type { Selection } from './selection.js';
import { bookmarkObject, type FrameEncoder, type WatchEventType } from './watch-frames.js';

/** Everything about one watch that its request decides. */
export interface WatchPlan {
  readonly type: ResourceType;
  readonly scope: ClusterScope;
  readonly namespace: string;
  readonly selection: Selection;
  /** Leave out what concerns nobody's ownership. */
  readonly ownershipOnly: boolean;
  /** Events after this revision; with `initial` the revision that those objects show. */
  readonly from: number;
  /** What is there to begin with, sent as ADDED first; undefined when the client knows it. */
  readonly initial: readonly CachedObject[] | undefined;
  readonly bookmarks: boolean;
  /** Send a bookmark that marks the end of the initial objects. */
  readonly markInitialEnd: boolean;
  readonly timeoutMs: number;
}

/**
 * One open watch. It owns no copy of anything: frames are shared with other watches, and a slow client leaves it with
 * a position in the resource's history. Frames of one turn go out in one write.
 */
export class WatchSession implements CacheWatcher {
  readonly #plan: WatchPlan;
  readonly #cache: ResourceCache;
  readonly #frames: FrameEncoder;
  readonly #sink: StreamSink;
  readonly #clock: Clock;
  readonly #cancels: (() => void)[] = [];
  #watch: CacheWatch | undefined;
  #nextInitial = 0;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #blocked = false;
  /** The next event is being converted; those after it wait in the history. */
  #converting = false;
  #over = false;
  #lastBookmark = 0;

  constructor(plan: WatchPlan, cache: ResourceCache, frames: FrameEncoder, sink: StreamSink, clock: Clock) {
    this.#plan = plan;
    this.#cache = cache;
    this.#frames = frames;
    this.#sink = sink;
    this.#clock = clock;
  }

  start(): void {
    this.#sink.onClose(() => this.#stop());
    this.#sink.onDrain(() => this.#drained());
    this.#cancels.push(this.#clock.after(this.#plan.timeoutMs, () => this.#finish()));
    if (this.#plan.bookmarks) this.#scheduleBookmark();
    this.#sendInitial();
  }

  event(event: CacheEvent): boolean {
    const { from, ownershipOnly } = this.#plan;
    if (event.revision > from && (!ownershipOnly || changesOwnership(event))) this.#send(event);
    return !this.#full();
  }

  progress(): void {
    // The position is asked for when a bookmark is due.
  }

  closed(): void {
    this.#finish();
  }

  #sendInitial(): void {
    const { initial = [] } = this.#plan;
    while (this.#nextInitial < initial.length) {
      if (this.#full()) return;
      const object = initial[this.#nextInitial++];
      if (object) this.#queue(this.#frames.object('ADDED', object));
    }
    if (this.#plan.markInitialEnd) this.#bookmark(this.#plan.from, true);
    this.#attach();
  }

  #attach(): void {
    const { scope, namespace, from } = this.#plan;
    try {
      this.#watch = this.#cache.watch(scope, namespace, Math.min(from, this.#cache.revision), this);
      if (this.#over) this.#watch.stop();
    } catch (error) {
      if (!isStorageError(error, 'compacted')) throw error;
      const text = `too old resource version: ${from} (${error.revision ?? this.#cache.revision})`;
      this.#error(statusObject(newExpired(text).status));
    }
  }

  #send(event: CacheEvent): void {
    const { selection } = this.#plan;
    const both = () => [event.object, ...(event.previous ? [event.previous] : [])];
    const waiting = selection.everything ? undefined : selection.prepare(both);
    if (waiting === undefined) this.#deliver(event);
    else this.#hold(waiting, () => this.#deliver(event));
  }

  #deliver(event: CacheEvent): void {
    const { selection } = this.#plan;
    const type = selection.everything ? event.type : meaning(event, selection);
    if (type === undefined) return;
    const left = type === 'DELETED' && event.type !== 'DELETED';
    const object = left ? event.previousAtEvent() : event.object;
    if (object === undefined) return;
    const converting = this.#plan.type.codec.prepare?.([object]);
    if (converting === undefined) this.#queue(this.#frames.event(event, type, object));
    else this.#hold(converting, () => this.#queue(this.#frames.event(event, type, object)));
  }

  /** Events keep their order: nothing more is taken until this one is out. A failed conversion ends the watch. */
  #hold(converting: Promise<void>, action: () => void): void {
    this.#converting = true;
    converting.then(
      () => {
        this.#converting = false;
        if (this.#over) return;
        action();
        this.#continue();
      },
      (error: unknown) => {
        this.#converting = false;
        if (!this.#over) this.#error(statusObject(conversionStatus(error)));
      },
    );
  }

  #queue(frame: Buffer): void {
    this.#pending.push(frame);
    this.#pendingBytes += frame.length;
    if (this.#pending.length === 1) scheduleFlush(this);
  }

  /** Writes what this turn brought. Called by the shared flush, never per event. */
  flush(): void {
    if (this.#over || this.#pending.length === 0) return;
    const [only] = this.#pending;
    const bytes = this.#pending.length === 1 && only ? only : Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#blocked = !this.#sink.write(bytes);
    if (!this.#blocked) this.#continue();
  }

  #full(): boolean {
    return this.#blocked || this.#converting || this.#pendingBytes >= WATCH_BUFFER_BYTES_MAX;
  }

  #drained(): void {
    this.#blocked = false;
    if (!this.#over) this.#continue();
  }

  #continue(): void {
    if (this.#converting) return;
    if (this.#watch) this.#watch.resume();
    else this.#sendInitial();
  }

  #scheduleBookmark(): void {
    const cancel = this.#clock.after(BOOKMARK_INTERVAL_MS, () => {
      this.#cancels.splice(this.#cancels.indexOf(cancel), 1);
      this.#bookmarkNow();
      if (!this.#over) this.#scheduleBookmark();
    });
    this.#cancels.push(cancel);
  }

  #bookmarkNow(): void {
    const position = this.#watch?.position ?? 0;
    if (this.#plan.bookmarks && !this.#full() && position > this.#lastBookmark) this.#bookmark(position, false);
  }

  #bookmark(revision: number, endOfInitial: boolean): void {
    this.#lastBookmark = revision;
    this.#queue(this.#frames.value('BOOKMARK', bookmarkObject(this.#plan.type, revision, endOfInitial)));
  }

  #error(status: JsonObject): void {
    this.#queue(this.#frames.value('ERROR', status));
    this.#finish();
  }

  /** Ends the answer cleanly, with a last bookmark for clients that go on from there. */
  #finish(): void {
    if (this.#over) return;
    this.#bookmarkNow();
    this.flush();
    this.#stop();
    this.#sink.end();
  }

  #stop(): void {
    if (this.#over) return;
    this.#over = true;
    this.#watch?.stop();
    for (const cancel of this.#cancels) cancel();
    this.#pending = [];
  }
}

function conversionStatus(error: unknown): Status {
  return error instanceof StatusError ? error.status : newInternalError('an object could not be converted').status;
}

/** What a change means for a watch with a selector: objects come into it and go out of it. */
function meaning(event: CacheEvent, selection: Selection): WatchEventType | undefined {
  const before = event.previous !== undefined && selection.matches(event.previous);
  const after = event.type !== 'DELETED' && selection.matches(event.object);
  if (after) return before ? 'MODIFIED' : 'ADDED';
  return before ? 'DELETED' : undefined;
}

let flushing: WatchSession[] = [];

/** One microtask flushes all sessions that got something in this turn. */
function scheduleFlush(session: WatchSession): void {
  flushing.push(session);
  if (flushing.length > 1) return;
  queueMicrotask(() => {
    const sessions = flushing;
    flushing = [];
    for (const each of sessions) each.flush();
  });
}

import { compactedError } from '../engine/errors.js';
import type { StorageError } from '../errors.js';
import type { Stream } from '../grpc/channel.js';
import type { GrpcStatus } from '../grpc/grpc-status.js';
import type { Revision, StoreEvent, WatchSink } from '../store.js';
import type { EtcdClient } from './etcd-client.js';
import type { EtcdKeys } from './etcd-keys.js';
import { type HistoryListener, HistoryReader } from './history-reader.js';
import { HISTORY_PART_REVISIONS, RECONNECT_MAX_MS, RECONNECT_MIN_MS } from './limits.js';
import type { WatchEvent } from './watch-messages.js';
import { openWatch } from './watch-stream.js';

/** What a watch tells the store that it belongs to. */
export interface WatchOwner {
  readonly client: EtcdClient;
  readonly keys: EtcdKeys;
  /** The key of etcd that says how far revisions are ahead of etcd's. */
  readonly offsetKey: string;
  ahead(): number;
  /** The newest revision that was seen. */
  newest(): Revision;
  /** That key was written. */
  moved(): void;
  /** The stream is there. */
  connected(): void;
  /** It is not, and is tried again. */
  disconnected(end: GrpcStatus): void;
  /** Everything up to this revision is forgotten. */
  forgot(compacted: Revision): void;
  saw(revision: Revision): void;
  finished(watch: EtcdWatch): void;
}

/**
 * One watch of the store over a stream of etcd's. The stream has the whole key space: so every revision arrives, also of
 * keys that are not asked for, and tells how far the watch has come (progress requests, made for that, are answered too
 * early by etcd before 3.4.25). It outlives connections: it goes on behind the last revision that came, elsewhere.
 */
export class EtcdWatch {
  readonly #owner: WatchOwner;
  /** As it begins in etcd. */
  readonly #prefix: string;
  readonly #sink: WatchSink;
  #stream: Stream | undefined;
  #retry: NodeJS.Timeout | undefined;
  #pause = RECONNECT_MIN_MS;
  #position: Revision;
  readonly #listener: HistoryListener = {
    created: () => {
      this.#pause = RECONNECT_MIN_MS;
      this.#owner.connected();
    },
    batch: (events) => this.#batch(events),
    compacted: (revision) => {
      this.#owner.forgot(revision);
      this.fail(compactedError(revision));
    },
    ended: (end) => this.#lost(end),
    done: () => this.open(),
  };
  #waiters: { readonly revision: Revision; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] =
    [];
  #over = false;

  constructor(owner: WatchOwner, prefix: string, from: Revision, sink: WatchSink) {
    this.#owner = owner;
    this.#prefix = prefix;
    this.#sink = sink;
    this.#position = from;
  }

  /** Resolves when the sink has heard of everything up to `revision`; rejects when the watch ends before. */
  reach(revision: Revision): Promise<void> {
    if (this.#position >= revision) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiters.push({ revision, resolve, reject }));
  }

  open(): void {
    this.#retry = undefined;
    const { client } = this.#owner;
    const start = { from: this.#position, ahead: this.#owner.ahead() };
    const newest = this.#owner.newest();
    // What is far behind is read first, in a faster way.
    this.#stream =
      newest - start.from > HISTORY_PART_REVISIONS
        ? new HistoryReader(client, start, newest, this.#listener)
        : openWatch(client, start, this.#listener);
  }

  /** The sink hears nothing any more; who waits for it does. */
  stop(reason: unknown): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#retry);
    this.#stream?.cancel();
    for (const waiter of this.#waiters.splice(0)) waiter.reject(reason);
    this.#owner.finished(this);
  }

  /** Ends by itself. */
  fail(error: StorageError): void {
    if (this.#over) return;
    this.stop(error);
    this.#sink.closed(error);
  }

  #lost(end: GrpcStatus): void {
    if (this.#over) return;
    this.#owner.disconnected(end);
    this.#retry = setTimeout(() => this.open(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, RECONNECT_MAX_MS);
  }

  #batch(batch: readonly WatchEvent[]): void {
    if (this.#over) return;
    const last = batch[batch.length - 1]?.item.modRevision;
    if (last === undefined) return;
    const events: StoreEvent[] = [];
    for (const one of batch) {
      if (one.item.key === this.#owner.offsetKey) {
        this.#owner.moved();
        this.fail(compactedError(one.item.modRevision));
        return;
      }
      if (!one.item.key.startsWith(this.#prefix)) continue;
      const event = this.#owner.keys.event(one);
      // Without what it replaced, the change cannot be told: whoever listens has to read anew.
      if (event === undefined) {
        this.fail(compactedError(one.item.modRevision));
        return;
      }
      events.push(event);
    }
    this.#position = last;
    this.#owner.saw(last);
    this.#deliver(events, last);
    for (const waiter of this.#waiters.filter(({ revision }) => revision <= last)) waiter.resolve();
    this.#waiters = this.#waiters.filter(({ revision }) => revision > last);
  }

  #deliver(events: readonly StoreEvent[], last: Revision): void {
    try {
      if (events.length > 0) this.#sink.events(events);
      if (!this.#over && events[events.length - 1]?.revision !== last) this.#sink.progress?.(last);
    } catch (error) {
      // A sink that throws has lost its place.
      this.stop(error);
      this.#sink.closed(error);
    }
  }
}

import type { ClusterScope } from '@kcp/apimachinery/meta/cluster-name';
import type { CacheWatch, CacheWatcher } from '../cache.js';
import type { Revision } from '../store.js';
import type { ResourceEvent } from './resource-event.js';

/** What a watch needs of the resource that it watches. */
export interface WatchedHistory {
  readonly revision: Revision;
  /** The event of that sequence number; undefined behind the newest one. */
  eventAt(sequence: number): ResourceEvent | undefined;
  /** Told when the watch stops or starts to be behind, or ends. */
  lags(handle: WatchHandle, lagging: boolean): void;
  ended(handle: WatchHandle): void;
  /** A watcher threw. */
  failed(error: unknown): void;
}

/** One watch: a scope and a position in the history of its resource, nothing else. */
export class WatchHandle implements CacheWatch {
  readonly cluster: ClusterScope;
  readonly namespace: string;
  readonly #watcher: CacheWatcher;
  readonly #history: WatchedHistory;
  /** Sequence number of the first event not looked at. */
  #next: number;
  #lagging = false;
  #active = true;
  #endPosition: Revision = 0;

  constructor(scope: ClusterScope, namespace: string, watcher: CacheWatcher, history: WatchedHistory, next: number) {
    this.cluster = scope;
    this.namespace = namespace;
    this.#watcher = watcher;
    this.#history = history;
    this.#next = next;
  }

  get position(): Revision {
    if (!this.#active) return this.#endPosition;
    const unseen = this.#lagging ? this.#history.eventAt(this.#next) : undefined;
    return unseen === undefined ? this.#history.revision : unseen.revision - 1;
  }

  /** Offers an event of the watch's cluster as it happens. */
  offer(event: ResourceEvent): void {
    if (!this.#active || this.#lagging || event.sequence < this.#next) return;
    this.#next = event.sequence + 1;
    if (!this.#wants(event) || this.#accepts(event)) return;
    this.#setLagging(true);
  }

  /** Delivers from the position on, until the watcher has enough or is up to date. */
  catchUp(): void {
    this.#setLagging(true);
    for (
      let event = this.#history.eventAt(this.#next);
      event !== undefined;
      event = this.#history.eventAt(this.#next)
    ) {
      this.#next = event.sequence + 1;
      if (this.#covers(event) && !this.#accepts(event)) return;
      if (!this.#active) return;
    }
    this.#setLagging(false);
    this.progress();
  }

  resume(): void {
    if (this.#active && this.#lagging) this.catchUp();
  }

  /** An event leaves the history. A watch that has not seen it and wanted it has lost its place. */
  forget(event: ResourceEvent): void {
    if (event.sequence < this.#next) return;
    if (this.#covers(event)) this.end('tooSlow');
    else this.#next = event.sequence + 1;
  }

  progress(): void {
    if (this.#active && !this.#lagging) this.#call(() => this.#watcher.progress(this.#history.revision));
  }

  stop(): void {
    if (!this.#active) return;
    this.#endPosition = this.position;
    this.#active = false;
    this.#history.ended(this);
  }

  end(reason: 'tooSlow' | 'closed' | 'gone'): void {
    if (!this.#active) return;
    this.stop();
    this.#call(() => this.#watcher.closed(reason));
  }

  #wants(event: ResourceEvent): boolean {
    return this.namespace === '' || event.key.namespace === this.namespace;
  }

  #covers(event: ResourceEvent): boolean {
    return (this.cluster === '*' || event.key.cluster === this.cluster) && this.#wants(event);
  }

  #accepts(event: ResourceEvent): boolean {
    try {
      return this.#watcher.event(event);
    } catch (error) {
      this.#broken(error);
      return false;
    }
  }

  #call(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#broken(error);
    }
  }

  /** A watcher that throws must not take the other watchers with it. */
  #broken(error: unknown): void {
    this.stop();
    this.#history.failed(error);
  }

  #setLagging(lagging: boolean): void {
    if (this.#lagging === lagging || !this.#active) return;
    this.#lagging = lagging;
    this.#history.lags(this, lagging);
  }
}

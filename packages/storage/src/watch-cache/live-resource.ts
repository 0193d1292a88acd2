import type { ClusterScope } from '@kcp/apimachinery/meta/cluster-name';
import type {
  CachedObject,
  CacheListOptions,
  CacheListResult,
  CacheWatch,
  CacheWatcher,
  ResourceCache,
} from '../cache.js';
import { compactedError, futureRevisionError } from '../engine/errors.js';
import type { ObjectKey, StorageResource } from '../key.js';
import type { Revision, StoreEvent } from '../store.js';
import { SortedTree, type TreeView } from '../tree/sorted-tree.js';
import { CacheEntry } from './cached-object.js';
import type { EventRing } from './event-ring.js';
import { PinnedViews } from './pinned-views.js';
import { ResourceEvent } from './resource-event.js';
import { type PathScope, pathOf, pathScope } from './resource-path.js';
import { type WatchedHistory, WatchHandle } from './watch-handle.js';
import { WatcherIndex } from './watcher-index.js';

/** What the whole cache knows and each of its resources needs. */
export interface CacheState {
  /** The newest revision that every loaded resource is complete to. */
  readonly revision: Revision;
  readonly compactedRevision: Revision;
  watcherFailed(error: unknown): void;
}

/** A loaded resource: the newest objects, the last events, and who watches. */
export class LiveResource implements ResourceCache, WatchedHistory {
  readonly resource: StorageResource;
  readonly #state: CacheState;
  #tree: SortedTree<CacheEntry>;
  #ring: EventRing;
  #pins = new PinnedViews();
  readonly #index = new WatcherIndex();
  readonly #lagging = new Set<WatchHandle>();

  constructor(resource: StorageResource, state: CacheState, tree: SortedTree<CacheEntry>, ring: EventRing) {
    this.resource = resource;
    this.#state = state;
    this.#tree = tree;
    this.#ring = ring;
  }

  get revision(): Revision {
    return this.#state.revision;
  }

  get(key: ObjectKey): CachedObject | undefined {
    return this.#tree.get(pathOf(key));
  }

  list(scope: ClusterScope, namespace: string, options: CacheListOptions = {}): CacheListResult {
    const at = options.at ?? this.revision;
    const view = at === this.revision ? this.#tree : this.#viewAt(at);
    const range = pathScope(scope, namespace);
    const start = options.after === undefined ? range.start : `${pathOf(options.after)}\u0000`;
    const result =
      range.namespace === undefined
        ? slice(view, range, start, options.limit)
        : sift(view, range, start, options.limit);
    // Who was given a part will come back for the rest of the same state.
    if (result.remaining > 0) this.#pins.set(at, at === this.revision ? this.#tree.view() : this.#viewAt(at));
    return { ...result, revision: at };
  }

  count(scope: ClusterScope, namespace: string): number {
    if (this.#tree.size === 0) return 0;
    const range = pathScope(scope, namespace);
    if (range.namespace !== undefined) return sift(this.#tree, range, range.start, undefined).items.length;
    return this.#tree.rank(range.end) - this.#tree.rank(range.start);
  }

  watch(scope: ClusterScope, namespace: string, from: Revision, watcher: CacheWatcher): CacheWatch {
    if (from > this.revision) throw futureRevisionError(this.revision);
    if (from < this.#ring.floor) throw compactedError(this.#ring.floor);
    const handle = new WatchHandle(scope, namespace, watcher, this, this.#ring.after(from));
    this.#index.add(handle);
    handle.catchUp();
    return handle;
  }

  /**
   * The same resource as it is after changes of which some were never heard. Who watches has lost his place; the caller
   * tells by `close('tooSlow')`.
   */
  replace(tree: SortedTree<CacheEntry>, ring: EventRing): void {
    this.#tree = tree;
    this.#ring = ring;
    this.#pins = new PinnedViews();
  }

  /** Takes a change in, without telling anybody yet. Undefined when there is nothing to tell. */
  apply(path: string, event: StoreEvent): ResourceEvent | undefined {
    const change = this.#change(path, event);
    if (change === undefined) return undefined;
    this.#ring.push(change);
    this.#pins.prune(this.#state.compactedRevision);
    return change;
  }

  /** Tells the watchers; the cache's revision has reached the event's by now. */
  dispatch(event: ResourceEvent): void {
    this.#index.offer(event);
    for (let gone = this.#drop(event); gone !== undefined; gone = this.#drop(event)) {
      for (const handle of this.#lagging) handle.forget(gone);
    }
  }

  #drop(offered: ResourceEvent): ResourceEvent | undefined {
    return this.#ring.dropExcess(offered.sequence);
  }

  progress(): void {
    for (const handle of this.#index.all()) handle.progress();
  }

  close(reason: 'closed' | 'gone' | 'tooSlow'): void {
    for (const handle of this.#index.all()) handle.end(reason);
  }

  eventAt(sequence: number): ResourceEvent | undefined {
    return this.#ring.at(sequence);
  }

  lags(handle: WatchHandle, lagging: boolean): void {
    if (lagging) this.#lagging.add(handle);
    else this.#lagging.delete(handle);
  }

  ended(handle: WatchHandle): void {
    this.#index.remove(handle);
    this.#lagging.delete(handle);
  }

  failed(error: unknown): void {
    this.#state.watcherFailed(error);
  }

  #change(path: string, event: StoreEvent): ResourceEvent | undefined {
    if (event.type === 'put') {
      const object = CacheEntry.fromStored(path, event.current, this.resource.sharedMember);
      return ResourceEvent.put(object, this.#tree.set(path, object));
    }
    const previous = this.#tree.delete(path);
    return previous === undefined ? undefined : ResourceEvent.deletion(previous, event.revision);
  }

  #viewAt(at: Revision): TreeView<CacheEntry> {
    if (at > this.revision) throw futureRevisionError(this.revision);
    const pinned = this.#pins.get(at);
    if (pinned !== undefined) return pinned;
    if (at < this.#ring.floor) throw compactedError(this.#ring.floor);
    const view = undone(this.#tree.view(), this.#ring, at);
    this.#pins.set(at, view);
    return view;
  }
}

/** The state before every event after `at`. Shares with the newest state whatever did not change since. */
function undone(newest: TreeView<CacheEntry>, ring: EventRing, at: Revision): TreeView<CacheEntry> {
  const first = ring.after(at);
  if (first === ring.end) return newest;
  const tree = new SortedTree(newest);
  for (let sequence = ring.end - 1; sequence >= first; sequence--) {
    const event = ring.at(sequence) as ResourceEvent;
    if (event.previous === undefined) tree.delete(event.object.path);
    else tree.set(event.object.path, event.previous);
  }
  return tree.view();
}

type Readable = Pick<TreeView<CacheEntry>, 'range' | 'rank'>;
type Slice = Pick<CacheListResult, 'items' | 'remaining'>;

function slice(view: Readable, range: PathScope, start: string, limit = Number.POSITIVE_INFINITY): Slice {
  const items = view.range(start, range.end, limit);
  const last = items[items.length - 1];
  const cut = last !== undefined && items.length >= limit;
  return { items, remaining: cut ? view.rank(range.end) - view.rank(last.path) - 1 : 0 };
}

/** One namespace of all logical clusters: not a range, so it is looked for among all objects. */
function sift(view: Readable, range: PathScope, start: string, limit = Number.POSITIVE_INFINITY): Slice {
  const all = view.range(start, range.end, Number.POSITIVE_INFINITY);
  const found = all.filter((entry) => entry.key.namespace === range.namespace);
  return { items: found.slice(0, limit), remaining: Math.max(0, found.length - limit) };
}

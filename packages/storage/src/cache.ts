import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { ClusterScope } from '@kcp/apimachinery/meta/cluster-name';
import type { ObjectKey, StorageResource } from './key.js';
import type { Revision } from './store.js';

/**
 * One revision of one object, as every reader shares it. `bytes` is the final JSON: kind, apiVersion and metadata are
 * its first members in that order, and `resourceVersion` stands first in metadata. Nobody changes it.
 */
export interface CachedObject {
  readonly key: ObjectKey;
  readonly revision: Revision;
  readonly createRevision: Revision;
  readonly bytes: Buffer;
  /**
   * The value of the resource's `sharedMember` within `bytes`, one buffer for all objects that have the same; undefined
   * where it is absent or small. Then `bytes` is put together anew each time.
   */
  readonly shared?: Buffer | undefined;
  /** Start and end (exclusive) of the JSON value of `metadata` within `bytes`. Found once, on demand. */
  metadataRange(): readonly [number, number];
  /** The labels, parsed once on demand from the metadata alone. */
  labels(): Readonly<Record<string, string>>;
  /** A fresh parse of the whole object; the caller owns it. */
  parse(): JsonObject;
  /**
   * A value computed once per revision and kept with it (selectable fields, encoded table cells, protobuf bytes …);
   * `slot` is made once per purpose with `newMemoSlot()`.
   */
  memo<T>(slot: MemoSlot<T>, compute: () => T): T;
}

export interface MemoSlot<T> {
  readonly name: string;
  /** Only ties the slot to its value's type. */
  readonly type?: (value: T) => T;
}

/** One change as a watcher of this resource sees it, shared by all watchers. */
export interface CacheEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: Revision;
  /**
   * The object after the change; for DELETED its last state with the revision of the deletion as resourceVersion.
   */
  readonly object: CachedObject;
  /** The object before the change; undefined for ADDED. Its bytes carry its own older resourceVersion. */
  readonly previous: CachedObject | undefined;
  /**
   * The previous object's bytes with this event's resourceVersion: what a watcher gets as DELETED when the object
   * left its selector. Made once, on demand; undefined for ADDED.
   */
  previousAtEvent(): CachedObject | undefined;
  /** A value computed once per event and shared by all watchers (encoded frames). */
  memo<T>(slot: MemoSlot<T>, compute: () => T): T;
}

export interface CacheListOptions {
  /** Exactly as of this revision. Throws StorageError `compacted` when it is too old. */
  readonly at?: Revision;
  readonly limit?: number;
  /** Only objects after this one in key order; its namespace and cluster must lie in the scope. */
  readonly after?: ObjectKey;
}

export interface CacheListResult {
  readonly items: readonly CachedObject[];
  readonly revision: Revision;
  /** Number of objects of the scope after the last item; 0 when the list is complete. */
  readonly remaining: number;
}

export interface CacheWatcher {
  /**
   * Called with each event of the scope in order. Returns false when it cannot take more for now; it then holds a
   * position in the shared history, not a copy, and goes on where it stopped when `resume` is called.
   */
  event(event: CacheEvent): boolean;
  /** The scope is up to date to this revision (nothing of it in between); for bookmarks. */
  progress(revision: Revision): void;
  /** The watch ends by itself: `tooSlow` (its position left the history), `closed` (shutdown), `gone` (resource removed). */
  closed(reason: 'tooSlow' | 'closed' | 'gone'): void;
}

export interface CacheWatch {
  /** Delivers what was held back. */
  resume(): void;
  /** The revision up to which this watcher has seen everything of its scope. */
  readonly position: Revision;
  stop(): void;
}

/** All objects of one resource over all logical clusters, in key order, with the history of the last changes. */
export interface ResourceCache {
  readonly resource: StorageResource;
  /** The newest revision that this cache is known to be complete to (of the whole store, not only this resource). */
  readonly revision: Revision;
  /** Throws StorageError `corrupt` for an object whose newest value cannot be read. */
  get(key: ObjectKey): CachedObject | undefined;
  /** Throws StorageError `corrupt` when there is such an object in the scope, `compacted` and `futureRevision` as `at` does. */
  list(scope: ClusterScope, namespace: string, options?: CacheListOptions): CacheListResult;
  /** Number of objects in the scope, without touching them. */
  count(scope: ClusterScope, namespace: string): number;
  /**
   * Events after `from`. Throws StorageError `compacted` when the history no longer reaches back so far. History is
   * delivered before this returns.
   */
  watch(scope: ClusterScope, namespace: string, from: Revision, watcher: CacheWatcher): CacheWatch;
}

/** The watch cache: one store watch feeds all resources. */
export interface WatchCache {
  /** Loads the resource on first use. */
  resource(resource: StorageResource): Promise<ResourceCache>;
  /** The resource when it is loaded already. */
  loaded(resource: StorageResource): ResourceCache | undefined;
  /** The newest revision the cache is complete to. */
  readonly revision: Revision;
  /** Resolves when the cache shows `revision`; rejects with the signal's reason. */
  waitFor(revision: Revision, signal: AbortSignal): Promise<void>;
  /** Drops a resource that no longer exists (its CRDs are gone everywhere); its watchers are closed as `gone`. */
  forget(resource: StorageResource): void;
  close(): Promise<void>;
}

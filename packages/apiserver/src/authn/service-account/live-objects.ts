import { newNotFound } from '@kcp/apimachinery/errors/status-error';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import type { CachedObject, WatchCache } from '@kcp/storage/cache';
import { newMemoSlot } from '@kcp/storage/watch-cache/memo';
import type { ResourceCatalog } from '../../registry/catalog.js';

/** What of an object decides about tokens. */
export interface LiveObject {
  readonly uid: string;
  /** Milliseconds since 1970. */
  readonly deletedAt: number | undefined;
  readonly cached: CachedObject;
}

const slot = newMemoSlot<LiveObject>('live-object');

/** The objects that tokens name, as they are now. */
export class LiveObjects {
  readonly #cache: WatchCache;
  readonly #catalog: () => ResourceCatalog;

  constructor(cache: WatchCache, catalog: () => ResourceCatalog) {
    this.#cache = cache;
    this.#catalog = catalog;
  }

  /** True when `find` answers without waiting. */
  isLoaded(cluster: ClusterName, resource: string): boolean {
    const type = this.#catalog().lookup(cluster, '', 'v1', resource);
    return type === undefined || this.#cache.loaded(type.storage) !== undefined;
  }

  /** Makes `find` answer for this resource of the core group. */
  async load(cluster: ClusterName, resource: string): Promise<void> {
    const type = this.#catalog().lookup(cluster, '', 'v1', resource);
    if (type !== undefined) await this.#cache.resource(type.storage);
  }

  /** Throws 404 for what is not there, or is of a type that the cluster does not have. */
  find(cluster: ClusterName, resource: string, namespace: string, name: string): LiveObject {
    const type = this.#catalog().lookup(cluster, '', 'v1', resource);
    const own = type?.namespaced ? namespace : '';
    const cached = type && this.#cache.loaded(type.storage)?.get({ cluster, namespace: own, name });
    if (cached === undefined) throw newNotFound({ group: '', resource }, name);
    return cached.memo(slot, () => liveObject(cached));
  }
}

function liveObject(cached: CachedObject): LiveObject {
  const metadata = readObject(cached.parse(), 'metadata') ?? {};
  const deleted = readString(metadata, 'deletionTimestamp');
  return { uid: readString(metadata, 'uid'), deletedAt: deleted === '' ? undefined : Date.parse(deleted), cached };
}

import { randomUUID } from 'node:crypto';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { WatchCache } from '@kcp/storage/cache';
import { isStorageError } from '@kcp/storage/errors';
import { objectKey, type StorageResource } from '@kcp/storage/key';
import type { Store } from '@kcp/storage/store';
import { type Clock, formatTime } from '../clock.js';
import { catchUp } from './catch-up.js';
import { encodeForStore } from './encode-object.js';
import type { LogicalClusters } from './logical-clusters.js';

/** Where namespaces lie; they tell which logical clusters there are. */
export const NAMESPACE_STORAGE: StorageResource = {
  group: '',
  resource: 'namespaces',
  custom: false,
  namespaced: false,
};
export const DEFAULT_NAMESPACE = 'default';

/**
 * Logical clusters as the store has them: one exists when its `default` namespace does. That namespace can never be
 * deleted, so what was found to exist once is remembered, and costs an entry of a set and nothing else.
 */
export class StoreClusters implements LogicalClusters {
  readonly #store: Store;
  readonly #cache: WatchCache;
  readonly #clock: Clock;
  readonly #known = new Set<ClusterName>();
  readonly #beginning = new Map<ClusterName, Promise<void>>();

  constructor(store: Store, cache: WatchCache, clock: Clock) {
    this.#store = store;
    this.#cache = cache;
    this.#clock = clock;
  }

  exists(cluster: ClusterName): boolean {
    if (this.#known.has(cluster)) return true;
    const namespaces = this.#cache.loaded(NAMESPACE_STORAGE);
    if (namespaces?.get({ cluster, namespace: '', name: DEFAULT_NAMESPACE }) === undefined) return false;
    this.#known.add(cluster);
    return true;
  }

  async ensure(cluster: ClusterName): Promise<void> {
    if (this.exists(cluster)) return;
    let beginning = this.#beginning.get(cluster);
    if (beginning === undefined) {
      beginning = this.#begin(cluster).finally(() => this.#beginning.delete(cluster));
      this.#beginning.set(cluster, beginning);
    }
    await beginning;
  }

  async #begin(cluster: ClusterName): Promise<void> {
    await this.#cache.resource(NAMESPACE_STORAGE);
    const key = objectKey(NAMESPACE_STORAGE, { cluster, namespace: '', name: DEFAULT_NAMESPACE });
    try {
      await catchUp(this.#cache, await this.#store.create(key, encodeForStore(defaultNamespace(this.#clock.now()))));
    } catch (error) {
      if (!isStorageError(error, 'exists')) throw error;
      const stored = await this.#store.get(key);
      if (stored === undefined) throw error;
      await this.#store.durable(stored.modRevision);
      await catchUp(this.#cache, stored.modRevision);
    }
    this.#known.add(cluster);
  }
}

function defaultNamespace(now: number): KubeObject {
  return {
    kind: 'Namespace',
    apiVersion: 'v1',
    metadata: {
      name: DEFAULT_NAMESPACE,
      uid: randomUUID(),
      creationTimestamp: formatTime(now),
      labels: { 'kubernetes.io/metadata.name': DEFAULT_NAMESPACE },
    },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
}

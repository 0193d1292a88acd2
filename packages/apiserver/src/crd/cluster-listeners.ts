import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { CatalogChange } from '../registry/catalog.js';

type Listener = (what: CatalogChange) => void;

/** Callbacks per logical cluster. */
export class ClusterListeners {
  readonly #byCluster = new Map<ClusterName, Set<Listener>>();

  /** Returns how to stop; the same function may be added more than once. */
  add(cluster: ClusterName, callback: Listener): () => void {
    const own: Listener = (what) => callback(what);
    const listeners = this.#byCluster.get(cluster) ?? new Set();
    this.#byCluster.set(cluster, listeners.add(own));
    return () => this.#remove(cluster, own);
  }

  notify(cluster: ClusterName, what: CatalogChange = 'changed'): void {
    for (const listener of [...(this.#byCluster.get(cluster) ?? [])]) listener(what);
  }

  notifyAll(what: CatalogChange = 'changed'): void {
    for (const cluster of [...this.#byCluster.keys()]) this.notify(cluster, what);
  }

  #remove(cluster: ClusterName, listener: Listener): void {
    const listeners = this.#byCluster.get(cluster);
    listeners?.delete(listener);
    if (listeners?.size === 0) this.#byCluster.delete(cluster);
  }
}

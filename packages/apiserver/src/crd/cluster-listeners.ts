import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';

type Listener = () => void;

/** Callbacks per logical cluster. */
export class ClusterListeners {
  readonly #byCluster = new Map<ClusterName, Set<Listener>>();

  /** Returns how to stop; the same function may be added more than once. */
  add(cluster: ClusterName, callback: Listener): () => void {
    const own: Listener = () => callback();
    const listeners = this.#byCluster.get(cluster) ?? new Set();
    this.#byCluster.set(cluster, listeners.add(own));
    return () => this.#remove(cluster, own);
  }

  notify(cluster: ClusterName): void {
    for (const listener of [...(this.#byCluster.get(cluster) ?? [])]) listener();
  }

  notifyAll(): void {
    for (const cluster of [...this.#byCluster.keys()]) this.notify(cluster);
  }

  #remove(cluster: ClusterName, listener: Listener): void {
    const listeners = this.#byCluster.get(cluster);
    listeners?.delete(listener);
    if (listeners?.size === 0) this.#byCluster.delete(cluster);
  }
}

import { ALL_CLUSTERS } from '@kcp/apimachinery/meta/cluster-name';
import type { ResourceEvent } from './resource-event.js';
import type { WatchHandle } from './watch-handle.js';

/** The watches of one resource by logical cluster, so that an event costs only those of its own. */
export class WatcherIndex {
  readonly #byCluster = new Map<string, Set<WatchHandle>>();

  add(handle: WatchHandle): void {
    const set = this.#byCluster.get(handle.cluster);
    if (set === undefined) this.#byCluster.set(handle.cluster, new Set([handle]));
    else set.add(handle);
  }

  remove(handle: WatchHandle): void {
    const set = this.#byCluster.get(handle.cluster);
    if (set === undefined) return;
    set.delete(handle);
    if (set.size === 0) this.#byCluster.delete(handle.cluster);
  }

  /** Offers the event to the watches of its cluster and to those of all clusters. */
  offer(event: ResourceEvent): void {
    const own = this.#byCluster.get(event.key.cluster);
    if (own !== undefined) for (const handle of own) handle.offer(event);
    const wild = this.#byCluster.get(ALL_CLUSTERS);
    if (wild !== undefined) for (const handle of wild) handle.offer(event);
  }

  all(): WatchHandle[] {
    return [...this.#byCluster.values()].flatMap((set) => [...set]);
  }
}

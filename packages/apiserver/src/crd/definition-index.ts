import { ALL_CLUSTERS, type ClusterName, ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import type { CachedObject, CacheEvent, CacheWatch, CacheWatcher, ResourceCache } from '@kcp/storage/cache';
import type { Revision } from '@kcp/storage/store';
import { ClusterListeners } from './cluster-listeners.js';

/** Called when the last definition of a name is gone from all logical clusters. */
export type LastGone = (definition: CachedObject) => void;

/**
 * Follows the definitions of all logical clusters with one watch. Keeps, per cluster, the revision of its last change,
 * and per name of a definition the clusters that have it.
 */
export class DefinitionIndex implements CacheWatcher {
  /** Who wants to hear of changes of a cluster's definitions. */
  readonly listeners = new ClusterListeners();
  readonly #definitions: ResourceCache;
  readonly #lastGone: LastGone;
  readonly #changed = new Map<ClusterName, Revision>();
  readonly #clusters = new Map<string, Set<ClusterName>>();
  #watch: CacheWatch | undefined;

  constructor(definitions: ResourceCache, lastGone: LastGone) {
    this.#definitions = definitions;
    this.#lastGone = lastGone;
    this.#follow();
  }

  /** Changes with every change of the cluster's definitions; 0 when it has none. */
  generation(cluster: ClusterName): number {
    if (this.#definitions.count(cluster, '') === 0) return 0;
    return this.#changed.get(cluster) ?? 0;
  }

  /** The clusters that have a definition of that name, the root cluster first. */
  *clustersOf(name: string): Iterable<ClusterName> {
    const clusters = this.#clusters.get(name);
    if (clusters === undefined) return;
    if (clusters.has(ROOT_CLUSTER)) yield ROOT_CLUSTER;
    for (const cluster of clusters) if (cluster !== ROOT_CLUSTER) yield cluster;
  }

  event({ type, revision, object }: CacheEvent): boolean {
    const { cluster, name } = object.key;
    this.#changed.set(cluster, revision);
    if (type === 'DELETED') this.#remove(cluster, name, object);
    else this.#add(cluster, name);
    this.listeners.notify(cluster);
    return true;
  }

  progress(): void {
    // Nothing here depends on how far the watch is.
  }

  /** A watch that always takes events is never too slow, but if it were, everything is read again. */
  closed(reason: 'tooSlow' | 'closed' | 'gone'): void {
    this.#watch = undefined;
    if (reason === 'closed') this.listeners.notifyAll('ended');
    if (reason !== 'tooSlow') return;
    this.#follow();
    this.listeners.notifyAll();
  }

  stop(): void {
    this.#watch?.stop();
    this.#watch = undefined;
  }

  #follow(): void {
    const { items, revision } = this.#definitions.list(ALL_CLUSTERS, '');
    this.#clusters.clear();
    for (const item of items) {
      const { cluster, name } = item.key;
      this.#changed.set(cluster, Math.max(item.revision, this.#changed.get(cluster) ?? 0));
      this.#add(cluster, name);
    }
    this.#watch = this.#definitions.watch(ALL_CLUSTERS, '', revision, this);
  }

  #add(cluster: ClusterName, name: string): void {
    const clusters = this.#clusters.get(name);
    if (clusters === undefined) this.#clusters.set(name, new Set([cluster]));
    else clusters.add(cluster);
  }

  #remove(cluster: ClusterName, name: string, definition: CachedObject): void {
    const clusters = this.#clusters.get(name);
    clusters?.delete(cluster);
    if (clusters?.size !== 0) return;
    this.#clusters.delete(name);
    this.#lastGone(definition);
  }
}

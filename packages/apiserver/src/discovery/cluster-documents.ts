import { createHash } from 'node:crypto';
import { ALL_CLUSTERS, type ClusterScope } from '@kcp/apimachinery/meta/cluster-name';
import type { ResourceCatalog } from '../registry/catalog.js';
import type { ResourceType } from '../registry/resource-type.js';

/** Clusters with types of their own whose documents are remembered. */
const CLUSTERS_REMEMBERED_MAX = 64;

/** A document ready to send. */
export interface EncodedDocument {
  readonly bytes: Buffer;
  /** Upper-case hex SHA-512 of the bytes, as upstream's ETags. */
  readonly hash: string;
}

export function encodedDocument(bytes: Buffer): EncodedDocument {
  return { bytes, hash: createHash('sha512').update(bytes).digest('hex').toUpperCase() };
}

/**
 * Remembers what was made from the types of a cluster until they change. All clusters without types of their own
 * (generation 0) share one entry, so such a cluster costs nothing here.
 */
export class ClusterDocuments<T> {
  readonly #catalog: ResourceCatalog;
  readonly #make: (types: readonly ResourceType[]) => T;
  readonly #kept = new Map<ClusterScope, { readonly generation: number; readonly documents: T }>();

  constructor(catalog: ResourceCatalog, make: (types: readonly ResourceType[]) => T) {
    this.#catalog = catalog;
    this.#make = make;
  }

  /** The documents of a cluster; of the wildcard those of the built-ins. */
  of(scope: ClusterScope): T {
    const generation = scope === ALL_CLUSTERS ? 0 : this.#catalog.generation(scope);
    const key = generation === 0 || scope === ALL_CLUSTERS ? ALL_CLUSTERS : scope;
    const kept = this.#kept.get(key);
    if (kept?.generation === generation) return kept.documents;
    const types = key === ALL_CLUSTERS ? this.#catalog.builtins() : this.#catalog.all(key);
    const documents = this.#make(types);
    this.#kept.delete(key);
    this.#kept.set(key, { generation, documents });
    this.#evict();
    return documents;
  }

  #evict(): void {
    for (const key of this.#kept.keys()) {
      if (this.#kept.size <= CLUSTERS_REMEMBERED_MAX) return;
      if (key !== ALL_CLUSTERS) this.#kept.delete(key);
    }
  }
}

import type { ClusterName, ClusterScope } from '@kcp/apimachinery/meta/cluster-name';
import type { ResourceType } from './resource-type.js';

/**
 * What is served where. Built-ins are the same everywhere; custom types belong to one logical cluster. `*` sees the
 * built-ins and, for a custom type, whatever any cluster serves under that name with storage in common.
 */
export interface ResourceCatalog {
  lookup(scope: ClusterScope, group: string, version: string, resource: string): ResourceType | undefined;
  /** The types that every cluster serves. */
  builtins(): readonly ResourceType[];
  /** Every type a cluster serves, in no particular order. */
  all(cluster: ClusterName): readonly ResourceType[];
  /** Every served type over the objects of `type` (other versions, or another group for events), `type` among them. */
  equivalents(cluster: ClusterName, type: ResourceType): readonly ResourceType[];
  /** Changes whenever `all(cluster)` would; for caches of discovery and OpenAPI. Built-ins alone: 0. */
  generation(cluster: ClusterName): number;
  /** Calls back after `all(cluster)` has changed, and when there will be no more changes; returns how to stop. */
  onChange(cluster: ClusterName, listener: (what: CatalogChange) => void): () => void;
}

/** `ended`: the server stops. */
export type CatalogChange = 'changed' | 'ended';

/** The part of a catalogue that does not depend on the cluster. */
export class BuiltinCatalog implements ResourceCatalog {
  readonly #types: readonly ResourceType[];
  readonly #byName: ReadonlyMap<string, ResourceType>;
  readonly #byStorage = new Map<string, ResourceType[]>();

  constructor(types: readonly ResourceType[]) {
    this.#types = types;
    this.#byName = new Map(
      types.map((type) => [catalogKey(type.gvk.group, type.gvk.version, type.names.plural), type]),
    );
    for (const type of types) this.#addEquivalent(type);
  }

  #addEquivalent(type: ResourceType): void {
    const key = `${type.storage.group}/${type.storage.resource}`;
    const known = this.#byStorage.get(key);
    if (known === undefined) this.#byStorage.set(key, [type]);
    else known.push(type);
  }

  lookup(_scope: ClusterScope, group: string, version: string, resource: string): ResourceType | undefined {
    return this.#byName.get(catalogKey(group, version, resource));
  }

  builtins(): readonly ResourceType[] {
    return this.#types;
  }

  all(): readonly ResourceType[] {
    return this.#types;
  }

  equivalents(_cluster: ClusterName, { storage }: ResourceType): readonly ResourceType[] {
    return this.#byStorage.get(`${storage.group}/${storage.resource}`) ?? [];
  }

  generation(): number {
    return 0;
  }

  /** Built-ins never change. */
  onChange(): () => void {
    return () => undefined;
  }
}

export function catalogKey(group: string, version: string, resource: string): string {
  return `${group}/${version}/${resource}`;
}

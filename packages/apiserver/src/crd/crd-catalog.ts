import { CORE_GROUP_SUFFIX } from '@kcp/apimachinery/crd/validate';
import { ALL_CLUSTERS, type ClusterName, type ClusterScope } from '@kcp/apimachinery/meta/cluster-name';
import type { CachedObject, ResourceCache, WatchCache } from '@kcp/storage/cache';
import type { StorageResource } from '@kcp/storage/key';
import type { CatalogChange, ResourceCatalog } from '../registry/catalog.js';
import type { ResourceType } from '../registry/resource-type.js';
import type { WebhookClient } from '../webhook/webhook-client.js';
import { DefinitionIndex } from './definition-index.js';
import { DefinitionTypes } from './definition-types.js';
import { wildcardType } from './wildcard-type.js';

/** Where the definitions themselves are stored. */
export const DEFINITIONS: StorageResource = {
  group: 'apiextensions.k8s.io',
  resource: 'customresourcedefinitions',
  custom: false,
  namespaced: false,
  sharedMember: 'spec',
};

export interface CrdCatalogOptions {
  readonly cache: WatchCache;
  readonly builtins: ResourceCatalog;
  /** Calls conversion webhooks. */
  readonly webhooks: WebhookClient;
  /** Hears of stored definitions that cannot be served because they make no sense. */
  readonly onBroken: (error: unknown, definition: CachedObject) => void;
}

/** Loads the definitions of all logical clusters and follows them. */
export async function createCrdCatalog(options: CrdCatalogOptions): Promise<CrdCatalog> {
  return new CrdCatalog(options, await options.cache.resource(DEFINITIONS));
}

/**
 * The built-ins and, per logical cluster, what its established definitions serve. Reads the definitions straight from
 * the watch cache, so whoever has seen a definition established there can use it.
 */
export class CrdCatalog implements ResourceCatalog {
  readonly #builtins: ResourceCatalog;
  readonly #definitions: ResourceCache;
  readonly #types: DefinitionTypes;
  readonly #index: DefinitionIndex;
  readonly #wildcards = new WeakMap<ResourceType, ResourceType>();

  constructor({ cache, builtins, webhooks, onBroken }: CrdCatalogOptions, definitions: ResourceCache) {
    this.#builtins = builtins;
    this.#definitions = definitions;
    this.#types = new DefinitionTypes(webhooks, onBroken);
    this.#index = new DefinitionIndex(definitions, (gone) => this.#forget(cache, gone));
  }

  lookup(scope: ClusterScope, group: string, version: string, resource: string): ResourceType | undefined {
    const builtin = this.#builtins.lookup(scope, group, version, resource);
    if (builtin !== undefined) return builtin;
    const name = definitionName(group, resource);
    return scope === ALL_CLUSTERS ? this.#anywhere(name, version) : this.#custom(scope, name, version);
  }

  builtins(): readonly ResourceType[] {
    return this.#builtins.builtins();
  }

  all(cluster: ClusterName): readonly ResourceType[] {
    const types = [...this.builtins()];
    for (const definition of this.#definitions.list(cluster, '').items) {
      for (const type of this.#types.of(definition).values()) {
        const { gvk, names } = type;
        const shadowed = this.#builtins.lookup(cluster, gvk.group, gvk.version, names.plural) !== undefined;
        if (!shadowed) types.push(type);
      }
    }
    return types;
  }

  equivalents(cluster: ClusterName, type: ResourceType): readonly ResourceType[] {
    if (type.origin === 'builtin') return this.#builtins.equivalents(cluster, type);
    const name = definitionName(type.gvk.group, type.names.plural);
    const definition = this.#definitions.get({ cluster, namespace: '', name });
    return definition === undefined ? [] : [...this.#types.of(definition).values()];
  }

  generation(cluster: ClusterName): number {
    return this.#index.generation(cluster);
  }

  onChange(cluster: ClusterName, listener: (what: CatalogChange) => void): () => void {
    return this.#index.listeners.add(cluster, listener);
  }

  /** Stops following; what was looked up stays usable. */
  close(): void {
    this.#index.stop();
  }

  #custom(cluster: ClusterName, name: string, version: string): ResourceType | undefined {
    const definition = this.#definitions.get({ cluster, namespace: '', name });
    return definition && this.#types.of(definition).get(version);
  }

  /** Some cluster's type stands for all; made once for each, as answers are kept with objects by their type. */
  #anywhere(name: string, version: string): ResourceType | undefined {
    for (const cluster of this.#index.clustersOf(name)) {
      const one = this.#custom(cluster, name, version);
      if (one !== undefined) return this.#wildcard(one, name, version);
    }
    return undefined;
  }

  #wildcard(one: ResourceType, name: string, version: string): ResourceType {
    let type = this.#wildcards.get(one);
    if (type === undefined) {
      type = wildcardType(one, (cluster) => this.#custom(cluster, name, version));
      this.#wildcards.set(one, type);
    }
    return type;
  }

  /** Nobody defines these objects any more: the cache lets go of them, which ends their watches. */
  #forget(cache: WatchCache, definition: CachedObject): void {
    for (const { storage } of this.#types.of(definition).values()) cache.forget(storage);
  }
}

/** Definitions are called `<plural>.<group>`, those of the core group `<plural>.core`. */
function definitionName(group: string, resource: string): string {
  return `${resource}.${group === '' ? CORE_GROUP_SUFFIX : group}`;
}

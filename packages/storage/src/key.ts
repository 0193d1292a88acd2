import type { ClusterName, ClusterScope } from '@kcp/apimachinery/meta/cluster-name';
import { ALL_CLUSTERS } from '@kcp/apimachinery/meta/cluster-name';

declare const brand: unique symbol;

/** A key or key prefix of the store. Only this file makes and takes apart keys. */
export type StoreKey = string & { readonly [brand]: 'StoreKey' };

/**
 * Where a resource's objects lie. Layout as in kcp's etcd, so that tools made for it find what they expect:
 * `/registry/<group>/<resource>/[customresources/]<cluster>/[<namespace>/]<name>`, the core group as `core`.
 */
export interface StorageResource {
  readonly group: string;
  readonly resource: string;
  /** Served by a CustomResourceDefinition. */
  readonly custom: boolean;
  readonly namespaced: boolean;
  /** A large member that many objects have alike (`spec`); the cache keeps equal ones once. */
  readonly sharedMember?: string;
}

/** Coordinates of one object. `namespace` is empty for cluster-scoped ones. */
export interface ObjectKey {
  readonly cluster: ClusterName;
  readonly namespace: string;
  readonly name: string;
}

export const REGISTRY_PREFIX = '/registry/' as StoreKey;

/** Every request asks for some; the same text again has been hashed already. */
const prefixes = new WeakMap<StorageResource, StoreKey>();

export function resourcePrefix(resource: StorageResource): StoreKey {
  const known = prefixes.get(resource);
  if (known !== undefined) return known;
  const prefix = makePrefix(resource);
  prefixes.set(resource, prefix);
  return prefix;
}

function makePrefix(resource: StorageResource): StoreKey {
  const group = resource.group === '' ? 'core' : resource.group;
  const custom = resource.custom ? 'customresources/' : '';
  return `${REGISTRY_PREFIX}${group}/${resource.resource}/${custom}` as StoreKey;
}

/** The prefix of a list or watch: all clusters, one cluster, or one namespace of it (`namespace` not empty). */
export function scopePrefix(resource: StorageResource, scope: ClusterScope, namespace: string): StoreKey {
  const prefix = resourcePrefix(resource);
  if (scope === ALL_CLUSTERS) return prefix;
  return (namespace === '' ? `${prefix}${scope}/` : `${prefix}${scope}/${namespace}/`) as StoreKey;
}

export function objectKey(resource: StorageResource, key: ObjectKey): StoreKey {
  return `${scopePrefix(resource, key.cluster, key.namespace)}${key.name}` as StoreKey;
}

/** Takes a key of that resource apart; undefined when it is none. */
export function parseObjectKey(resource: StorageResource, key: string): ObjectKey | undefined {
  const prefix = resourcePrefix(resource);
  if (!key.startsWith(prefix)) return undefined;
  const parts = key.slice(prefix.length).split('/');
  if (parts.length !== (resource.namespaced ? 3 : 2) || parts.includes('')) return undefined;
  const [cluster, ...rest] = parts as [string, ...string[]];
  const name = rest[rest.length - 1] as string;
  return { cluster: cluster as ClusterName, namespace: resource.namespaced ? (rest[0] as string) : '', name };
}

import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import type { DiscoveredResource } from '@kcp/client/discovery/discover';

/** A namespaced resource that is synced. */
export interface SyncedResource extends GroupVersionResource {
  readonly kind: string;
  readonly namespaced: boolean;
  /** It has a status of its own, which goes upwards. */
  readonly hasStatus: boolean;
}

/** `deployments.apps`, `pods`: as flags and the status of a Cluster say it. */
export function resourceText({ group, resource }: { readonly group: string; readonly resource: string }): string {
  return group === '' ? resource : `${resource}.${group}`;
}

const NEEDED_VERBS = ['get', 'list', 'watch'];

/** Names without a resource behind them, and what can be synced of those that have one. */
export interface NamedResources {
  readonly found: readonly SyncedResource[];
  readonly missing: readonly string[];
  /** Served, but of cluster scope or without watch. */
  readonly unfit: readonly string[];
}

/**
 * The resources of given names, `pods` or `deployments.apps`, among those that a server serves. A bare name is of the
 * core group where that has one, else of the first group that does. `core` as a group is the core group.
 */
export function namedResources(names: readonly string[], served: readonly DiscoveredResource[]): NamedResources {
  const found: SyncedResource[] = [];
  const missing: string[] = [];
  const unfit: string[] = [];
  for (const name of new Set(names)) {
    const one = lookUp(name, served);
    if (one === undefined) missing.push(name);
    else if (one.namespaced && NEEDED_VERBS.every((verb) => one.verbs.has(verb))) found.push(syncedResource(one));
    else unfit.push(name);
  }
  return { found, missing, unfit };
}

function lookUp(name: string, served: readonly DiscoveredResource[]): DiscoveredResource | undefined {
  const dot = name.indexOf('.');
  const resource = dot < 0 ? name : name.slice(0, dot);
  const group = dot < 0 ? undefined : name.slice(dot + 1).replace(/^core$/, '');
  const candidates = served.filter((one) => one.resource === resource && (group ?? one.group) === one.group);
  return candidates.find((one) => one.group === '') ?? candidates[0];
}

function syncedResource({
  group,
  version,
  resource,
  kind,
  namespaced,
  subresources,
}: DiscoveredResource): SyncedResource {
  return { group, version, resource, kind, namespaced, hasStatus: subresources.includes('status') };
}

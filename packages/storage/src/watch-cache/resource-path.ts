import type { ClusterName, ClusterScope } from '@kcp/apimachinery/meta/cluster-name';
import { ALL_CLUSTERS } from '@kcp/apimachinery/meta/cluster-name';
import type { ObjectKey, StorageResource } from '../key.js';
import { prefixEnd } from '../key-range.js';

/*
 * Inside the cache of one resource, an object is known by the rest of its store key behind the resource's prefix:
 * `cluster/namespace/name`, or `cluster/name` for cluster-scoped ones. So both have the same order.
 */

export function pathOf(key: ObjectKey): string {
  return key.namespace === '' ? `${key.cluster}/${key.name}` : `${key.cluster}/${key.namespace}/${key.name}`;
}

/** The counterpart of `pathOf`, for paths that `isPath` has passed. */
export function keyOfPath(path: string): ObjectKey {
  const first = path.indexOf('/');
  const last = path.lastIndexOf('/');
  const cluster = path.slice(0, first) as ClusterName;
  const namespace = first === last ? '' : path.slice(first + 1, last);
  return { cluster, namespace, name: path.slice(last + 1) };
}

/** Segment that stands behind the prefix of a built-in resource when a custom one of the same name is stored. */
const CUSTOM = 'customresources/';

/** Whether the rest of a key is an object of that resource. */
export function isPath(resource: StorageResource, path: string): boolean {
  if (!resource.custom && path.startsWith(CUSTOM)) return false;
  const first = path.indexOf('/');
  const last = path.lastIndexOf('/');
  if (first <= 0 || last === path.length - 1) return false;
  if (!resource.namespaced) return first === last;
  return last > first + 1 && path.indexOf('/', first + 1) === last;
}

/** What a list or watch addresses, as a range of paths `[start, end)` and a filter that the range cannot express. */
export interface PathScope {
  readonly start: string;
  readonly end: string;
  /** Set when one namespace is wanted of all clusters: then the range is everything. */
  readonly namespace: string | undefined;
}

export function pathScope(scope: ClusterScope, namespace: string): PathScope {
  if (scope === ALL_CLUSTERS) {
    return { start: '', end: prefixEnd(''), namespace: namespace === '' ? undefined : namespace };
  }
  const start = namespace === '' ? `${scope}/` : `${scope}/${namespace}/`;
  return { start, end: prefixEnd(start), namespace: undefined };
}

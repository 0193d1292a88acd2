import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { REGISTRY_PREFIX, type StoreKey } from '../key.js';

/** Between the resource and the logical cluster in the keys of custom resources. */
const CUSTOM = 'customresources';

/** Where in a key the name of the logical cluster stands: `/registry/<group>/<resource>/[customresources/]<cluster>/…`. */
function clusterAt(key: string): { readonly start: number; readonly end: number } | undefined {
  const parts = key.slice(REGISTRY_PREFIX.length).split('/');
  const index = parts[2] === CUSTOM && parts.length > 4 ? 3 : 2;
  const cluster = parts[index];
  if (cluster === undefined || parts.length <= index + 1) return undefined;
  const start = REGISTRY_PREFIX.length + parts.slice(0, index).join('/').length + 1;
  return { start, end: start + cluster.length };
}

/** The logical cluster that a key belongs to; undefined for a key that is no object's. */
export function clusterOfKey(key: StoreKey): ClusterName | undefined {
  const at = clusterAt(key);
  return at && (key.slice(at.start, at.end) as ClusterName);
}

/** The same object of another logical cluster. */
export function inCluster(key: StoreKey, cluster: ClusterName): StoreKey {
  const at = clusterAt(key);
  return at === undefined ? key : (`${key.slice(0, at.start)}${cluster}${key.slice(at.end)}` as StoreKey);
}

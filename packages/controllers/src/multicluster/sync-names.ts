import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';

/** Label that assigns an object to a physical cluster, by the name of its Cluster. */
export const CLUSTER_LABEL = 'kcp.dev/cluster';
/** Label that leads from a leaf to its root. */
export const OWNED_BY_LABEL = 'kcp.dev/owned-by';
/** On what a syncer made in a physical cluster: the logical cluster that it came from. */
export const SYNCED_FROM_ANNOTATION = 'kcp.dev/synced-from';
/** Field paths, separated by commas, that the physical cluster may change: `spec.replicas`. */
export const SYNC_UP_ANNOTATION = 'kcp.dev/sync-up';

/** Written by clients and controllers about the object where it is; elsewhere it would mislead them. */
const BOUND_ANNOTATIONS: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deployment.kubernetes.io/revision',
  'kcp.io/cluster',
]);
/** The longest value of a label, and the longest name within a qualified name. */
const NAME_LENGTH_MAX = 63;
const FINALIZER_PREFIX = 'syncer-';

/** The annotations of an object that say the same elsewhere. */
export function portableAnnotations(annotations: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).filter(([name]) => !BOUND_ANNOTATIONS.has(name)));
}

/** Keeps an object until it is gone from a physical cluster. Throws RangeError for a location whose name is too long. */
export function syncerFinalizer(location: string): string {
  const name = `${FINALIZER_PREFIX}${location}`;
  if (name.length > NAME_LENGTH_MAX || location === '') {
    const most = NAME_LENGTH_MAX - FINALIZER_PREFIX.length;
    throw new RangeError(`the name of a cluster must have 1 to ${most} characters to be synced: ${location}`);
  }
  return `kcp.dev/${name}`;
}

/** Who writes for a logical cluster in physical ones, as managed fields tell. */
export function syncerManager(source: ClusterName): string {
  return `kcp-syncer/${source}`;
}

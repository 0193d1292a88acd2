import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';

/**
 * Logical clusters exist by their content. The first write into one is preceded by the creation of its `default`
 * namespace, so that nobody ever sees a cluster without it.
 */
export interface LogicalClusters {
  /** True once anything has been written into the cluster. */
  exists(cluster: ClusterName): boolean;
  /** Makes the cluster exist; concurrent callers share one creation. */
  ensure(cluster: ClusterName): Promise<void>;
}

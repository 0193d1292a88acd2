import { ALL_CLUSTERS, type ClusterScope, parseClusterName, ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';

const PREFIX = '/clusters/';

/** A path without its cluster. `scope` is undefined when the request names a cluster that cannot be. */
export interface ClusterPath {
  readonly scope: ClusterScope | undefined;
  readonly path: string;
}

/**
 * Takes `/clusters/NAME/…` apart; the header `X-Kubernetes-Cluster` counts where the path names no cluster, and the
 * default is `root`. A name without anything behind it (`/clusters/a`) is no path of a cluster.
 */
export function splitClusterPath(path: string, header: string | undefined): ClusterPath {
  if (!path.startsWith(PREFIX)) return { scope: header === undefined ? ROOT_CLUSTER : parseScope(header), path };
  const end = path.indexOf('/', PREFIX.length);
  if (end < 0) return { scope: undefined, path };
  return { scope: parseScope(path.slice(PREFIX.length, end)), path: path.slice(end) };
}

function parseScope(text: string): ClusterScope | undefined {
  return text === ALL_CLUSTERS || text === '%2A' ? ALL_CLUSTERS : parseClusterName(text);
}

declare const brand: unique symbol;

/** A logical cluster: the first coordinate of every object. Made only by the functions of this file. */
export type ClusterName = string & { readonly [brand]: 'ClusterName' };

/** What a list or watch addresses: one logical cluster, or all of them. */
export type ClusterScope = ClusterName | typeof ALL_CLUSTERS;

/** The wildcard, for list and watch only. */
export const ALL_CLUSTERS = '*';

/** Stands in the place of a cluster in the keys of custom resources. */
const RESERVED = 'customresources';
const NAME = /^[a-z0-9][a-z0-9-]{0,78}[a-z0-9]$/;

/** Parses a name of 2 to 80 lower-case letters, digits and inner dashes; undefined when it is none. `admin` is `root`. */
export function parseClusterName(text: string): ClusterName | undefined {
  if (text === 'admin') return ROOT_CLUSTER;
  return NAME.test(text) && text !== RESERVED ? (text as ClusterName) : undefined;
}

/** The logical cluster of a request that names none. Its alias is `admin`. */
export const ROOT_CLUSTER = 'root' as ClusterName;

/** The server's own: cluster roles and bindings stored here hold in every logical cluster. */
export const POLICY_CLUSTER = 'system' as ClusterName;
/** Answers that span logical clusters name with this annotation where each object lives, as kcp does. */
export const CLUSTER_ANNOTATION = 'kcp.io/cluster';

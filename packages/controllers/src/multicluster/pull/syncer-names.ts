import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';

/** The namespace of syncers, in physical clusters and above. */
export const SYNCER_NAMESPACE = 'syncer-system';

export const NAMESPACES: GroupVersionResource = { group: '', version: 'v1', resource: 'namespaces' };
export const SERVICE_ACCOUNTS: GroupVersionResource = { group: '', version: 'v1', resource: 'serviceaccounts' };
export const SECRETS: GroupVersionResource = { group: '', version: 'v1', resource: 'secrets' };
export const DEPLOYMENTS: GroupVersionResource = { group: 'apps', version: 'v1', resource: 'deployments' };
const RBAC = { group: 'rbac.authorization.k8s.io', version: 'v1' };
export const CLUSTER_ROLES: GroupVersionResource = { ...RBAC, resource: 'clusterroles' };
export const CLUSTER_ROLE_BINDINGS: GroupVersionResource = { ...RBAC, resource: 'clusterrolebindings' };

/** What belongs to a logical cluster's syncer in a physical cluster; the value of the label `app` too. */
export function syncerFrom(cluster: ClusterName): string {
  return `syncer-from-${cluster}`;
}

export function kubeconfigSecret(cluster: ClusterName): string {
  return `kubeconfig-for-${cluster}`;
}

/** The account of a location's syncer in the logical cluster. */
export function syncerAccount(location: string): string {
  return `syncer-${location}`;
}

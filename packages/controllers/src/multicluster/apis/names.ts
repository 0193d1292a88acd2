import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';

export const CLUSTERS: GroupVersionResource = {
  group: 'cluster.example.dev',
  version: 'v1alpha1',
  resource: 'clusters',
};
const APIS = { group: 'apiresource.kcp.dev', version: 'v1alpha1' };
export const API_IMPORTS: GroupVersionResource = { ...APIS, resource: 'apiresourceimports' };
export const NEGOTIATED_APIS: GroupVersionResource = { ...APIS, resource: 'negotiatedapiresources' };

export const CLUSTER_KIND = 'Cluster';
export const API_IMPORT_KIND = 'APIResourceImport';
export const NEGOTIATED_API_KIND = 'NegotiatedAPIResource';

/** Holds a Cluster until nothing of it is left. */
export const CLEANUP_FINALIZER = 'kcp.dev/cluster-cleanup';
/** With the value `true`: a Cluster that is deleted goes without its physical cluster being cleaned up. */
export const FORGET_ANNOTATION = 'kcp.dev/forget';
/** Names the API of an import or a negotiated API, such as `apps/v1` or `v1`. */
export const API_VERSION_ANNOTATION = 'apiresource.kcp.dev/apiVersion';

/** How the core group is called where a name must not be empty. */
export const CORE = 'core';

/** `apps`, and `core` for the group without a name. */
export function groupName(group: string): string {
  return group === '' ? CORE : group;
}

/** `deployments.us-east1.v1.apps`. */
export function importName(api: ApiCoordinates, location: string): string {
  return `${api.plural}.${location}.${api.version}.${groupName(api.group)}`;
}

/** `deployments.v1.apps`. */
export function negotiatedName(api: ApiCoordinates): string {
  return `${api.plural}.${api.version}.${groupName(api.group)}`;
}

/** `deployments.apps`, `pods.core`: as definitions are called. */
export function definitionNameOf({ plural, group }: Pick<ApiCoordinates, 'plural' | 'group'>): string {
  return `${plural}.${groupName(group)}`;
}

/** Which API an import is of: what all clusters must agree on by name before anything is compared. */
export interface ApiCoordinates {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { apiVersionOf } from '@kcp/apimachinery/meta/resource';
import type { SyncedResource } from '../syncer/synced-resource.js';
import { CLUSTER_ROLES, SYNCER_NAMESPACE } from './syncer-names.js';

/** Above, a syncer reads what is assigned, holds it by finalizers, and writes the status and Events. */
export function rulesAbove(resources: readonly SyncedResource[]): JsonObject[] {
  return [
    ...byGroup(resources, '', ['get', 'list', 'watch', 'update', 'patch']),
    ...byGroup(withStatus(resources), '/status', ['get', 'update', 'patch']),
    { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
    { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'watch'] },
  ];
}

/**
 * In the physical cluster it writes and deletes what it syncs, and makes namespaces. It does not delete them: to see
 * that nobody else uses one it would have to see everything.
 */
export function rulesBelow(resources: readonly SyncedResource[]): JsonObject[] {
  return [
    ...byGroup(resources, '', ['create', 'get', 'list', 'watch', 'update', 'patch', 'delete']),
    ...byGroup(withStatus(resources), '/status', ['get']),
    { apiGroups: [''], resources: ['namespaces'], verbs: ['create', 'get', 'list', 'watch', 'patch'] },
  ];
}

function withStatus(resources: readonly SyncedResource[]): SyncedResource[] {
  return resources.filter(({ hasStatus }) => hasStatus);
}

function byGroup(resources: readonly SyncedResource[], suffix: string, verbs: readonly string[]): JsonObject[] {
  const groups = new Map<string, string[]>();
  for (const { group, resource } of resources) {
    groups.set(group, [...(groups.get(group) ?? []), `${resource}${suffix}`]);
  }
  return [...groups].map(([group, names]) => ({ apiGroups: [group], resources: names.sort(), verbs: [...verbs] }));
}

/** A cluster role of that name and its binding to a service account of the same name. */
export function roleAndBinding(name: string, rules: readonly JsonObject[]): readonly [KubeObject, KubeObject] {
  const apiVersion = apiVersionOf(CLUSTER_ROLES);
  const role = { apiVersion, kind: 'ClusterRole', metadata: { name }, rules: [...rules] };
  const binding = {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: CLUSTER_ROLES.group, kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace: SYNCER_NAMESPACE }],
  };
  return [role, binding];
}

import { ALL_CLUSTERS, type ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { CacheEvent, CacheWatcher, ResourceCache, WatchCache } from '@kcp/storage/cache';
import type { StorageResource } from '@kcp/storage/key';

const GROUP = 'rbac.authorization.k8s.io';

function rbacStorage(resource: string, namespaced: boolean): StorageResource {
  return { group: GROUP, resource, custom: false, namespaced };
}

export const ROLE_STORAGE = rbacStorage('roles', true);
export const ROLE_BINDING_STORAGE = rbacStorage('rolebindings', true);
export const CLUSTER_ROLE_STORAGE = rbacStorage('clusterroles', false);
export const CLUSTER_ROLE_BINDING_STORAGE = rbacStorage('clusterrolebindings', false);

/** The stored roles and bindings of all logical clusters. */
export interface RbacSource {
  readonly roles: ResourceCache;
  readonly clusterRoles: ResourceCache;
  readonly roleBindings: ResourceCache;
  readonly clusterRoleBindings: ResourceCache;
}

/** Loads roles and bindings into the watch cache. */
export async function loadRbac(cache: WatchCache): Promise<RbacSource> {
  return {
    roles: await cache.resource(ROLE_STORAGE),
    clusterRoles: await cache.resource(CLUSTER_ROLE_STORAGE),
    roleBindings: await cache.resource(ROLE_BINDING_STORAGE),
    clusterRoleBindings: await cache.resource(CLUSTER_ROLE_BINDING_STORAGE),
  };
}

/** Calls back with the logical cluster of every change; with undefined when changes may have been missed. */
export function followRbac(source: RbacSource, changed: (cluster: ClusterName | undefined) => void): void {
  for (const resource of [source.roles, source.clusterRoles, source.roleBindings, source.clusterRoleBindings]) {
    follow(resource, changed);
  }
}

function follow(resource: ResourceCache, changed: (cluster: ClusterName | undefined) => void): void {
  const watcher: CacheWatcher = {
    event({ object }: CacheEvent) {
      changed(object.key.cluster);
      return true;
    },
    progress() {
      // Policies depend on objects alone.
    },
    closed(reason) {
      changed(undefined);
      if (reason === 'tooSlow') follow(resource, changed);
    },
  };
  resource.watch(ALL_CLUSTERS, '', resource.revision, watcher);
}

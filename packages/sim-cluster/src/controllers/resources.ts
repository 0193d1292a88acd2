import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';

const CORE = { group: '', version: 'v1' };
const APPS = { group: 'apps', version: 'v1' };

export const PODS: GroupVersionResource = { ...CORE, resource: 'pods' };
export const NODES: GroupVersionResource = { ...CORE, resource: 'nodes' };
export const SERVICES: GroupVersionResource = { ...CORE, resource: 'services' };
export const ENDPOINTS: GroupVersionResource = { ...CORE, resource: 'endpoints' };
export const REPLICATION_CONTROLLERS: GroupVersionResource = { ...CORE, resource: 'replicationcontrollers' };
export const DEPLOYMENTS: GroupVersionResource = { ...APPS, resource: 'deployments' };
export const REPLICA_SETS: GroupVersionResource = { ...APPS, resource: 'replicasets' };
export const STATEFUL_SETS: GroupVersionResource = { ...APPS, resource: 'statefulsets' };
export const DAEMON_SETS: GroupVersionResource = { ...APPS, resource: 'daemonsets' };
export const JOBS: GroupVersionResource = { group: 'batch', version: 'v1', resource: 'jobs' };
export const ENDPOINT_SLICES: GroupVersionResource = {
  group: 'discovery.k8s.io',
  version: 'v1',
  resource: 'endpointslices',
};
export const LEASES: GroupVersionResource = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases' };

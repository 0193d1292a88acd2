import type { ResourceType } from '@kcp/apiserver/registry/resource-type';
import { CONTROLLER_REVISIONS } from './apps/controller-revisions.js';
import { DAEMON_SETS } from './apps/daemon-sets.js';
import { DEPLOYMENTS } from './apps/deployments.js';
import { REPLICA_SETS } from './apps/replica-sets.js';
import { STATEFUL_SETS } from './apps/stateful-sets.js';
import { CRON_JOBS } from './batch/cron-jobs.js';
import { JOBS } from './batch/jobs.js';
import { NODES } from './core/nodes.js';
import { ENDPOINTS, POD_TEMPLATES, REPLICATION_CONTROLLERS } from './core/plain-types.js';
import { PODS } from './core/pods.js';
import { ServiceAddresses } from './core/service-addresses.js';
import { services } from './core/services.js';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from './core/volumes.js';
import { ENDPOINT_SLICES, INGRESS_CLASSES, INGRESSES, NETWORK_POLICIES } from './network/network-types.js';
import { AUTOSCALERS, DISRUPTION_BUDGETS, PRIORITY_CLASSES, STORAGE_CLASSES } from './policy/policy-types.js';

/** What a cluster with nodes serves besides the types that every server has. */
export function workloadTypes(): readonly ResourceType[] {
  return [
    ENDPOINTS,
    NODES,
    PERSISTENT_VOLUME_CLAIMS,
    PERSISTENT_VOLUMES,
    PODS,
    POD_TEMPLATES,
    REPLICATION_CONTROLLERS,
    services(new ServiceAddresses()),
    CONTROLLER_REVISIONS,
    DAEMON_SETS,
    DEPLOYMENTS,
    REPLICA_SETS,
    STATEFUL_SETS,
    AUTOSCALERS,
    CRON_JOBS,
    JOBS,
    ENDPOINT_SLICES,
    INGRESS_CLASSES,
    INGRESSES,
    NETWORK_POLICIES,
    DISRUPTION_BUDGETS,
    PRIORITY_CLASSES,
    STORAGE_CLASSES,
  ];
}

import type { TableType } from './column.js';
import {
  ENDPOINT_SLICE_TABLE,
  ENDPOINTS_TABLE,
  INGRESS_TABLE,
  NETWORK_POLICY_TABLE,
  SERVICE_TABLE,
} from './columns-of-network.js';
import { NODE_TABLE, POD_TABLE } from './columns-of-pods.js';
import {
  AUTOSCALER_TABLE,
  DISRUPTION_BUDGET_TABLE,
  PERSISTENT_VOLUME_CLAIM_TABLE,
  PERSISTENT_VOLUME_TABLE,
  PRIORITY_CLASS_TABLE,
  STORAGE_CLASS_TABLE,
} from './columns-of-volumes.js';
import {
  CONTROLLER_REVISION_TABLE,
  CRON_JOB_TABLE,
  DAEMON_SET_TABLE,
  DEPLOYMENT_TABLE,
  JOB_TABLE,
  POD_TEMPLATE_TABLE,
  REPLICA_SET_TABLE,
  REPLICATION_CONTROLLER_TABLE,
  STATEFUL_SET_TABLE,
} from './columns-of-workloads.js';

const TABLES: ReadonlyMap<string, TableType> = new Map([
  ['/Pod', POD_TABLE],
  ['/Node', NODE_TABLE],
  ['/Service', SERVICE_TABLE],
  ['/Endpoints', ENDPOINTS_TABLE],
  ['/PersistentVolume', PERSISTENT_VOLUME_TABLE],
  ['/PersistentVolumeClaim', PERSISTENT_VOLUME_CLAIM_TABLE],
  ['/PodTemplate', POD_TEMPLATE_TABLE],
  ['/ReplicationController', REPLICATION_CONTROLLER_TABLE],
  ['apps/Deployment', DEPLOYMENT_TABLE],
  ['apps/ReplicaSet', REPLICA_SET_TABLE],
  ['apps/StatefulSet', STATEFUL_SET_TABLE],
  ['apps/DaemonSet', DAEMON_SET_TABLE],
  ['apps/ControllerRevision', CONTROLLER_REVISION_TABLE],
  ['batch/Job', JOB_TABLE],
  ['batch/CronJob', CRON_JOB_TABLE],
  ['discovery.k8s.io/EndpointSlice', ENDPOINT_SLICE_TABLE],
  ['networking.k8s.io/Ingress', INGRESS_TABLE],
  ['networking.k8s.io/NetworkPolicy', NETWORK_POLICY_TABLE],
  ['policy/PodDisruptionBudget', DISRUPTION_BUDGET_TABLE],
  ['autoscaling/HorizontalPodAutoscaler', AUTOSCALER_TABLE],
  ['scheduling.k8s.io/PriorityClass', PRIORITY_CLASS_TABLE],
  ['storage.k8s.io/StorageClass', STORAGE_CLASS_TABLE],
]);

/**
 * The columns of a kind that clusters with nodes have. A server that knows such a kind only from a definition without
 * columns shows these as well, as the first kcp did.
 */
export function workloadTable(group: string, kind: string): TableType | undefined {
  return TABLES.get(`${group}/${kind}`);
}

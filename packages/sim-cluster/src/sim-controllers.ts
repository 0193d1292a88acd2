import { hasReason } from '@kcp/apimachinery/errors/status-error';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { Environment } from '@kcp/controllers/controller/environment';
import { DaemonSetController } from './controllers/daemon-set/daemon-set-controller.js';
import { DeploymentController } from './controllers/deployment/deployment-controller.js';
import { JobController } from './controllers/job/job-controller.js';
import { NodeLifecycleController } from './controllers/node-lifecycle.js';
import { type ObjectInformer, objectInformer } from './controllers/object-informer.js';
import { REPLICA_SET_KIND, REPLICATION_CONTROLLER_KIND } from './controllers/replica-set/replica-kinds.js';
import { ReplicaSetController } from './controllers/replica-set/replica-set-controller.js';
import {
  DAEMON_SETS,
  DEPLOYMENTS,
  ENDPOINT_SLICES,
  ENDPOINTS,
  JOBS,
  NODES,
  PODS,
  REPLICA_SETS,
  REPLICATION_CONTROLLERS,
  SERVICES,
  STATEFUL_SETS,
} from './controllers/resources.js';
import { Scheduler } from './controllers/scheduler/scheduler.js';
import { EndpointsController } from './controllers/service/endpoints-controller.js';
import { StatefulSetController } from './controllers/stateful-set/stateful-set-controller.js';
import { HEARTBEAT_MS } from './limits.js';
import { Heartbeat } from './node/heartbeat.js';
import { Kubelet, type KubeletOptions } from './node/kubelet.js';
import { LEASE_NAMESPACE, type NodePlan, SimulatedNode } from './node/nodes.js';

export interface SimControllersOptions extends Omit<KubeletOptions, 'nodes'> {
  readonly cluster: ClusterName;
  /** Nodes are called after it. */
  readonly name: string;
  readonly nodes: number;
  readonly nodeGraceMs: number;
}

const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };
const SYSTEM_NAMESPACES = ['default', 'kube-system', 'kube-public', LEASE_NAMESPACE];
const VERSION = 'v1.36.0-sim';

interface Part {
  start(): void;
  stop(): Promise<void>;
}

/** What makes a server a cluster: the controllers of workloads, a scheduler, and nodes that run pods. */
export class SimControllers implements Part {
  readonly #environment: Environment;
  readonly #cluster: ClusterName;
  readonly #informers: readonly ObjectInformer[];
  readonly #parts: readonly Part[];
  readonly #heartbeat: Heartbeat;

  constructor(environmentOf: (name: string) => Environment, options: SimControllersOptions) {
    const { cluster } = options;
    this.#environment = environmentOf('sim-cluster');
    this.#cluster = cluster;
    const informer = (resource: Parameters<typeof objectInformer>[1]): ObjectInformer =>
      objectInformer(this.#environment, resource);
    const [pods, nodes] = [informer(PODS), informer(NODES)];
    const [deployments, sets, controllers] = [
      informer(DEPLOYMENTS),
      informer(REPLICA_SETS),
      informer(REPLICATION_CONTROLLERS),
    ];
    const [daemons, stateful, jobs] = [informer(DAEMON_SETS), informer(STATEFUL_SETS), informer(JOBS)];
    const [services, endpoints, slices] = [informer(SERVICES), informer(ENDPOINTS), informer(ENDPOINT_SLICES)];
    const plans = nodePlans(options);
    const addresses = new Map(plans.map((plan) => [plan.name, plan.address]));
    const kubelet = environmentOf('kubelet');
    const simulated = plans.map((plan) => new SimulatedNode(kubelet, cluster, plan));
    this.#heartbeat = new Heartbeat(kubelet, cluster, simulated, nodes, heartbeatMs(options));
    const workloads = [deployments, sets, controllers, daemons, stateful, jobs];
    this.#informers = [pods, nodes, ...workloads, services, endpoints, slices];
    this.#parts = [
      new DeploymentController(environmentOf('deployment-controller'), { deployments, replicaSets: sets, pods }),
      new ReplicaSetController(environmentOf('replicaset-controller'), REPLICA_SET_KIND, sets, pods),
      new ReplicaSetController(environmentOf('replication-controller'), REPLICATION_CONTROLLER_KIND, controllers, pods),
      new DaemonSetController(environmentOf('daemon-set-controller'), daemons, pods, nodes),
      new StatefulSetController(environmentOf('statefulset-controller'), stateful, pods),
      new JobController(environmentOf('job-controller'), jobs, pods),
      new EndpointsController(environmentOf('endpoint-controller'), { services, pods, endpoints, slices }),
      new Scheduler(environmentOf('default-scheduler'), pods, nodes),
      new NodeLifecycleController(environmentOf('node-lifecycle-controller'), nodes, pods, options.nodeGraceMs),
      new Kubelet(kubelet, pods, nodes, { ...options, nodes: addresses }),
      this.#heartbeat,
    ];
  }

  start(): void {
    for (const part of this.#parts) part.start();
  }

  /** Resolves when the namespaces of a cluster are there and its nodes are ready. */
  async ready(): Promise<void> {
    await Promise.all(SYSTEM_NAMESPACES.map((name) => this.#ensureNamespace(name)));
    await this.#heartbeat.register();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#parts.map((part) => part.stop()));
    await Promise.all(this.#informers.map((informer) => informer.stop()));
  }

  async #ensureNamespace(name: string): Promise<void> {
    try {
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
      await this.#environment.client.in(this.#cluster).create(NAMESPACES, namespace);
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) throw error;
    }
  }
}

/** A node speaks up several times before it would count as lost. */
function heartbeatMs({ nodeGraceMs }: SimControllersOptions): number {
  return Math.min(HEARTBEAT_MS, Math.ceil(nodeGraceMs / 4));
}

function nodePlans({ name, nodes }: SimControllersOptions): NodePlan[] {
  return Array.from({ length: nodes }, (_, index) => ({
    name: `${name}-node-${index + 1}`,
    address: `10.0.${Math.floor(index / 250)}.${(index % 250) + 1}`,
    version: VERSION,
  }));
}

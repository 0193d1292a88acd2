import { formatGoTime } from '@kcp/apimachinery/codec/go-time';
import { hasReason } from '@kcp/apimachinery/errors/status-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { conditionsOf, withCondition } from '@kcp/controllers/controller/conditions';
import type { Environment } from '@kcp/controllers/controller/environment';
import { unlessGone } from '@kcp/controllers/controller/unless-gone';
import { statusOf } from '../controllers/pod-facts.js';
import { LEASES, NODES } from '../controllers/resources.js';
import { NODE_GRACE_MS, PODS_PER_NODE_MAX } from '../limits.js';
import { NODE_DOWN } from './sim-annotations.js';

export const LEASE_NAMESPACE = 'kube-node-lease';
const MS = 1_000;

export interface NodePlan {
  readonly name: string;
  readonly address: string;
  /** As `kubectl get nodes` shows it. */
  readonly version: string;
}

/** One simulated node: that it is there, and that it goes on being there. */
export class SimulatedNode {
  readonly plan: NodePlan;
  readonly #environment: Environment;
  readonly #cluster: ClusterName;

  constructor(environment: Environment, cluster: ClusterName, plan: NodePlan) {
    this.#environment = environment;
    this.#cluster = cluster;
    this.plan = plan;
  }

  /** Makes the node known, or takes up the one that is known under its name. */
  async register(): Promise<void> {
    const client = this.#environment.client.in(this.#cluster);
    // First the heartbeat, so that nobody takes the new node for a lost one.
    await this.renewLease();
    try {
      await client.create(NODES, this.#object());
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) throw error;
    }
    const node = await client.get(NODES, { name: this.plan.name });
    if (node.metadata.annotations?.[NODE_DOWN] !== 'true') await this.comeUp(node);
  }

  /** Tells that the node is ready. */
  async comeUp(node: KubeObject): Promise<void> {
    await this.renewLease();
    const value = { status: this.#status(conditionsOf(statusOf(node))) };
    const client = this.#environment.client.in(this.#cluster);
    await client.patch(NODES, { name: this.plan.name }, { type: 'merge', value }, { subresource: 'status' });
  }

  /** The heartbeat. */
  async renewLease(): Promise<void> {
    const client = this.#environment.client.in(this.#cluster);
    const { name } = this.plan;
    const renewTime = new Date(this.#environment.clock.now()).toISOString().replace('Z', '000Z');
    const spec = { holderIdentity: name, leaseDurationSeconds: NODE_GRACE_MS / MS, renewTime };
    const value = { spec };
    const place = { namespace: LEASE_NAMESPACE, name };
    const patched = await unlessGone(client.patch(LEASES, place, { type: 'merge', value }));
    if (patched !== undefined) return;
    await client.create(LEASES, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: LEASE_NAMESPACE },
      spec,
    });
  }

  #object(): KubeObject {
    const { name } = this.plan;
    const labels = {
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/hostname': name,
      'kubernetes.io/os': 'linux',
      'beta.kubernetes.io/arch': 'amd64',
      'beta.kubernetes.io/os': 'linux',
    };
    return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec: { providerID: `sim://${name}` } };
  }

  #status(known: readonly JsonObject[]): JsonObject {
    const { name, address, version } = this.plan;
    const amounts = { cpu: '32', memory: '64Gi', 'ephemeral-storage': '100Gi', pods: String(PODS_PER_NODE_MAX) };
    return {
      capacity: amounts,
      allocatable: amounts,
      conditions: nodeConditions(known, this.#environment.clock.now()),
      addresses: [
        { type: 'InternalIP', address },
        { type: 'Hostname', address: name },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
      nodeInfo: {
        machineID: '',
        systemUUID: '',
        bootID: '',
        kernelVersion: 'simulated',
        osImage: 'Simulated node',
        containerRuntimeVersion: 'sim://1.0.0',
        kubeletVersion: version,
        kubeProxyVersion: '',
        operatingSystem: 'linux',
        architecture: 'amd64',
      },
    };
  }
}

const PRESSURES = [
  ['MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
] as const;

function nodeConditions(known: readonly JsonObject[], now: number): JsonObject[] {
  let conditions = [...known];
  for (const [type, reason, message] of PRESSURES) {
    conditions = withCondition(conditions, { type, status: 'False', reason, message }, now);
  }
  const message = 'kubelet is posting ready status';
  conditions = withCondition(conditions, { type: 'Ready', status: 'True', reason: 'KubeletReady', message }, now);
  const lastHeartbeatTime = formatGoTime(Math.floor(now / MS));
  return conditions.map((condition) => ({ ...condition, lastHeartbeatTime }));
}

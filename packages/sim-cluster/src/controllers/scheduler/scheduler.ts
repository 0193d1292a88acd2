import { hasReason } from '@kcp/apimachinery/errors/status-error';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObjects, readString } from '@kcp/apimachinery/schema/read';
import { keyText, type ObjectKey } from '@kcp/client/informer/object-key';
import { conditionsOf, withCondition } from '@kcp/controllers/controller/conditions';
import { Controller } from '@kcp/controllers/controller/controller';
import type { Environment } from '@kcp/controllers/controller/environment';
import { recordEvent } from '@kcp/controllers/controller/record-event';
import { BINDINGS_AT_ONCE } from '../../limits.js';
import type { ObjectInformer } from '../object-informer.js';
import { isDeleted, nodeOf, phaseOf, specOf, statusOf } from '../pod-facts.js';
import { PODS } from '../resources.js';
import { writeStatus } from '../write-status.js';
import { whyNot } from './fits.js';

const COMPONENT = 'default-scheduler';

/** Binds each pod to the node with the fewest pods among those that take it. */
export class Scheduler {
  readonly #environment: Environment;
  readonly #pods: ObjectInformer;
  readonly #nodes: ObjectInformer;
  readonly #controller: Controller<ObjectKey>;
  /** The pods of each node, by node and key. */
  readonly #bound = new Map<string, Map<string, KubeObject>>();
  /** Pods that no node takes at present. */
  readonly #waiting = new Map<string, ObjectKey>();

  constructor(environment: Environment, pods: ObjectInformer, nodes: ObjectInformer) {
    this.#environment = environment;
    this.#pods = pods;
    this.#nodes = nodes;
    this.#controller = new Controller({
      name: COMPONENT,
      environment,
      sources: [pods, nodes],
      textOf: keyText,
      workers: BINDINGS_AT_ONCE,
      reconcile: async (key, signal) => this.#reconcile(key, signal),
    });
    pods.subscribe(({ key, before, after }) => this.#note(key, before?.value, after?.value));
    nodes.subscribe(() => this.#lookAgain());
  }

  start(): void {
    this.#controller.start();
  }

  stop(): Promise<void> {
    return this.#controller.stop();
  }

  #note(key: ObjectKey, before: KubeObject | undefined, after: KubeObject | undefined): void {
    if (before !== undefined) this.#bound.get(place(key.cluster, nodeOf(before)))?.delete(keyText(key));
    if (after === undefined) this.#waiting.delete(keyText(key));
    const done = after === undefined || phaseOf(after) === 'Succeeded' || phaseOf(after) === 'Failed';
    if (done) this.#lookAgain();
    else if (nodeOf(after) !== '') this.#place(key, after);
    else if (mayBeScheduled(after)) this.#controller.enqueue(key);
  }

  #place(key: ObjectKey, pod: KubeObject): void {
    const node = place(key.cluster, nodeOf(pod));
    const pods = this.#bound.get(node) ?? new Map<string, KubeObject>();
    this.#bound.set(node, pods.set(keyText(key), pod));
  }

  #lookAgain(): void {
    for (const key of this.#waiting.values()) this.#controller.enqueue(key);
  }

  async #reconcile(key: ObjectKey, signal: AbortSignal): Promise<undefined> {
    const pod = this.#pods.get(key)?.value;
    if (pod === undefined || nodeOf(pod) !== '' || !mayBeScheduled(pod)) return undefined;
    const { node, reasons, total } = this.#choose(key.cluster, pod);
    if (node === undefined) {
      this.#waiting.set(keyText(key), key);
      await this.#refuse(key, pod, `0/${total} nodes are available: ${summary(reasons)}.`, signal);
      return undefined;
    }
    this.#waiting.delete(keyText(key));
    const bound = { ...pod, spec: { ...specOf(pod), nodeName: node } };
    // Counted at once, so that pods that are placed at the same time spread.
    this.#place(key, bound);
    await this.#bind(key, pod, node, signal);
    return undefined;
  }

  #choose(cluster: ClusterName, pod: KubeObject): { node: string | undefined; reasons: string[]; total: number } {
    const reasons: string[] = [];
    let best: { readonly name: string; readonly pods: number } | undefined;
    let total = 0;
    for (const { key, value: node } of this.#nodes.entries(cluster)) {
      total++;
      const there = [...(this.#bound.get(place(cluster, key.name))?.values() ?? [])];
      const why = whyNot(pod, node, there);
      if (why !== undefined) reasons.push(why);
      else if (best === undefined || there.length < best.pods) best = { name: key.name, pods: there.length };
    }
    return { node: best?.name, reasons, total };
  }

  async #bind({ cluster, ...key }: ObjectKey, pod: KubeObject, node: string, signal: AbortSignal): Promise<void> {
    const { namespace, name } = key;
    const target = { apiVersion: 'v1', kind: 'Node', name: node };
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace }, target };
    try {
      await this.#environment.client.in(cluster).create(PODS, binding, { subresource: 'binding', signal });
      const message = `Successfully assigned ${namespace}/${name} to ${node}`;
      this.#tell(cluster, pod, 'Normal', 'Scheduled', message);
    } catch (error) {
      this.#bound.get(place(cluster, node))?.delete(keyText({ cluster, ...key }));
      if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error;
    }
  }

  async #refuse({ cluster }: ObjectKey, pod: KubeObject, message: string, signal: AbortSignal): Promise<void> {
    const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message } as const;
    const known = conditionsOf(statusOf(pod));
    if (known.some((one) => one.type === condition.type && one.message === message)) return;
    const conditions = withCondition(known, condition, this.#environment.clock.now());
    const status = { ...statusOf(pod), conditions };
    const environment = this.#environment;
    await writeStatus({ environment, resource: PODS, informer: this.#pods, cluster, object: pod, status, signal });
    this.#tell(cluster, pod, 'Warning', 'FailedScheduling', message);
  }

  #tell(cluster: ClusterName, pod: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { name = '', namespace = '', uid = '' } = pod.metadata;
    const subject = { cluster, apiVersion: 'v1', kind: 'Pod', namespace, name, uid };
    void recordEvent(this.#environment, subject, { type, reason, message, component: COMPONENT });
  }
}

function place(cluster: ClusterName, node: string): string {
  return `${cluster}/${node}`;
}

function mayBeScheduled(pod: KubeObject): boolean {
  const spec = specOf(pod);
  if (isDeleted(pod) || readString(spec, 'schedulerName') !== COMPONENT) return false;
  return readObjects(spec, 'schedulingGates').length === 0;
}

/** How many nodes refuse for each reason. */
function summary(reasons: readonly string[]): string {
  if (reasons.length === 0) return 'no nodes available to schedule pods';
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}

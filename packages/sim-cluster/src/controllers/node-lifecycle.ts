import { formatGoTime } from '@kcp/apimachinery/codec/go-time';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { Informer } from '@kcp/client/informer/informer';
import { keyText, type ObjectKey } from '@kcp/client/informer/object-key';
import type { Again } from '@kcp/client/queue/work-queue';
import { conditionsOf, withCondition } from '@kcp/controllers/controller/conditions';
import { Controller } from '@kcp/controllers/controller/controller';
import type { Environment } from '@kcp/controllers/controller/environment';
import { unlessGone } from '@kcp/controllers/controller/unless-gone';
import { RECONCILIATIONS_AT_ONCE } from '../limits.js';
import type { ObjectInformer } from './object-informer.js';
import { conditionOf, isDeleted, nodeOf, specOf, statusOf } from './pod-facts.js';
import { LEASES, NODES, PODS } from './resources.js';
import { tolerationOf } from './scheduler/fits.js';
import { writeStatus } from './write-status.js';

const UNREACHABLE = 'node.kubernetes.io/unreachable';
const LEASE_NAMESPACE = 'kube-node-lease';

/**
 * Gives up nodes that have fallen silent, and after the time that they tolerate it, the pods on them (upstream's node
 * lifecycle and taint eviction controllers).
 */
export class NodeLifecycleController {
  readonly #environment: Environment;
  readonly #graceMs: number;
  readonly #nodes: ObjectInformer;
  readonly #pods: ObjectInformer;
  readonly #leases: Informer<number>;
  readonly #controller: Controller<ObjectKey>;

  constructor(environment: Environment, nodes: ObjectInformer, pods: ObjectInformer, graceMs: number) {
    this.#environment = environment;
    this.#graceMs = graceMs;
    this.#nodes = nodes;
    this.#pods = pods;
    this.#leases = new Informer<number>({
      ...environment,
      resource: LEASES,
      namespace: LEASE_NAMESPACE,
      keep: (lease) => Date.parse(readString(specOf(lease), 'renewTime')) || 0,
      onError: (error) => environment.log.warn('leases of nodes cannot be watched', { error }),
    });
    this.#controller = new Controller({
      name: 'node-lifecycle-controller',
      environment,
      sources: [nodes, pods, this.#leases],
      textOf: keyText,
      workers: RECONCILIATIONS_AT_ONCE,
      reconcile: (key, signal) => this.#reconcile(key, signal),
    });
    nodes.subscribe(({ key }) => this.#controller.enqueue(key));
    this.#leases.subscribe(({ key }) => this.#controller.enqueue({ ...key, namespace: '' }));
  }

  start(): void {
    this.#controller.start();
  }

  async stop(): Promise<void> {
    await this.#controller.stop();
    await this.#leases.stop();
  }

  async #reconcile(key: ObjectKey, signal: AbortSignal): Promise<Again | undefined> {
    const node = this.#nodes.get(key)?.value;
    if (node === undefined) return undefined;
    const created = Date.parse(node.metadata.creationTimestamp ?? '') || 0;
    const renewed = this.#leases.get({ ...key, namespace: LEASE_NAMESPACE })?.value ?? created;
    const silence = this.#environment.clock.now() - renewed;
    if (silence < this.#graceMs) {
      await this.#taint(key, node, [], signal);
      return { afterMs: this.#graceMs - silence };
    }
    if (readString(conditionOf(node, 'Ready') ?? {}, 'status') !== 'Unknown') return this.#giveUp(key, node, signal);
    const tainted = await this.#taint(key, node, ['NoSchedule', 'NoExecute'], signal);
    return this.#evict(key, tainted, signal);
  }

  async #giveUp(key: ObjectKey, node: KubeObject, signal: AbortSignal): Promise<Again> {
    const now = this.#environment.clock.now();
    const message = 'Kubelet stopped posting node status.';
    let conditions = conditionsOf(statusOf(node));
    for (const type of ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']) {
      conditions = withCondition(conditions, { type, status: 'Unknown', reason: 'NodeStatusUnknown', message }, now);
    }
    await this.#write(key, node, { ...statusOf(node), conditions }, signal);
    for (const { key: pod, value } of this.#podsOf(key)) await this.#markUnready(pod, value, signal);
    return { afterMs: 0 };
  }

  #write({ cluster }: ObjectKey, object: KubeObject, status: JsonObject, signal: AbortSignal): Promise<void> {
    const environment = this.#environment;
    return writeStatus({ environment, resource: NODES, informer: this.#nodes, cluster, object, status, signal });
  }

  async #markUnready({ cluster }: ObjectKey, pod: KubeObject, signal: AbortSignal): Promise<void> {
    const condition = { type: 'Ready', status: 'False', reason: 'NodeNotReady', message: 'Node is not ready' } as const;
    const conditions = withCondition(conditionsOf(statusOf(pod)), condition, this.#environment.clock.now());
    const environment = this.#environment;
    const status = { ...statusOf(pod), conditions };
    await writeStatus({ environment, resource: PODS, informer: this.#pods, cluster, object: pod, status, signal });
  }

  /** Keeps the taint of an unreachable node as it should be; the node as it then is. */
  async #taint(
    { cluster, name }: ObjectKey,
    node: KubeObject,
    effects: readonly string[],
    signal: AbortSignal,
  ): Promise<KubeObject> {
    const all = readObjects(specOf(node), 'taints');
    const own = all.filter((taint) => readString(taint, 'key') === UNREACHABLE);
    if (own.length === effects.length) return node;
    const timeAdded = formatGoTime(Math.floor(this.#environment.clock.now() / 1_000));
    const added = effects.map((effect) => ({ key: UNREACHABLE, effect, timeAdded }));
    const taints = [...all.filter((taint) => !own.includes(taint)), ...added];
    const value = { metadata: { resourceVersion: node.metadata.resourceVersion ?? '' }, spec: { taints } };
    const client = this.#environment.client.in(cluster);
    const patched = await client.patch(NODES, { name }, { type: 'merge', value }, { signal });
    this.#nodes.observe(cluster, patched);
    return patched;
  }

  /** Deletes the pods whose patience with the taint is over; when to look again. */
  async #evict(key: ObjectKey, node: KubeObject, signal: AbortSignal): Promise<Again | undefined> {
    const taint = readObjects(specOf(node), 'taints').find(
      (one) => readString(one, 'key') === UNREACHABLE && readString(one, 'effect') === 'NoExecute',
    );
    if (taint === undefined) return undefined;
    const since = Date.parse(readString(taint, 'timeAdded'));
    let next: number | undefined;
    for (const { key: pod, value } of this.#podsOf(key)) {
      if (isDeleted(value)) continue;
      const toleration = tolerationOf(value, taint);
      const patience = toleration === undefined ? 0 : readNumber(toleration, 'tolerationSeconds');
      if (patience === undefined) continue;
      const left = since + patience * 1_000 - this.#environment.clock.now();
      if (left > 0) next = Math.min(next ?? left, left);
      else await this.#delete(pod, signal);
    }
    return next === undefined ? undefined : { afterMs: next };
  }

  async #delete({ cluster, namespace, name }: ObjectKey, signal: AbortSignal): Promise<void> {
    await unlessGone(this.#environment.client.in(cluster).delete(PODS, { namespace, name }, { signal }));
  }

  #podsOf({ cluster, name }: ObjectKey): { key: ObjectKey; value: KubeObject }[] {
    return [...this.#pods.entries(cluster)].filter(({ value }) => nodeOf(value) === name);
  }
}

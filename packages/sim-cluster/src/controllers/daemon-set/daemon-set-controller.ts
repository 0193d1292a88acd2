import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { Environment } from '@kcp/controllers/controller/environment';
import { scaledValue } from '../../types/numbers.js';
import { templateHash } from '../deployment/template-hash.js';
import type { ObjectInformer } from '../object-informer.js';
import { type Owner, PodOwners } from '../owned-pods.js';
import { isActive, isDeleted, isReady, nodeOf, specOf } from '../pod-facts.js';
import { positive } from '../replica-set/replica-set-controller.js';
import { DAEMON_SETS } from '../resources.js';
import { selects, tolerates } from '../scheduler/fits.js';

const HASH = 'controller-revision-hash';
/** States of a node that a daemon's pods do not mind, with the effects of their taints. */
const TOLERATED: readonly (readonly [key: string, effect: string])[] = [
  ['node.kubernetes.io/not-ready', 'NoExecute'],
  ['node.kubernetes.io/unreachable', 'NoExecute'],
  ['node.kubernetes.io/unreachable', 'NoSchedule'],
  ['node.kubernetes.io/disk-pressure', 'NoSchedule'],
  ['node.kubernetes.io/memory-pressure', 'NoSchedule'],
  ['node.kubernetes.io/pid-pressure', 'NoSchedule'],
  ['node.kubernetes.io/unschedulable', 'NoSchedule'],
];

/** Keeps one pod of each DaemonSet on every node that takes it. */
export class DaemonSetController {
  readonly #nodes: ObjectInformer;
  readonly #owners: PodOwners;

  constructor(environment: Environment, sets: ObjectInformer, pods: ObjectInformer, nodes: ObjectInformer) {
    this.#nodes = nodes;
    this.#owners = new PodOwners({
      environment,
      resource: DAEMON_SETS,
      kind: 'DaemonSet',
      component: 'daemonset-controller',
      owners: sets,
      pods,
      sources: [nodes],
      reconcile: async (owner) => this.#reconcile(owner),
    });
    nodes.subscribe(({ before, after }) => {
      if (before === undefined || after === undefined || changed(before.value, after.value)) this.#owners.enqueueAll();
    });
  }

  start(): void {
    this.#owners.start();
  }

  stop(): Promise<void> {
    return this.#owners.stop();
  }

  async #reconcile(owner: Owner): Promise<undefined> {
    const { object, key } = owner;
    const spec = specOf(object);
    const template = tolerant(readObject(spec, 'template') ?? {});
    const hash = templateHash(readObject(spec, 'template') ?? {}, 0);
    const probe = { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: specOf(template) };
    const nodes = [...this.#nodes.entries(key.cluster)].map(({ value }) => value).filter((node) => takes(probe, node));
    const names = nodes.map((node) => node.metadata.name ?? '');
    const pods = owner.pods.filter(isActive);
    if (!isDeleted(object)) await this.#bring(owner, pods, names, template, hash);
    await this.#owners.tell(owner, statusOf(object, pods, names, hash));
    return undefined;
  }

  async #bring(
    owner: Owner,
    pods: readonly KubeObject[],
    names: readonly string[],
    template: JsonObject,
    hash: string,
  ): Promise<void> {
    const { key, object, signal } = owner;
    const { writer } = this.#owners;
    const taken = new Set<string>();
    for (const pod of pods) {
      const target = targetOf(pod);
      const surplus = !names.includes(target) || taken.has(target);
      taken.add(target);
      if (surplus) await writer.delete(key.cluster, object, pod, signal);
    }
    for (const name of names.filter((one) => !taken.has(one))) {
      await writer.create({
        cluster: key.cluster,
        owner: object,
        template,
        adjust: (pod) => bindTo(pod, name, hash),
        signal,
      });
    }
    for (const pod of outdated(object, pods, names.length, hash)) await writer.delete(key.cluster, object, pod, signal);
  }
}

function changed(before: KubeObject, after: KubeObject): boolean {
  const facts = ({ metadata, spec }: KubeObject): string => JSON.stringify([metadata.labels, spec]);
  return facts(before) !== facts(after);
}

function takes(pod: KubeObject, node: KubeObject): boolean {
  const taints = readObjects(specOf(node), 'taints').filter(
    (taint) => readString(taint, 'effect') !== 'PreferNoSchedule',
  );
  return selects(pod, node) && taints.every((taint) => tolerates(pod, taint));
}

function tolerant(template: JsonObject): JsonObject {
  const spec = specOf(template);
  const added = TOLERATED.map(([key, effect]) => ({ key, operator: 'Exists', effect }));
  return { ...template, spec: { ...spec, tolerations: [...readObjects(spec, 'tolerations'), ...added] } };
}

/** The scheduler binds the pod to the one node that it is for. */
function bindTo(pod: KubeObject, node: string, hash: string): void {
  pod.metadata.labels = { ...pod.metadata.labels, [HASH]: hash };
  const only = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] };
  const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [only] } };
  pod.spec = { ...specOf(pod), affinity: { ...readObject(specOf(pod), 'affinity'), nodeAffinity } };
}

function targetOf(pod: KubeObject): string {
  const affinity = readObject(readObject(specOf(pod), 'affinity') ?? {}, 'nodeAffinity') ?? {};
  const [term] = readObjects(
    readObject(affinity, 'requiredDuringSchedulingIgnoredDuringExecution') ?? {},
    'nodeSelectorTerms',
  );
  const [field] = readObjects(term ?? {}, 'matchFields');
  const [name] = Array.isArray(field?.values) ? field.values : [];
  return nodeOf(pod) || (typeof name === 'string' ? name : '');
}

/** Pods of an older template that may go now, so that never more are missing than the strategy allows. */
function outdated(set: KubeObject, pods: readonly KubeObject[], wanted: number, hash: string): KubeObject[] {
  const strategy = readObject(specOf(set), 'updateStrategy') ?? {};
  if (readString(strategy, 'type') === 'OnDelete') return [];
  const rolling: JsonObject = { maxUnavailable: 1, ...readObject(strategy, 'rollingUpdate') };
  const allowed = Math.max(1, scaledValue(rolling, 'maxUnavailable', wanted, true));
  const old = pods.filter((pod) => pod.metadata.labels?.[HASH] !== hash);
  const missing = wanted - pods.filter(isReady).length;
  const unready = old.filter((pod) => !isReady(pod));
  return [...unready, ...old.filter(isReady).slice(0, Math.max(0, allowed - missing))];
}

function statusOf(set: KubeObject, pods: readonly KubeObject[], names: readonly string[], hash: string): JsonObject {
  const right = pods.filter((pod) => names.includes(targetOf(pod)));
  const ready = right.filter(isReady).length;
  return {
    currentNumberScheduled: right.length,
    numberMisscheduled: pods.length - right.length,
    desiredNumberScheduled: names.length,
    numberReady: ready,
    ...positive('observedGeneration', readNumber(set.metadata, 'generation') ?? 0),
    ...positive('updatedNumberScheduled', right.filter((pod) => pod.metadata.labels?.[HASH] === hash).length),
    ...positive('numberAvailable', ready),
    ...positive('numberUnavailable', names.length - ready),
  };
}

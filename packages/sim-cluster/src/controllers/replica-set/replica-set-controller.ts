import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import { readNumber, readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { LabelSelector } from '@kcp/apimachinery/selectors/label-selector';
import { selectorOfObject } from '@kcp/apimachinery/selectors/label-selector-object';
import { keyText, type ObjectKey } from '@kcp/client/informer/object-key';
import type { Again } from '@kcp/client/queue/work-queue';
import { withCondition } from '@kcp/controllers/controller/conditions';
import { Controller } from '@kcp/controllers/controller/controller';
import type { Environment } from '@kcp/controllers/controller/environment';
import { inTurn } from '@kcp/controllers/controller/in-turn';
import { PODS_AT_ONCE, RECONCILIATIONS_AT_ONCE } from '../../limits.js';
import { claimObjects } from '../adoption.js';
import { enqueueOwners } from '../enqueue-owners.js';
import type { ObjectInformer } from '../object-informer.js';
import { isActive, isDeleted, isReady, msUntilAvailable, specOf, statusOf, texts } from '../pod-facts.js';
import { PodWriter } from '../pod-writer.js';
import { PODS } from '../resources.js';
import { writeStatus } from '../write-status.js';
import { inOrderOfDeletion } from './rank-pods.js';

/** Which of the types that keep a number of pods a controller is for. */
export interface ReplicaKind {
  readonly resource: GroupVersionResource;
  readonly kind: string;
  /** Stands in events and in the log. */
  readonly component: string;
  selectorOf(spec: JsonObject): LabelSelector;
}

/** Keeps as many pods as each ReplicaSet, or ReplicationController, wants. */
export class ReplicaSetController {
  readonly #environment: Environment;
  readonly #kind: ReplicaKind;
  readonly #sets: ObjectInformer;
  readonly #pods: ObjectInformer;
  readonly #writer: PodWriter;
  readonly #controller: Controller<ObjectKey>;

  constructor(environment: Environment, kind: ReplicaKind, sets: ObjectInformer, pods: ObjectInformer) {
    this.#environment = environment;
    this.#kind = kind;
    this.#sets = sets;
    this.#pods = pods;
    this.#writer = new PodWriter(environment, pods, kind.component);
    this.#controller = new Controller({
      name: kind.component,
      environment,
      sources: [sets, pods],
      textOf: keyText,
      workers: RECONCILIATIONS_AT_ONCE,
      reconcile: (key, signal) => this.#reconcile(key, signal),
    });
    const enqueue = (key: ObjectKey): void => this.#controller.enqueue(key);
    sets.subscribe(({ key }) => enqueue(key));
    enqueueOwners({ owned: pods, owners: sets, kind: kind.kind, selectorOf: kind.selectorOf, enqueue });
  }

  start(): void {
    this.#controller.start();
  }

  stop(): Promise<void> {
    return this.#controller.stop();
  }

  async #reconcile(key: ObjectKey, signal: AbortSignal): Promise<Again | undefined> {
    const set = this.#sets.get(key)?.value;
    if (set === undefined) return undefined;
    const selector = this.#kind.selectorOf(specOf(set));
    const claim = {
      environment: this.#environment,
      resource: PODS,
      informer: this.#pods,
      owner: set,
      selector,
      signal,
    };
    const pods = await claimObjects({ ...claim, cluster: key.cluster });
    const failure = isDeleted(set) ? undefined : await this.#bring(key, set, pods, signal);
    const present = this.#pods.indexed('controller', set.metadata.uid ?? '').map(({ value }) => value);
    const again = await this.#tell(key, set, present.filter(isActive), failure, signal);
    if (failure !== undefined) throw failure;
    return again;
  }

  /** Makes what is missing and ends what is too much; the failure, if there was one. */
  async #bring(
    { cluster }: ObjectKey,
    owner: KubeObject,
    pods: readonly KubeObject[],
    signal: AbortSignal,
  ): Promise<unknown> {
    const wanted = readNumber(specOf(owner), 'replicas') ?? 1;
    const active = pods.filter(isActive);
    const missing = wanted - active.length;
    const template = readObject(specOf(owner), 'template') ?? {};
    const plan = { cluster, owner, template, signal };
    try {
      if (missing > 0)
        await inTurn(new Array<PodPlanOf>(missing).fill(plan), PODS_AT_ONCE, (one) => this.#writer.create(one));
      const surplus = missing < 0 ? inOrderOfDeletion(active).slice(0, -missing) : [];
      await inTurn(surplus, PODS_AT_ONCE, (pod) => this.#writer.delete(cluster, owner, pod, signal));
      return undefined;
    } catch (error) {
      return error;
    }
  }

  async #tell(
    { cluster }: ObjectKey,
    object: KubeObject,
    pods: readonly KubeObject[],
    failure: unknown,
    signal: AbortSignal,
  ): Promise<Again | undefined> {
    const minReady = readNumber(specOf(object), 'minReadySeconds') ?? 0;
    const now = this.#environment.clock.now();
    const waits = pods.map((pod) => msUntilAvailable(pod, minReady, now));
    const status = this.#statusOf(object, pods, waits.filter((ms) => ms === 0).length, failure, now);
    const { resource } = this.#kind;
    const environment = this.#environment;
    await writeStatus({ environment, resource, informer: this.#sets, cluster, object, status, signal });
    const later = waits.filter((ms): ms is number => ms !== undefined && ms > 0);
    return later.length === 0 ? undefined : { afterMs: Math.min(...later) };
  }

  #statusOf(
    set: KubeObject,
    pods: readonly KubeObject[],
    available: number,
    failure: unknown,
    now: number,
  ): JsonObject {
    const labels = Object.entries(
      texts(readObject(readObject(specOf(set), 'template') ?? {}, 'metadata') ?? {}, 'labels'),
    );
    const labelled = pods.filter((pod) => labels.every(([key, value]) => pod.metadata.labels?.[key] === value)).length;
    const ready = pods.filter(isReady).length;
    const conditions = conditionsOf(statusOf(set), failure, now);
    return {
      replicas: pods.length,
      ...positive('fullyLabeledReplicas', labelled),
      ...positive('readyReplicas', ready),
      ...positive('availableReplicas', available),
      ...positive('observedGeneration', Number(set.metadata.generation ?? 0)),
      ...(conditions.length === 0 ? {} : { conditions }),
    };
  }
}

type PodPlanOf = Parameters<PodWriter['create']>[0];

/** A count of 0 is left out, as Go does. */
export function positive(name: string, count: number): JsonObject {
  return count > 0 ? { [name]: count } : {};
}

function conditionsOf(status: JsonObject, failure: unknown, now: number): JsonObject[] {
  const known = readObjects(status, 'conditions');
  const others = known.filter((one) => readString(one, 'type') !== 'ReplicaFailure');
  if (failure === undefined) return others;
  const message = failure instanceof Error ? failure.message : String(failure);
  return withCondition(known, { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }, now);
}

export function selectorOfSpec(spec: JsonObject): LabelSelector {
  return selectorOfObject(readObject(spec, 'selector') ?? {});
}

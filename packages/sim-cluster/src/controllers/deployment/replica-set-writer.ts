import { hasReason } from '@kcp/apimachinery/errors/status-error';
import { deepEqual, type JsonObject } from '@kcp/apimachinery/json/value';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObject } from '@kcp/apimachinery/schema/read';
import type { Environment } from '@kcp/controllers/controller/environment';
import { recordEvent } from '@kcp/controllers/controller/record-event';
import { unlessGone } from '@kcp/controllers/controller/unless-gone';
import type { ObjectInformer } from '../object-informer.js';
import { controllerOf } from '../object-informer.js';
import { controllerReference, specOf, statusOf, texts } from '../pod-facts.js';
import { REPLICA_SETS } from '../resources.js';
import { newReplicas, replicasWanted } from './plan.js';
import { replicaAnnotations, setAnnotations } from './revisions.js';
import { sameTemplate, TEMPLATE_HASH, templateHash } from './template-hash.js';

export const COMPONENT = 'deployment-controller';

/** One deployment while it is reconciled. */
export interface Rollout {
  readonly cluster: ClusterName;
  readonly deployment: KubeObject;
  readonly signal: AbortSignal;
}

/** What the name of a set was already taken by; the hash must become another. */
export class HashCollision extends Error {}

/** Writes the replica sets of deployments. */
export class ReplicaSetWriter {
  readonly #environment: Environment;
  readonly #sets: ObjectInformer;

  constructor(environment: Environment, sets: ObjectInformer) {
    this.#environment = environment;
    this.#sets = sets;
  }

  /** Makes the set of the present template. Throws HashCollision. */
  async create(rollout: Rollout, others: readonly KubeObject[], revision: number): Promise<KubeObject> {
    const { cluster, deployment, signal } = rollout;
    const set = setOf(deployment, others, revision);
    try {
      const made = await this.#environment.client.in(cluster).create(REPLICA_SETS, set, { signal });
      this.#sets.observe(cluster, made);
      if (replicasWanted(made) > 0) this.#tellScaled(rollout, 'up', made, 0, replicasWanted(made));
      return made;
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) throw error;
      return this.#existing(rollout, set);
    }
  }

  /** A set of that name is ours from an earlier attempt, or a template with the same hash is in the way. */
  async #existing({ cluster, deployment, signal }: Rollout, wanted: KubeObject): Promise<KubeObject> {
    const { name = '', namespace } = wanted.metadata;
    const found = await this.#environment.client.in(cluster).get(REPLICA_SETS, { name, namespace }, { signal });
    this.#sets.observe(cluster, found);
    const own = controllerOf(found)?.uid === deployment.metadata.uid;
    const template = readObject(specOf(found), 'template') ?? {};
    if (own && sameTemplate(template, readObject(specOf(deployment), 'template') ?? {})) return found;
    throw new HashCollision(`the name ${name} is taken`);
  }

  /** Brings annotations and minReadySeconds of the present set up to date. */
  async refresh(rollout: Rollout, current: KubeObject, revision: number): Promise<KubeObject> {
    const annotations = setAnnotations(rollout.deployment, current, revision);
    const minReadySeconds = readNumber(specOf(rollout.deployment), 'minReadySeconds') ?? 0;
    const same = minReadySeconds === (readNumber(specOf(current), 'minReadySeconds') ?? 0);
    if (same && deepEqual(annotations, current.metadata.annotations ?? {})) return current;
    const spec = { ...specOf(current), minReadySeconds };
    return this.#update(rollout, { ...current, metadata: { ...current.metadata, annotations }, spec });
  }

  /** Gives a set another number of replicas, and tells of it. */
  async scale(rollout: Rollout, set: KubeObject, replicas: number): Promise<KubeObject> {
    const before = replicasWanted(set);
    const annotations = { ...set.metadata.annotations, ...replicaAnnotations(rollout.deployment) };
    if (before === replicas && deepEqual(annotations, set.metadata.annotations)) return set;
    const wanted = { ...set, metadata: { ...set.metadata, annotations }, spec: { ...specOf(set), replicas } };
    const written = await this.#update(rollout, wanted);
    if (before !== replicas) this.#tellScaled(rollout, replicas > before ? 'up' : 'down', written, before, replicas);
    return written;
  }

  async delete({ cluster, signal }: Rollout, set: KubeObject): Promise<void> {
    const { name = '', namespace, uid = '' } = set.metadata;
    const client = this.#environment.client.in(cluster);
    await unlessGone(client.delete(REPLICA_SETS, { name, namespace }, { preconditions: { uid }, signal }));
  }

  async #update({ cluster, signal }: Rollout, set: KubeObject): Promise<KubeObject> {
    const written = await this.#environment.client.in(cluster).update(REPLICA_SETS, set, { signal });
    this.#sets.observe(cluster, written);
    return written;
  }

  #tellScaled({ cluster, deployment }: Rollout, way: 'up' | 'down', set: KubeObject, from: number, to: number): void {
    const { name = '', namespace = '', uid = '' } = deployment.metadata;
    const { apiVersion, kind } = deployment;
    const message = `Scaled ${way} replica set ${set.metadata.name} from ${from} to ${to}`;
    const text = { type: 'Normal', reason: 'ScalingReplicaSet', message, component: COMPONENT } as const;
    void recordEvent(this.#environment, { cluster, apiVersion, kind, namespace, name, uid }, text);
  }
}

function setOf(deployment: KubeObject, others: readonly KubeObject[], revision: number): KubeObject {
  const { name = '', namespace = '' } = deployment.metadata;
  const spec = specOf(deployment);
  const template = readObject(spec, 'template') ?? {};
  const hash = templateHash(template, readNumber(statusOf(deployment), 'collisionCount') ?? 0);
  const labels = { ...texts(readObject(template, 'metadata') ?? {}, 'labels'), [TEMPLATE_HASH]: hash };
  const selector = readObject(spec, 'selector') ?? {};
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels,
      annotations: setAnnotations(deployment, undefined, revision),
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: newReplicas(deployment, undefined, others),
      minReadySeconds: readNumber(spec, 'minReadySeconds') ?? 0,
      selector: { ...selector, matchLabels: { ...texts(selector, 'matchLabels'), [TEMPLATE_HASH]: hash } },
      template: labelled(template, labels),
    },
  };
}

function labelled(template: JsonObject, labels: Readonly<Record<string, string>>): JsonObject {
  return { ...template, metadata: { ...readObject(template, 'metadata'), labels: { ...labels } } };
}

import { hasReason } from '@kcp/apimachinery/errors/status-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { Environment } from '@kcp/controllers/controller/environment';
import { templateHash } from '../deployment/template-hash.js';
import type { ObjectInformer } from '../object-informer.js';
import { type Owner, PodOwners } from '../owned-pods.js';
import { isDeleted, isReady, phaseOf, specOf } from '../pod-facts.js';
import { positive } from '../replica-set/replica-set-controller.js';
import { STATEFUL_SETS } from '../resources.js';

const HASH = 'controller-revision-hash';
const CLAIMS = { group: '', version: 'v1', resource: 'persistentvolumeclaims' };

/** Keeps numbered pods with claims of their own, one after the other unless they may come all at once. */
export class StatefulSetController {
  readonly #environment: Environment;
  readonly #owners: PodOwners;

  constructor(environment: Environment, sets: ObjectInformer, pods: ObjectInformer) {
    this.#environment = environment;
    this.#owners = new PodOwners({
      environment,
      resource: STATEFUL_SETS,
      kind: 'StatefulSet',
      component: 'statefulset-controller',
      owners: sets,
      pods,
      reconcile: async (owner) => this.#reconcile(owner),
    });
  }

  start(): void {
    this.#owners.start();
  }

  stop(): Promise<void> {
    return this.#owners.stop();
  }

  async #reconcile(owner: Owner): Promise<undefined> {
    const hash = templateHash(readObject(specOf(owner.object), 'template') ?? {}, 0);
    if (!isDeleted(owner.object)) await this.#bring(owner, hash);
    await this.#owners.tell(owner, statusOf(owner, `${owner.object.metadata.name}-${hash}`));
    return undefined;
  }

  /** The next steps towards what is wanted: as many as may be taken at once. */
  async #bring(owner: Owner, hash: string): Promise<void> {
    const { object, pods, key, signal } = owner;
    const inOrder = readString(specOf(object), 'podManagementPolicy') !== 'Parallel';
    const wanted = ordinals(object);
    const byOrdinal = new Map(pods.map((pod) => [ordinalOf(object, pod), pod]));
    for (const ordinal of wanted) {
      const pod = byOrdinal.get(ordinal);
      if (pod === undefined) await this.#create(owner, ordinal, hash);
      else if (phaseOf(pod) === 'Failed' && !isDeleted(pod))
        await this.#owners.writer.delete(key.cluster, object, pod, signal);
      if (inOrder && (pod === undefined || isDeleted(pod) || !isReady(pod))) return;
    }
    const surplus = [...byOrdinal].filter(([ordinal]) => !wanted.includes(ordinal)).sort(([a], [b]) => b - a);
    for (const [, pod] of surplus) {
      if (!isDeleted(pod)) await this.#owners.writer.delete(key.cluster, object, pod, signal);
      if (inOrder) return;
    }
    await this.#update(owner, byOrdinal, wanted, revisionName(object, hash));
  }

  /** From the last pod down to the partition, one at a time. */
  async #update(
    { object, key, signal }: Owner,
    byOrdinal: ReadonlyMap<number, KubeObject>,
    wanted: readonly number[],
    revision: string,
  ): Promise<void> {
    const strategy = readObject(specOf(object), 'updateStrategy') ?? {};
    if (readString(strategy, 'type') === 'OnDelete') return;
    const partition = readNumber(readObject(strategy, 'rollingUpdate') ?? {}, 'partition') ?? 0;
    for (const ordinal of [...wanted].reverse()) {
      const pod = byOrdinal.get(ordinal);
      if (ordinal < partition || pod === undefined || isDeleted(pod) || !isReady(pod)) return;
      if (pod.metadata.labels?.[HASH] === revision) continue;
      return this.#owners.writer.delete(key.cluster, object, pod, signal);
    }
  }

  async #create(owner: Owner, ordinal: number, hash: string): Promise<void> {
    const { key, object, signal } = owner;
    const name = `${object.metadata.name}-${ordinal}`;
    const template = readObject(specOf(object), 'template') ?? {};
    const claims = readObjects(specOf(object), 'volumeClaimTemplates');
    for (const claim of claims) await this.#ensureClaim(owner, claim, name);
    const adjust = (pod: KubeObject): void => identify(pod, object, ordinal, revisionName(object, hash), claims);
    try {
      await this.#owners.writer.create({ cluster: key.cluster, owner: object, template, name, adjust, signal });
    } catch (error) {
      // The one before it is still on its way out.
      if (!hasReason(error, 'AlreadyExists')) throw error;
    }
  }

  async #ensureClaim({ key, object, signal }: Owner, claim: JsonObject, pod: string): Promise<void> {
    const metadata = readObject(claim, 'metadata') ?? {};
    const name = `${readString(metadata, 'name')}-${pod}`;
    const labels = readObject(readObject(specOf(object), 'selector') ?? {}, 'matchLabels') ?? {};
    const wanted = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        ...metadata,
        name,
        namespace: key.namespace,
        labels: { ...readObject(metadata, 'labels'), ...labels },
      },
      spec: specOf(claim),
    };
    try {
      const client = this.#environment.client.in(key.cluster);
      await client.create(
        CLAIMS,
        { ...wanted, metadata: { name, namespace: key.namespace, ...plain(wanted.metadata) } },
        { signal },
      );
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) throw error;
    }
  }
}

function plain(metadata: JsonObject): { labels: Record<string, string>; annotations: Record<string, string> } {
  const texts = (name: string): Record<string, string> =>
    Object.fromEntries(
      Object.entries(readObject(metadata, name) ?? {}).filter(
        (one): one is [string, string] => typeof one[1] === 'string',
      ),
    );
  return { labels: texts('labels'), annotations: texts('annotations') };
}

function revisionName(set: KubeObject, hash: string): string {
  return `${set.metadata.name}-${hash}`;
}

function ordinals(set: KubeObject): number[] {
  const start = readNumber(readObject(specOf(set), 'ordinals') ?? {}, 'start') ?? 0;
  return Array.from({ length: readNumber(specOf(set), 'replicas') ?? 1 }, (_, index) => start + index);
}

function ordinalOf(set: KubeObject, pod: KubeObject): number {
  return Number((pod.metadata.name ?? '').slice((set.metadata.name ?? '').length + 1));
}

/** What makes a pod the one of its number: labels, host name, claims. */
function identify(
  pod: KubeObject,
  set: KubeObject,
  ordinal: number,
  revision: string,
  claims: readonly JsonObject[],
): void {
  const name = pod.metadata.name ?? '';
  pod.metadata.labels = {
    ...pod.metadata.labels,
    'statefulset.kubernetes.io/pod-name': name,
    'apps.kubernetes.io/pod-index': String(ordinal),
    [HASH]: revision,
  };
  const spec = specOf(pod);
  const names = claims.map((claim) => readString(readObject(claim, 'metadata') ?? {}, 'name'));
  const own = names.map((one) => ({ name: one, persistentVolumeClaim: { claimName: `${one}-${name}` } }));
  const others = readObjects(spec, 'volumes').filter((volume) => !names.includes(readString(volume, 'name')));
  const volumes = [...own, ...others];
  pod.spec = {
    ...spec,
    hostname: name,
    subdomain: readString(specOf(set), 'serviceName'),
    ...(volumes.length === 0 ? {} : { volumes }),
  };
}

function statusOf({ object, pods }: Owner, revision: string): JsonObject {
  const there = pods.filter((pod) => !isDeleted(pod));
  const updated = there.filter((pod) => pod.metadata.labels?.[HASH] === revision).length;
  const known = readObject(object, 'status') ?? {};
  const settled = updated === there.length && there.length === (readNumber(specOf(object), 'replicas') ?? 1);
  const current = settled ? revision : readString(known, 'currentRevision') || revision;
  const ready = there.filter(isReady).length;
  return {
    ...positive('observedGeneration', readNumber(object.metadata, 'generation') ?? 0),
    replicas: there.length,
    ...positive('readyReplicas', ready),
    ...positive('currentReplicas', there.filter((pod) => pod.metadata.labels?.[HASH] === current).length),
    ...positive('updatedReplicas', updated),
    currentRevision: current,
    updateRevision: revision,
    collisionCount: 0,
    availableReplicas: ready,
  };
}

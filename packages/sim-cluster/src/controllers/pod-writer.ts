import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject } from '@kcp/apimachinery/schema/read';
import type { Environment } from '@kcp/controllers/controller/environment';
import { recordEvent } from '@kcp/controllers/controller/record-event';
import { unlessGone } from '@kcp/controllers/controller/unless-gone';
import type { ObjectInformer } from './object-informer.js';
import { controllerReference, texts } from './pod-facts.js';
import { PODS } from './resources.js';

export interface PodPlan {
  readonly cluster: ClusterName;
  readonly owner: KubeObject;
  /** A PodTemplateSpec. */
  readonly template: JsonObject;
  /** Given as it is, or made of the owner's when absent. */
  readonly name?: string;
  /** Changes the pod before it is sent. */
  readonly adjust?: (pod: KubeObject) => void;
  readonly signal: AbortSignal;
}

/** Makes and ends pods for their controllers, and tells of it in events as upstream's PodControl. */
export class PodWriter {
  readonly #environment: Environment;
  readonly #pods: ObjectInformer;
  readonly #component: string;

  constructor(environment: Environment, pods: ObjectInformer, component: string) {
    this.#environment = environment;
    this.#pods = pods;
    this.#component = component;
  }

  async create({ cluster, owner, template, name, adjust, signal }: PodPlan): Promise<KubeObject> {
    const pod = podOf(owner, template, name);
    adjust?.(pod);
    try {
      const made = await this.#environment.client.in(cluster).create(PODS, pod, { signal });
      this.#pods.observe(cluster, made);
      this.#tell(cluster, owner, 'Normal', 'SuccessfulCreate', `Created pod: ${made.metadata.name}`);
      return made;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#tell(cluster, owner, 'Warning', 'FailedCreate', `Error creating: ${why}`);
      throw error;
    }
  }

  async delete(cluster: ClusterName, owner: KubeObject, pod: KubeObject, signal: AbortSignal): Promise<void> {
    const { name = '', namespace, uid = '' } = pod.metadata;
    const client = this.#environment.client.in(cluster);
    const left = await unlessGone(client.delete(PODS, { namespace, name }, { preconditions: { uid }, signal }));
    if (left === undefined) return;
    if (left.kind === 'Pod' && left.metadata.deletionTimestamp !== undefined) this.#pods.observe(cluster, left);
    this.#tell(cluster, owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
  }

  #tell(cluster: ClusterName, owner: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { name = '', namespace = '', uid = '' } = owner.metadata;
    const subject = { cluster, apiVersion: owner.apiVersion, kind: owner.kind, namespace, name, uid };
    void recordEvent(this.#environment, subject, { type, reason, message, component: this.#component });
  }
}

function podOf(owner: KubeObject, template: JsonObject, name: string | undefined): KubeObject {
  const metadata = readObject(template, 'metadata') ?? {};
  const { namespace = '' } = owner.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(name === undefined ? { generateName: `${owner.metadata.name}-` } : { name }),
      namespace,
      labels: texts(metadata, 'labels'),
      annotations: texts(metadata, 'annotations'),
      ownerReferences: [controllerReference(owner)],
    },
    spec: readObject(template, 'spec') ?? {},
  };
}

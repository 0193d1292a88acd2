import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import { keyText, type ObjectKey } from '@kcp/client/informer/object-key';
import type { Again } from '@kcp/client/queue/work-queue';
import { Controller, type Source } from '@kcp/controllers/controller/controller';
import type { Environment } from '@kcp/controllers/controller/environment';
import { RECONCILIATIONS_AT_ONCE } from '../limits.js';
import { claimObjects } from './adoption.js';
import { enqueueOwners } from './enqueue-owners.js';
import type { ObjectInformer } from './object-informer.js';
import { specOf } from './pod-facts.js';
import { PodWriter } from './pod-writer.js';
import { selectorOfSpec } from './replica-set/replica-set-controller.js';
import { PODS } from './resources.js';
import { writeStatus } from './write-status.js';

/** One owner while it is reconciled, with the pods that are its own. */
export interface Owner {
  readonly key: ObjectKey;
  readonly object: KubeObject;
  readonly pods: readonly KubeObject[];
  readonly signal: AbortSignal;
}

export interface PodOwnerOptions {
  readonly environment: Environment;
  readonly resource: GroupVersionResource;
  readonly kind: string;
  /** Stands in events and in the log. */
  readonly component: string;
  readonly owners: ObjectInformer;
  readonly pods: ObjectInformer;
  /** What else must be known first. */
  readonly sources?: readonly Source[];
  readonly reconcile: (owner: Owner) => Promise<Again | undefined>;
}

/** What controllers have in common whose objects own pods by a selector. */
export class PodOwners {
  readonly writer: PodWriter;
  readonly #options: PodOwnerOptions;
  readonly #controller: Controller<ObjectKey>;

  constructor(options: PodOwnerOptions) {
    const { environment, owners, pods, component, kind } = options;
    this.#options = options;
    this.writer = new PodWriter(environment, pods, component);
    this.#controller = new Controller({
      name: component,
      environment,
      sources: [owners, pods, ...(options.sources ?? [])],
      textOf: keyText,
      workers: RECONCILIATIONS_AT_ONCE,
      reconcile: (key, signal) => this.#reconcile(key, signal),
    });
    const enqueue = (key: ObjectKey): void => this.#controller.enqueue(key);
    owners.subscribe(({ key }) => enqueue(key));
    enqueueOwners({ owned: pods, owners, kind, selectorOf: selectorOfSpec, enqueue });
  }

  start(): void {
    this.#controller.start();
  }

  stop(): Promise<void> {
    return this.#controller.stop();
  }

  /** Looks at all owners again. */
  enqueueAll(): void {
    for (const { key } of this.#options.owners.entries()) this.#controller.enqueue(key);
  }

  tell({ key, object, signal }: Owner, status: JsonObject): Promise<void> {
    const { environment, resource, owners: informer } = this.#options;
    return writeStatus({ environment, resource, informer, cluster: key.cluster, object, status, signal });
  }

  async #reconcile(key: ObjectKey, signal: AbortSignal): Promise<Again | undefined> {
    const { environment, owners, pods: informer, reconcile } = this.#options;
    const object = owners.get(key)?.value;
    if (object === undefined) return undefined;
    const selector = selectorOfSpec(specOf(object));
    const claim = { environment, resource: PODS, informer, cluster: key.cluster, owner: object, selector, signal };
    return reconcile({ key, object, pods: await claimObjects(claim), signal });
  }
}

import { hasReason } from '@kcp/apimachinery/errors/status-error';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import { Informer } from '@kcp/client/informer/informer';
import { keyText, type ObjectKey } from '@kcp/client/informer/object-key';
import type { Again } from '@kcp/client/queue/work-queue';
import { Controller } from '../controller/controller.js';
import type { Environment } from '../controller/environment.js';
import { unlessGone } from '../controller/unless-gone.js';
import { FIXTURES_AT_ONCE } from '../limits.js';
import type { NamespacePhase } from './namespace-informer.js';

/** An object that every namespace has. */
export interface Fixture {
  /** For the log. */
  readonly title: string;
  readonly resource: GroupVersionResource;
  readonly name: string;
  /** Whether it has to be looked at: its content, or only that it is there. */
  readonly metadataOnly: boolean;
  isRight(object: KubeObject): boolean;
  /** The object as it should be, made anew or from what is there. */
  wanted(namespace: string, found: KubeObject | undefined): KubeObject;
}

/**
 * Sees to it that every namespace of every logical cluster that is not going away has an object, and puts it right when
 * somebody changes or deletes it.
 */
export class NamespaceFixture {
  readonly #environment: Environment;
  readonly #fixture: Fixture;
  readonly #namespaces: Informer<NamespacePhase>;
  /** Whether those that are there are right. */
  readonly #objects: Informer<boolean>;
  readonly #controller: Controller<ObjectKey>;

  /** The informer of namespaces stays its owner's, who stops it. */
  constructor(environment: Environment, namespaces: Informer<NamespacePhase>, fixture: Fixture) {
    this.#environment = environment;
    this.#fixture = fixture;
    this.#namespaces = namespaces;
    this.#objects = new Informer<boolean>({
      ...environment,
      resource: fixture.resource,
      fieldSelector: `metadata.name=${fixture.name}`,
      metadataOnly: fixture.metadataOnly,
      keep: (object) => fixture.isRight(object),
      onError: (error) => environment.log.warn(`${fixture.title} cannot be watched`, { error }),
    });
    this.#controller = new Controller({
      name: fixture.title,
      environment,
      sources: [namespaces, this.#objects],
      textOf: keyText,
      workers: FIXTURES_AT_ONCE,
      reconcile: (key, signal) => this.#reconcile(key, signal),
    });
    namespaces.subscribe(({ key, after }) => {
      if (after?.value === 'Active') this.#controller.enqueue(key);
    });
    this.#objects.subscribe(({ key: { cluster, namespace }, after }) => {
      if (after?.value !== true) this.#controller.enqueue({ cluster, namespace: '', name: namespace });
    });
  }

  start(): void {
    this.#controller.start();
  }

  async stop(): Promise<void> {
    await this.#controller.stop();
    await this.#objects.stop();
  }

  async #reconcile(key: ObjectKey, signal: AbortSignal): Promise<Again | undefined> {
    const { cluster, name: namespace } = key;
    const { resource, name } = this.#fixture;
    if (this.#namespaces.get(key)?.value !== 'Active') return undefined;
    const known = this.#objects.get({ cluster, namespace, name });
    if (known?.value === true) return undefined;
    const client = this.#environment.client.in(cluster);
    const found = known && (await unlessGone(client.get(resource, { namespace, name }, { signal })));
    const wanted = this.#fixture.wanted(namespace, found);
    const written =
      found === undefined ? client.create(resource, wanted, { signal }) : client.update(resource, wanted, { signal });
    const object = await unlessPointless(written);
    if (object !== undefined) this.#objects.observe(cluster, object);
    return undefined;
  }
}

/** Somebody else has made it, or the namespace is gone or going; the watch tells the rest. */
async function unlessPointless(written: Promise<KubeObject>): Promise<KubeObject | undefined> {
  try {
    return await written;
  } catch (error) {
    if (hasReason(error, 'AlreadyExists') || hasReason(error, 'NotFound')) return undefined;
    const terminating =
      hasReason(error, 'Forbidden') && error.status.details?.causes?.[0]?.reason === 'NamespaceTerminating';
    if (terminating) return undefined;
    throw error;
  }
}

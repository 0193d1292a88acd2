import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readStrings } from '@kcp/apimachinery/schema/read';
import { FINALIZER_KUBERNETES } from '@kcp/apimachinery/validation/finalizers';
import { Informer } from '@kcp/client/informer/informer';
import { keyText, type ObjectKey } from '@kcp/client/informer/object-key';
import type { Again } from '@kcp/client/queue/work-queue';
import type { Client } from '@kcp/client/rest/client';
import { Controller } from '../controller/controller.js';
import { Departures } from '../controller/departures.js';
import type { Environment } from '../controller/environment.js';
import { unlessGone } from '../controller/unless-gone.js';
import { DELETIONS_AT_ONCE, STUCK_CHANGE_MS, STUCK_RETRY_MS } from '../limits.js';
import { namespaceConditions } from './namespace-conditions.js';
import { type ContentReport, deleteContent } from './namespace-content.js';

const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };

/**
 * Empties the namespaces that are being deleted, in every logical cluster, and then lets go of them (upstream's
 * namespace controller). Only those on their way out are known to it; all others cost nothing.
 */
export class NamespaceController {
  readonly #environment: Environment;
  readonly #terminating: Informer<true>;
  readonly #controller: Controller<ObjectKey>;
  readonly #departures: Departures;

  constructor(environment: Environment) {
    this.#environment = environment;
    this.#departures = new Departures(environment);
    this.#terminating = new Informer<true>({
      ...environment,
      resource: NAMESPACES,
      fieldSelector: 'status.phase=Terminating',
      metadataOnly: true,
      keep: () => true,
      onError: (error) => environment.log.warn('namespaces cannot be watched', { error }),
    });
    this.#controller = new Controller({
      name: 'namespaces',
      environment,
      sources: [this.#terminating],
      textOf: keyText,
      workers: DELETIONS_AT_ONCE,
      reconcile: (key, signal) => this.#reconcile(key, signal),
    });
    this.#terminating.subscribe(({ key, before, after }) => {
      if (after === undefined) this.#departures.forget(keyText(key));
      // What we write ourselves comes back as changes that tell us nothing.
      else if (before === undefined) this.#controller.enqueue(key);
    });
  }

  start(): void {
    this.#controller.start();
  }

  async stop(): Promise<void> {
    this.#departures.stop();
    await this.#controller.stop();
    await this.#terminating.stop();
  }

  async #reconcile(key: ObjectKey, signal: AbortSignal): Promise<Again | undefined> {
    const client = this.#environment.client.in(key.cluster);
    const namespace = await unlessGone(client.get(NAMESPACES, { name: key.name }, { signal }));
    if (namespace?.metadata.deletionTimestamp === undefined) return undefined;
    if (!finalizersOf(namespace).includes(FINALIZER_KUBERNETES)) return undefined;
    const report = await deleteContent(client, key.name, signal);
    const told = await this.#tell(client, namespace, report, signal);
    if (told === undefined) return undefined;
    if (report.discoveryFailure !== undefined || report.failures.length > 0) throw new ContentFailure(report);
    if (report.remaining.length > 0) return this.#wait(key, report);
    await unlessGone(finalize(client, told, signal));
    return undefined;
  }

  /** Writes the conditions; gives the namespace as it then is, undefined when it is gone. */
  async #tell(
    client: Client,
    namespace: KubeObject,
    report: ContentReport,
    signal: AbortSignal,
  ): Promise<KubeObject | undefined> {
    const status = readObject(namespace, 'status') ?? {};
    const conditions = namespaceConditions(status, report, this.#environment.clock.now());
    if (conditions === undefined) return namespace;
    const wanted = { ...namespace, status: { ...status, conditions } };
    return unlessGone(client.update(NAMESPACES, wanted, { subresource: 'status', signal }));
  }

  #wait(key: ObjectKey, { remaining }: ContentReport): Again {
    const { cluster, name: namespace } = key;
    const holdings = remaining.map(({ resource, resourceVersion }) => ({
      cluster,
      resource,
      namespace,
      resourceVersion,
    }));
    this.#departures.wait(keyText(key), holdings, (what) => {
      if (what === 'gone') this.#controller.enqueue(key);
      else this.#controller.enqueueAfter(key, STUCK_CHANGE_MS);
    });
    return { afterMs: STUCK_RETRY_MS };
  }
}

/** Some content could not be deleted; the conditions of the namespace say the same. */
class ContentFailure extends Error {
  constructor({ discoveryFailure, failures }: ContentReport) {
    super([...(discoveryFailure === undefined ? [] : [discoveryFailure]), ...failures].join(', '));
    this.name = 'ContentFailure';
  }
}

function finalize(client: Client, namespace: KubeObject, signal: AbortSignal): Promise<KubeObject> {
  const finalizers = finalizersOf(namespace).filter((name) => name !== FINALIZER_KUBERNETES);
  const wanted = { ...namespace, spec: { ...readObject(namespace, 'spec'), finalizers } };
  return client.update(NAMESPACES, wanted, { subresource: 'finalize', signal });
}

function finalizersOf(namespace: KubeObject): string[] {
  return readStrings(readObject(namespace, 'spec') ?? {}, 'finalizers');
}

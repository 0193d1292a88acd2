import { hasReason } from '@kcp/apimachinery/errors/status-error';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { Informer } from '@kcp/client/informer/informer';
import { type Again, WorkQueue } from '@kcp/client/queue/work-queue';
import { inTurn } from '../../controller/in-turn.js';
import { STOP_GRACE_MS } from '../../limits.js';
import { CLUSTER_LABEL, SYNCED_FROM_ANNOTATION } from '../sync-names.js';
import { NAMESPACE_IDLE_MS, NAMESPACE_RETRY_MS, NAMESPACE_TYPES_AT_ONCE, NAMESPACES_AT_ONCE } from './limits.js';
import type { Side } from './side.js';

const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };
/** What every namespace has by itself. */
const FURNITURE: ReadonlySet<string> = new Set(['configmaps/kube-root-ca.crt', 'serviceaccounts/default']);
/** Come and go by themselves. */
const PASSING: ReadonlySet<string> = new Set(['events', 'events.events.k8s.io']);

export interface NamespacesOptions {
  readonly down: Side;
  readonly location: string;
  readonly source: string;
  readonly manager: string;
  /** True as long as objects are, or are to be, in a namespace of the physical cluster. */
  readonly inUse: (namespace: string) => boolean;
}

/** A namespace that a syncer of this logical cluster made. */
interface OwnNamespace {
  readonly uid: string;
  readonly deleting: boolean;
}

/** Makes namespaces in the physical cluster, and removes those that it made when nothing is left in them. */
export class Namespaces {
  readonly #options: NamespacesOptions;
  readonly #queue: WorkQueue<string>;
  #own: Informer<OwnNamespace>;

  constructor(options: NamespacesOptions) {
    const { clock, random, log } = options.down.environment;
    this.#options = options;
    this.#own = this.#makeInformer();
    this.#queue = new WorkQueue<string>({
      work: (name, signal) => this.#look(name, signal),
      textOf: (name) => name,
      workers: NAMESPACES_AT_ONCE,
      clock,
      random,
      onFailure: (namespace, error) => log.debug(2, 'a namespace could not be removed', { namespace, error }),
    });
  }

  start(): void {
    this.#follow();
    this.#queue.start();
  }

  renew(): void {
    void this.#own.stop();
    this.#own = this.#makeInformer();
    this.#follow();
  }

  async stop(): Promise<void> {
    await this.#queue.stop(STOP_GRACE_MS);
    await this.#own.stop();
  }

  /** An object of ours has left the namespace. */
  left(namespace: string): void {
    if (!this.#options.inUse(namespace)) this.#queue.addAfter(namespace, NAMESPACE_IDLE_MS);
  }

  /** Makes a namespace unless it is there. */
  async make(name: string, signal: AbortSignal): Promise<void> {
    const { down, location, source, manager } = this.#options;
    const metadata = { name, labels: { [CLUSTER_LABEL]: location }, annotations: { [SYNCED_FROM_ANNOTATION]: source } };
    const namespace: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata };
    try {
      await down.ask(signal, (client, stop) =>
        client.create(NAMESPACES, namespace, { fieldManager: manager, signal: stop }),
      );
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) throw error;
    }
  }

  #makeInformer(): Informer<OwnNamespace> {
    const { down, location, source } = this.#options;
    return new Informer<OwnNamespace>({
      ...down.environment,
      cluster: down.cluster,
      resource: NAMESPACES,
      metadataOnly: true,
      labelSelector: `${CLUSTER_LABEL}=${location}`,
      keep: ({ metadata }) => {
        if (metadata.annotations?.[SYNCED_FROM_ANNOTATION] !== source) return undefined;
        return { uid: metadata.uid ?? '', deleting: metadata.deletionTimestamp !== undefined };
      },
      onError: (error) => down.failed(error),
    });
  }

  /** One that became empty while nobody looked is found at the start. */
  #follow(): void {
    this.#own.subscribe(({ key, before }) => {
      if (before === undefined) this.left(key.name);
    });
    this.#own.start();
  }

  async #look(name: string, signal: AbortSignal): Promise<Again | undefined> {
    const { down, inUse } = this.#options;
    const own = this.#own.get({ cluster: down.cluster, namespace: '', name })?.value;
    if (own === undefined || own.deleting || inUse(name)) return undefined;
    if (await this.#isOccupied(name, signal)) return { afterMs: NAMESPACE_RETRY_MS };
    if (inUse(name)) return undefined;
    await this.#remove(name, own.uid, signal);
    return undefined;
  }

  /** A syncer that may not remove namespaces leaves them. */
  async #remove(name: string, uid: string, signal: AbortSignal): Promise<void> {
    const { down } = this.#options;
    try {
      await down.ask(signal, (client, stop) =>
        client.delete(NAMESPACES, { name }, { preconditions: { uid }, signal: stop }),
      );
    } catch (error) {
      if (hasReason(error, 'NotFound')) return;
      if (!hasReason(error, 'Forbidden')) throw error;
      down.environment.log.debug(1, 'an empty namespace may not be removed', { namespace: name });
    }
  }

  /** True when somebody else keeps something there, as far as we may see. */
  async #isOccupied(namespace: string, signal: AbortSignal): Promise<boolean> {
    const { down } = this.#options;
    const served = await down.ask(signal, (client, stop) => client.discover({ signal: stop }));
    const types = served.filter(
      ({ namespaced, verbs, group, resource }) =>
        namespaced && verbs.has('list') && !PASSING.has(group === '' ? resource : `${resource}.${group}`),
    );
    const found = await inTurn(types, NAMESPACE_TYPES_AT_ONCE, async (type) => {
      const names = await this.#namesOf(type, namespace, signal);
      return names.some((name) => !FURNITURE.has(`${type.resource}/${name}`));
    });
    return found.includes(true);
  }

  async #namesOf(
    resource: { readonly group: string; readonly version: string; readonly resource: string },
    namespace: string,
    signal: AbortSignal,
  ): Promise<string[]> {
    // One more than there is furniture of a type.
    const options = { namespace, limit: 2, metadataOnly: true };
    try {
      const { items } = await this.#options.down.ask(signal, (client, stop) =>
        client.list(resource, { ...options, signal: stop }),
      );
      return items.map(({ metadata }) => metadata.name ?? '');
    } catch (error) {
      if (hasReason(error, 'Forbidden') || hasReason(error, 'NotFound')) return [];
      throw error;
    }
  }
}

import { deepEqual } from '@kcp/apimachinery/json/value';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { keyText, type ObjectKey } from '@kcp/client/informer/object-key';
import type { Client } from '@kcp/client/rest/client';
import { Controller, type Source } from '../../controller/controller.js';
import type { Environment } from '../../controller/environment.js';
import { inTurn } from '../../controller/in-turn.js';
import { unlessGone } from '../../controller/unless-gone.js';
import { type ApiSpec, apiFields } from '../apis/api-spec.js';
import { BY_LOCATION, type Informers, locationText } from '../apis/informers.js';
import { API_IMPORTS, importName } from '../apis/names.js';
import type { ClusterView, ImportView } from '../apis/views.js';
import { IMPORT_MS, IMPORT_WRITES_AT_ONCE, IMPORTS_AT_ONCE } from '../limits.js';
import { lossOf } from '../physical/health.js';
import type { PhysicalClusters } from '../physical/physical-clusters.js';
import { importOf, servedApis } from './wanted-imports.js';

export interface ImportOptions {
  readonly environment: Environment;
  readonly informers: Informers;
  readonly sources: readonly Source[];
  readonly physical: PhysicalClusters;
  /** `pods`, `deployments.apps`; none means all. */
  readonly resources: readonly string[];
  /** The first import of a cluster succeeded, or one failed. */
  readonly onOutcome: (key: ObjectKey) => void;
}

/** How the last import of a physical cluster went. */
export type ImportOutcome = { readonly state: 'imported' } | { readonly state: 'failed'; readonly message: string };

/**
 * Keeps the imports of every physical cluster as the cluster describes its APIs: made when they appear there, changed
 * with them, removed when they vanish. It looks when a cluster is connected or comes back, when it tells that its APIs
 * change, and when somebody meddled with the imports.
 */
export class ImportController {
  readonly #options: ImportOptions;
  readonly #controller: Controller<ObjectKey>;
  readonly #outcomes = new Map<string, ImportOutcome>();

  constructor(options: ImportOptions) {
    this.#options = options;
    const { environment, informers, sources, physical } = options;
    this.#controller = new Controller({
      name: 'api import',
      environment,
      sources: [...sources],
      textOf: keyText,
      workers: IMPORTS_AT_ONCE,
      reconcile: async (key, signal) => {
        await this.#reconcile(key, signal);
        return undefined;
      },
    });
    physical.listen({
      onHealth: (key) => this.#controller.enqueue(key),
      onServedApis: (key) => this.#controller.enqueue(key),
    });
    informers.imports.subscribe(({ key: { cluster }, before, after }) => {
      const meddled = before !== undefined && before.value.generation !== after?.value.generation;
      if (meddled) this.#controller.enqueue({ cluster, namespace: '', name: before.value.location });
    });
  }

  start(): void {
    this.#controller.start();
  }

  stop(): Promise<void> {
    return this.#controller.stop();
  }

  /** Undefined before the first attempt has ended. */
  outcome(key: ObjectKey): ImportOutcome | undefined {
    return this.#outcomes.get(keyText(key));
  }

  /** Removes every import of a Cluster that is going. */
  async removeAll({ cluster, name }: ObjectKey, signal: AbortSignal): Promise<void> {
    this.#outcomes.delete(keyText({ cluster, namespace: '', name }));
    const client = this.#options.environment.client.in(cluster);
    await inTurn(this.#known(cluster, name), IMPORT_WRITES_AT_ONCE, (one) => remove(client, one, signal));
  }

  async #reconcile(key: ObjectKey, signal: AbortSignal): Promise<void> {
    const { physical, informers, resources } = this.#options;
    const owner = informers.clusters.get(key)?.value;
    const connection = physical.get(key);
    if (owner === undefined || owner.deleting || connection?.health.state !== 'alive') return;
    const limit = new AbortController();
    const cancel = this.#options.environment.clock.after(IMPORT_MS, () =>
      limit.abort(new Error(`its APIs could not be learnt within ${IMPORT_MS / 1_000} s`)),
    );
    const onAbort = () => limit.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const served = await servedApis(connection.client, resources, limit.signal);
      // It may have been told to go meanwhile.
      if (informers.clusters.get(key)?.value.deleting !== false) return;
      await this.#write(key.cluster, owner, served, signal);
      this.#ended(key, { state: 'imported' });
    } catch (error) {
      if (!signal.aborted) this.#failed(key, lossOf(error));
      throw error;
    } finally {
      cancel();
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** That a cluster is lost is for its health to say. */
  #failed(key: ObjectKey, { reason, message }: ReturnType<typeof lossOf>): void {
    const isLost = reason === 'Unreachable' || reason === 'Timeout';
    if (!isLost || this.outcome(key) === undefined) this.#ended(key, { state: 'failed', message });
  }

  #ended(key: ObjectKey, outcome: ImportOutcome): void {
    const before = this.#outcomes.get(keyText(key));
    this.#outcomes.set(keyText(key), outcome);
    if (!deepEqual({ ...before }, { ...outcome })) this.#options.onOutcome(key);
  }

  async #write(
    cluster: ClusterName,
    owner: ClusterView,
    served: readonly ApiSpec[],
    signal: AbortSignal,
  ): Promise<void> {
    const client = this.#options.environment.client.in(cluster);
    const known = new Map(this.#known(cluster, owner.name).map((one) => [one.name, one]));
    const wanted = new Set(served.map((api) => importName(api, owner.name)));
    await inTurn(served, IMPORT_WRITES_AT_ONCE, async (api) => {
      const written = await put(client, api, owner, known.has(importName(api, owner.name)), signal);
      if (written !== undefined) this.#options.informers.imports.observe(cluster, written);
    });
    const vanished = [...known.values()].filter(({ name }) => !wanted.has(name));
    await inTurn(vanished, IMPORT_WRITES_AT_ONCE, (one) => remove(client, one, signal));
  }

  #known(cluster: ClusterName, location: string): readonly ImportView[] {
    const { imports } = this.#options.informers;
    return imports.indexed(BY_LOCATION, locationText(cluster, location)).map(({ value }) => value);
  }
}

/** Makes an import, or brings what it says of the API up to date. Its strategy is the user's. */
async function put(client: Client, api: ApiSpec, owner: ClusterView, isKnown: boolean, signal: AbortSignal) {
  const wanted = importOf(api, owner);
  const { name = '' } = wanted.metadata;
  const existing = isKnown ? await unlessGone(client.get(API_IMPORTS, { name }, { signal })) : undefined;
  if (existing === undefined) return client.create(API_IMPORTS, wanted, { signal });
  const known = readObject(existing, 'spec') ?? {};
  const strategy = readString(known, 'schemaUpdateStrategy');
  const spec = {
    ...apiFields(api),
    location: owner.name,
    ...(strategy === '' ? {} : { schemaUpdateStrategy: strategy }),
  };
  const { ownerReferences, annotations } = wanted.metadata;
  if (deepEqual(known, spec) && deepEqual(existing.metadata.ownerReferences, ownerReferences)) return undefined;
  const metadata = {
    ...existing.metadata,
    annotations: { ...existing.metadata.annotations, ...annotations },
    ...(ownerReferences === undefined ? {} : { ownerReferences }),
  };
  return client.update(API_IMPORTS, { ...existing, metadata, spec }, { signal });
}

async function remove(client: Client, { name }: ImportView, signal: AbortSignal): Promise<void> {
  await unlessGone(client.delete(API_IMPORTS, { name }, { signal }));
}

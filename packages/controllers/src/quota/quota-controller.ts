import { stringify } from '@kcp/apimachinery/json/stringify';
import { deepEqual, type JsonObject } from '@kcp/apimachinery/json/value';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject } from '@kcp/apimachinery/schema/read';
import { type Change, Informer } from '@kcp/client/informer/informer';
import { keyText, type ObjectKey } from '@kcp/client/informer/object-key';
import type { Again } from '@kcp/client/queue/work-queue';
import type { Client } from '@kcp/client/rest/client';
import { Controller } from '../controller/controller.js';
import type { Environment } from '../controller/environment.js';
import { unlessGone } from '../controller/unless-gone.js';
import { QUOTA_SETTLE_MS, QUOTAS_AT_ONCE } from '../limits.js';
import type { FedType, ObjectFeed, ObjectListener } from '../types/object-feed.js';
import { typeName } from '../types/served-type.js';
import type { ServedTypes } from '../types/served-types.js';
import { hardOf, isScoped, measureOf } from './quota-status.js';

const QUOTAS = { group: '', version: 'v1', resource: 'resourcequotas' };
const BY_NAMESPACE = 'namespace';

/** What is kept of a quota. */
interface QuotaDigest {
  readonly spec: string;
  readonly status: string;
  /** Names of the types that it counts. */
  readonly counted: ReadonlySet<string>;
  readonly seenMs: number;
}

/**
 * Says in the status of each ResourceQuota what is used of it. Admission adds what is created; this counts at the
 * beginning, when something that a quota counts goes, and once more when a quota has not been charged for a moment, as a
 * creation may fail after it was charged.
 */
export class QuotaController implements ObjectListener {
  readonly #client: Client;
  readonly #environment: Environment;
  readonly #types: ServedTypes;
  readonly #quotas: Informer<QuotaDigest>;
  readonly #controller: Controller<ObjectKey>;
  /** To be counted now, whatever is going on. */
  readonly #urgent = new Set<string>();

  /** The feed and the types stay their owner's, who stops them. */
  constructor(environment: Environment, types: ServedTypes, feed: ObjectFeed) {
    this.#client = environment.client;
    this.#environment = environment;
    this.#types = types;
    this.#quotas = new Informer<QuotaDigest>({
      ...environment,
      resource: QUOTAS,
      keep: (quota) => this.#digestOf(quota),
      indexers: { [BY_NAMESPACE]: ({ key }) => [placeText(key.cluster, key.namespace)] },
      onError: (error) => environment.log.warn('quotas cannot be watched', { error }),
    });
    this.#controller = new Controller({
      name: 'resource quotas',
      environment,
      sources: [this.#quotas, feed],
      textOf: keyText,
      workers: QUOTAS_AT_ONCE,
      reconcile: (key, signal) => this.#reconcile(key, signal),
    });
    this.#quotas.subscribe((change) => this.#changed(change));
    feed.listen(this);
    types.subscribe(({ cluster, before, after }) => {
      const name = typeName(after ?? before ?? { group: '', resource: '' });
      for (const { key, value } of this.#quotas.entries(cluster)) if (value.counted.has(name)) this.#hurry(key);
    });
  }

  start(): void {
    this.#controller.start();
  }

  async stop(): Promise<void> {
    await this.#controller.stop();
    await this.#quotas.stop();
  }

  seen(): void {
    // Admission has charged it.
  }

  gone(type: FedType, cluster: ClusterName, { metadata }: KubeObject): void {
    const { namespace = '' } = metadata;
    if (namespace === '' || this.#quotas.size === 0) return;
    for (const { key, value } of this.#quotas.indexed(BY_NAMESPACE, placeText(cluster, namespace))) {
      if (value.counted.has(typeName(type))) this.#hurry(key);
    }
  }

  reloaded(type: FedType): void {
    for (const { key, value } of this.#quotas.entries()) if (value.counted.has(typeName(type))) this.#hurry(key);
  }

  #hurry(key: ObjectKey): void {
    this.#urgent.add(keyText(key));
    this.#controller.enqueue(key);
  }

  #changed({ key, before, after }: Change<QuotaDigest>): void {
    if (after === undefined) this.#urgent.delete(keyText(key));
    else if (before?.value.spec !== after.value.spec) this.#hurry(key);
    else if (before.value.status !== after.value.status) this.#controller.enqueueAfter(key, QUOTA_SETTLE_MS);
  }

  #digestOf(quota: KubeObject): QuotaDigest {
    const counted = new Set<string>();
    for (const name of Object.keys(hardOf(quota))) {
      const measure = measureOf(name);
      if (measure.kind === 'count') counted.add(typeName(measure));
    }
    const { spec = {}, status = {} } = quota;
    return { spec: stringify(spec), status: stringify(status), counted, seenMs: this.#environment.clock.now() };
  }

  async #reconcile(key: ObjectKey, signal: AbortSignal): Promise<Again | undefined> {
    const known = this.#quotas.get(key);
    if (known === undefined) return undefined;
    const quietMs = this.#environment.clock.now() - known.value.seenMs;
    if (!this.#urgent.delete(keyText(key)) && quietMs < QUOTA_SETTLE_MS) return { afterMs: QUOTA_SETTLE_MS - quietMs };
    try {
      await this.#count(key, signal);
    } catch (error) {
      this.#urgent.add(keyText(key));
      throw error;
    }
    return undefined;
  }

  async #count({ cluster, namespace, name }: ObjectKey, signal: AbortSignal): Promise<void> {
    const client = this.#client.in(cluster);
    const quota = await unlessGone(client.get(QUOTAS, { namespace, name }, { signal }));
    if (quota === undefined) return;
    const hard = hardOf(quota);
    const used: JsonObject = {};
    for (const resource of Object.keys(hard)) {
      const amount = await this.#used(client, quota, resource, signal);
      if (amount !== undefined) used[resource] = amount;
    }
    const status = readObject(quota, 'status') ?? {};
    if (deepEqual(readObject(status, 'hard') ?? {}, hard) && deepEqual(readObject(status, 'used') ?? {}, used)) return;
    const wanted = { ...quota, status: { hard, used } };
    await unlessGone(client.update(QUOTAS, wanted, { subresource: 'status', signal }));
  }

  async #used(client: Client, quota: KubeObject, name: string, signal: AbortSignal): Promise<string | undefined> {
    const measure = measureOf(name);
    if (measure.kind !== 'count') return measure.kind === 'none' ? '0' : undefined;
    const { group, resource, wellKnown } = measure;
    const type =
      client.scope && client.scope !== '*' ? this.#types.ofResource(client.scope, group, resource) : undefined;
    const [version] = type?.versions ?? [];
    if (version === undefined) return wellKnown ? '0' : undefined;
    if (isScoped(quota) || type?.namespaced === false) return '0';
    const { namespace } = quota.metadata;
    const options = { namespace, metadataOnly: true, limit: 1, signal };
    const { items, remaining = 0 } = await client.list({ group, version, resource }, options);
    return String(items.length + remaining);
  }
}

function placeText(cluster: ClusterName, namespace: string): string {
  return `${cluster}/${namespace}`;
}

import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects, readString, readStrings } from '@kcp/apimachinery/schema/read';
import type { ResourceCache, WatchCache } from '@kcp/storage/cache';
import { isStorageError } from '@kcp/storage/errors';
import { objectKey, type StorageResource } from '@kcp/storage/key';
import type { Revision, Store } from '@kcp/storage/store';
import { encodeForStore } from '../../registry/encode-object.js';
import { parseStored } from '../../registry/parse-stored.js';
import type { Amounts } from './charges.js';

const QUOTAS: StorageResource = { group: '', resource: 'resourcequotas', custom: false, namespaced: true };

const NO_NAMES: readonly string[] = [];

/** A quota as it is at one revision. */
export interface Quota {
  readonly name: string;
  readonly object: KubeObject;
  readonly revision: Revision;
  /** What is in force: the status, not the spec, which no controller may have seen yet. */
  readonly hard: Amounts;
  readonly used: Amounts;
  /** A quota of scopes counts only what has them, which objects by number do not. */
  readonly scoped: boolean;
}

/** The quotas of a namespace: whether there are any, what they are now, and a new use by compare-and-swap. */
export class QuotaStore {
  readonly #store: Store;
  readonly #cache: WatchCache;

  constructor(store: Store, cache: WatchCache) {
    this.#store = store;
    this.#cache = cache;
  }

  /** Names of the quotas of a namespace; a promise only before anyone has asked for any. */
  names(cluster: ClusterName, namespace: string): readonly string[] | Promise<readonly string[]> {
    const loaded = this.#cache.loaded(QUOTAS);
    if (loaded === undefined) return this.#cache.resource(QUOTAS).then((quotas) => namesIn(quotas, cluster, namespace));
    return namesIn(loaded, cluster, namespace);
  }

  /** As the store has it, which no cache is behind of; undefined when it is gone. */
  async read(cluster: ClusterName, namespace: string, name: string): Promise<Quota | undefined> {
    const stored = await this.#store.get(objectKey(QUOTAS, { cluster, namespace, name }));
    if (stored === undefined) return undefined;
    const object = parseStored(stored.value);
    const [spec, status] = [readObject(object, 'spec') ?? {}, readObject(object, 'status') ?? {}];
    const selectors = readObjects(readObject(spec, 'scopeSelector') ?? {}, 'matchExpressions');
    const scoped = readStrings(spec, 'scopes').length + selectors.length > 0;
    return {
      name,
      object,
      revision: stored.modRevision,
      hard: amountsOf(status, 'hard'),
      used: amountsOf(status, 'used'),
      scoped,
    };
  }

  /** False when somebody else wrote the quota since it was read. */
  async write(cluster: ClusterName, namespace: string, quota: Quota, used: Amounts): Promise<boolean> {
    const { object, name, revision } = quota;
    const next = { ...object, status: { ...readObject(object, 'status'), used: { ...used } } };
    try {
      await this.#store.update(objectKey(QUOTAS, { cluster, namespace, name }), encodeForStore(next), revision);
      return true;
    } catch (error) {
      if (isStorageError(error, 'conflict') || isStorageError(error, 'notFound')) return false;
      throw error;
    }
  }
}

function namesIn(quotas: ResourceCache, cluster: ClusterName, namespace: string): readonly string[] {
  if (quotas.count(cluster, namespace) === 0) return NO_NAMES;
  return quotas.list(cluster, namespace).items.map(({ key }) => key.name);
}

function amountsOf(status: JsonObject, member: string): Amounts {
  const amounts = readObject(status, member) ?? {};
  return Object.fromEntries(Object.keys(amounts).map((name) => [name, readString(amounts, name)]));
}

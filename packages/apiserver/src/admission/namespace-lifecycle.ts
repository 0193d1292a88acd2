import { newForbidden, newNotFound } from '@kcp/apimachinery/errors/status-error';
import type { CachedObject, ResourceCache, WatchCache } from '@kcp/storage/cache';
import type { Store } from '@kcp/storage/store';
import { newMemoSlot } from '@kcp/storage/watch-cache/memo';
import { catchUp } from '../registry/catch-up.js';
import type { LogicalClusters } from '../registry/logical-clusters.js';
import { parseStored } from '../registry/parse-stored.js';
import { DEFAULT_NAMESPACE, NAMESPACE_STORAGE } from '../registry/store-clusters.js';
import type { AdmissionAttributes, AdmissionPlugin } from './admission.js';

const NAMESPACES = { group: '', resource: 'namespaces' };
const terminatingSlot = newMemoSlot<boolean>('terminating');

/** Keeps objects out of namespaces that are not there or are going away (upstream's NamespaceLifecycle plugin). */
export class NamespaceLifecycle implements AdmissionPlugin {
  readonly name = 'NamespaceLifecycle';
  readonly #store: Pick<Store, 'latest'>;
  readonly #cache: WatchCache;
  readonly #clusters: LogicalClusters;

  constructor(store: Pick<Store, 'latest'>, cache: WatchCache, clusters: LogicalClusters) {
    this.#store = store;
    this.#cache = cache;
    this.#clusters = clusters;
  }

  admit(attributes: AdmissionAttributes): Promise<void> | void {
    const { operation, type } = attributes;
    // Whether somebody may do something can also be asked of a namespace that is not there.
    if (operation !== 'CREATE' || !type.namespaced || type.backing.kind === 'review') return;
    return this.#checkNamespace(attributes);
  }

  #checkNamespace(attributes: AdmissionAttributes): Promise<void> | void {
    const { cluster, namespace, dryRun } = attributes;
    const loaded = this.#cache.loaded(NAMESPACE_STORAGE);
    if (loaded === undefined) {
      return this.#cache.resource(NAMESPACE_STORAGE).then(() => this.#checkNamespace(attributes));
    }
    const found = loaded.get({ cluster, namespace: '', name: namespace });
    if (found === undefined) {
      // A trial write does not bring the cluster into being, but must answer as if it had.
      if (dryRun && namespace === DEFAULT_NAMESPACE && !this.#clusters.exists(cluster)) return;
      return this.#checkAgain(loaded, attributes);
    }
    if (isTerminating(found)) throw beingTerminated(attributes);
  }

  /** Another server may have made it, or this one a moment ago: only a cache that shows everything can tell. */
  #checkAgain(namespaces: ResourceCache, attributes: AdmissionAttributes): Promise<void> {
    const { cluster, namespace } = attributes;
    const latest = this.#store.latest();
    if (typeof latest === 'number' && latest <= this.#cache.revision) throw newNotFound(NAMESPACES, namespace);
    return Promise.resolve(latest).then(async (revision) => {
      await catchUp(this.#cache, revision);
      const found = namespaces.get({ cluster, namespace: '', name: namespace });
      if (found === undefined) throw newNotFound(NAMESPACES, namespace);
      if (isTerminating(found)) throw beingTerminated(attributes);
    });
  }
}

function isTerminating(namespace: CachedObject): boolean {
  return namespace.memo(terminatingSlot, () => parseStored(namespace.bytes).metadata.deletionTimestamp !== undefined);
}

function beingTerminated({ type, namespace, object }: AdmissionAttributes): Error {
  const resource = { group: type.gvk.group, resource: type.names.plural };
  const text = `unable to create new content in namespace ${namespace} because it is being terminated`;
  return newForbidden(resource, object?.metadata.name ?? '', text, [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    },
  ]);
}

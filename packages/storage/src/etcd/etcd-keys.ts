import { REGISTRY_PREFIX, type StoreKey } from '../key.js';
import type { StoredValue, StoreEvent } from '../store.js';
import { readForeignValue } from './foreign-values.js';
import type { KeyValue } from './messages.js';
import type { WatchEvent } from './watch-messages.js';

/** `/registry`, which every key of ours begins with and which a user may replace. */
const OWN_ROOT = REGISTRY_PREFIX.slice(0, -1);

/** Between keys and values as the store shows them and as they lie in an etcd that others may share. */
export class EtcdKeys {
  readonly #root: string;

  /** `root`: what stands in place of `/registry`; without a slash at its end. */
  constructor(root: string) {
    this.#root = root;
  }

  /** A key of etcd for a key or prefix of the store. */
  outside(key: string): string {
    return this.#root + key.slice(OWN_ROOT.length);
  }

  stored({ key, value, createRevision, modRevision }: KeyValue): StoredValue {
    const inside = (OWN_ROOT + key.slice(this.#root.length)) as StoreKey;
    return { key: inside, value: readForeignValue(value), createRevision, modRevision };
  }

  /** Undefined when etcd has forgotten what the change replaced. */
  event({ deletion, item, previous }: WatchEvent): StoreEvent | undefined {
    const revision = item.modRevision;
    const replaced = previous === undefined ? undefined : this.stored(previous);
    if (deletion) return replaced === undefined ? undefined : { type: 'delete', revision, previous: replaced };
    if (replaced === undefined && item.createRevision !== revision) return undefined;
    return { type: 'put', revision, current: this.stored(item), previous: replaced };
  }
}

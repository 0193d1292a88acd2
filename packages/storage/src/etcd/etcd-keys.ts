import { isStorageError } from '../errors.js';
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

  /** Throws `corrupt`. */
  stored(item: KeyValue): StoredValue {
    return this.#stored(item, readForeignValue(item.value));
  }

  #stored({ key, createRevision, modRevision }: KeyValue, value: Buffer): StoredValue {
    const inside = (OWN_ROOT + key.slice(this.#root.length)) as StoreKey;
    return { key: inside, value, createRevision, modRevision };
  }

  /** A value that nobody can read stays as it is, and who looks into it sees: it ends neither a watch nor a list. */
  told(item: KeyValue): StoredValue {
    try {
      return this.stored(item);
    } catch (error) {
      if (!isStorageError(error, 'corrupt')) throw error;
      return this.#stored(item, item.value);
    }
  }

  /** Undefined when etcd has forgotten what the change replaced. */
  event({ deletion, item, previous }: WatchEvent): StoreEvent | undefined {
    const revision = item.modRevision;
    const replaced = previous === undefined ? undefined : this.told(previous);
    if (deletion) return replaced === undefined ? undefined : { type: 'delete', revision, previous: replaced };
    if (replaced === undefined && item.createRevision !== revision) return undefined;
    return { type: 'put', revision, current: this.told(item), previous: replaced };
  }
}

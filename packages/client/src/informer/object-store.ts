import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { ObjectKey } from './object-key.js';

/** What an informer keeps of an object. */
export interface Entry<T> {
  readonly key: ObjectKey;
  /** Its resourceVersion; a larger one is a later state. */
  readonly revision: number;
  readonly value: T;
}

/** Names the values under which an entry is found, by the name of the index. */
export type Indexers<T> = Readonly<Record<string, (entry: Entry<T>) => readonly string[]>>;

/** Entries by logical cluster, namespace and name. A cluster without entries costs nothing. */
export class ObjectStore<T> {
  readonly #clusters = new Map<ClusterName, Map<string, Entry<T>>>();
  readonly #indexers: Indexers<T>;
  readonly #indexes = new Map<string, Map<string, Set<Entry<T>>>>();
  #size = 0;

  constructor(indexers: Indexers<T> = {}) {
    this.#indexers = indexers;
    for (const name of Object.keys(indexers)) this.#indexes.set(name, new Map());
  }

  get size(): number {
    return this.#size;
  }

  get(key: ObjectKey): Entry<T> | undefined {
    return this.#clusters.get(key.cluster)?.get(within(key));
  }

  /** Keeps an entry; returns the one that it replaces. */
  put(entry: Entry<T>): Entry<T> | undefined {
    const { cluster } = entry.key;
    let entries = this.#clusters.get(cluster);
    if (entries === undefined) {
      entries = new Map();
      this.#clusters.set(cluster, entries);
    }
    const before = entries.get(within(entry.key));
    entries.set(within(entry.key), entry);
    if (before === undefined) this.#size++;
    else this.#unindex(before);
    this.#index(entry);
    return before;
  }

  /** Lets go of an entry; returns it. */
  remove(key: ObjectKey): Entry<T> | undefined {
    const entries = this.#clusters.get(key.cluster);
    const before = entries?.get(within(key));
    if (entries === undefined || before === undefined) return undefined;
    entries.delete(within(key));
    if (entries.size === 0) this.#clusters.delete(key.cluster);
    this.#size--;
    this.#unindex(before);
    return before;
  }

  /** Every entry, or those of one logical cluster, in no particular order. */
  *entries(cluster?: ClusterName): Iterable<Entry<T>> {
    if (cluster !== undefined) yield* this.#clusters.get(cluster)?.values() ?? [];
    else for (const entries of this.#clusters.values()) yield* entries.values();
  }

  /** The entries that an index has under a value. Throws TypeError for an index that there is not. */
  indexed(index: string, value: string): readonly Entry<T>[] {
    const values = this.#indexes.get(index);
    if (values === undefined) throw new TypeError(`there is no index ${index}`);
    return [...(values.get(value) ?? [])];
  }

  #index(entry: Entry<T>): void {
    for (const [name, values] of this.#indexes) {
      for (const value of this.#indexers[name]?.(entry) ?? []) {
        const found = values.get(value);
        if (found === undefined) values.set(value, new Set([entry]));
        else found.add(entry);
      }
    }
  }

  #unindex(entry: Entry<T>): void {
    for (const [name, values] of this.#indexes) {
      for (const value of this.#indexers[name]?.(entry) ?? []) {
        const found = values.get(value);
        found?.delete(entry);
        if (found?.size === 0) values.delete(value);
      }
    }
  }
}

function within({ namespace, name }: ObjectKey): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

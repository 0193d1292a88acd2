import { ALL_CLUSTERS, CLUSTER_ANNOTATION, type ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { WatchEvent } from '../watch/watch-event.js';
import { clusterOf, keyText, type ObjectKey } from './object-key.js';
import { type Entry, type Indexers, ObjectStore } from './object-store.js';
import { Reflector, type ReflectorOptions, type ReflectorSink } from './reflector.js';

export interface InformerOptions<T> extends ReflectorOptions {
  /** Where objects are told to be that a client without a scope sees: those of a server without logical clusters. */
  readonly cluster?: ClusterName | undefined;
  /**
   * What is worth keeping of an object; undefined: nothing, as if it were not there. Keep little: it stays in memory
   * for every object of every logical cluster.
   */
  readonly keep: (object: KubeObject, key: ObjectKey) => T | undefined;
  readonly indexers?: Indexers<T>;
}

/** `before` is undefined for an object that has come, `after` for one that has gone. */
export interface Change<T> {
  readonly key: ObjectKey;
  readonly before: Entry<T> | undefined;
  readonly after: Entry<T> | undefined;
}

export type ChangeHandler<T> = (change: Change<T>) => void;

/**
 * A collection of one logical cluster, or of all of them, kept up to date by one watch and shared by any number of
 * handlers. Handlers are called in the order of the changes, hear of an object that exists already as of one that has
 * come, and never hear twice of one state; there is no periodic resync. They must not throw.
 */
export class Informer<T> {
  readonly #options: InformerOptions<T>;
  readonly #store: ObjectStore<T>;
  readonly #sink: InformerSink<T>;
  readonly #handlers = new Set<ChangeHandler<T>>();
  readonly #stop = new AbortController();
  readonly #synced: { readonly promise: Promise<void>; resolve(): void };
  #hasSynced = false;
  #running: Promise<void> | undefined;

  /** Throws TypeError for a client without a scope where `cluster` is not said either: keys need a logical cluster. */
  constructor(options: InformerOptions<T>) {
    if ((options.client.scope ?? options.cluster) === undefined) {
      throw new TypeError('an informer needs a logical cluster, or all of them');
    }
    this.#options = options;
    this.#store = new ObjectStore(options.indexers);
    this.#sink = new InformerSink(
      options,
      this.#store,
      (change) => this.#tell(change),
      () => this.#sync(),
    );
    this.#synced = deferred();
  }

  /** Resolves when the first whole state is known; not at all when the informer is stopped before. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  get size(): number {
    return this.#store.size;
  }

  start(): void {
    this.#running ??= new Reflector(this.#options, this.#sink).run(this.#stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Hears of all that is there, then of every change. Returns how to unsubscribe. */
  subscribe(handler: ChangeHandler<T>): () => void {
    this.#handlers.add(handler);
    for (const after of this.#store.entries()) handler({ key: after.key, before: undefined, after });
    return () => this.#handlers.delete(handler);
  }

  get(key: ObjectKey): Entry<T> | undefined {
    return this.#store.get(key);
  }

  /** Every entry, or those of one logical cluster. */
  entries(cluster?: ClusterName): Iterable<Entry<T>> {
    return this.#store.entries(cluster);
  }

  indexed(index: string, value: string): readonly Entry<T>[] {
    return this.#store.indexed(index, value);
  }

  /** Takes in the answer to a write of one's own, so that the next look does not show what was before it. */
  observe(cluster: ClusterName, object: KubeObject): void {
    const observed = entryOf(this.#options, object, cluster);
    // The watch is further already: it may have told that the object is gone.
    if (observed.revision > this.#sink.position) apply(this.#store, observed, (change) => this.#tell(change));
  }

  #sync(): void {
    this.#hasSynced = true;
    this.#synced.resolve();
  }

  #tell(change: Change<T>): void {
    for (const handler of this.#handlers) handler(change);
  }
}

/** A state of an object; without a value it is not to be kept. */
interface Observed<T> {
  readonly key: ObjectKey;
  readonly revision: number;
  readonly value: T | undefined;
}

class InformerSink<T> implements ReflectorSink {
  readonly #options: InformerOptions<T>;
  readonly #store: ObjectStore<T>;
  readonly #tell: ChangeHandler<T>;
  readonly #onSync: () => void;
  #loading = new Map<string, Observed<T>>();
  /** The latest revision that the watch has told of. */
  position = 0;

  constructor(options: InformerOptions<T>, store: ObjectStore<T>, tell: ChangeHandler<T>, onSync: () => void) {
    this.#options = options;
    this.#store = store;
    this.#tell = tell;
    this.#onSync = onSync;
  }

  begin(): void {
    this.#loading = new Map();
  }

  object(event: WatchEvent): void {
    const observed = this.#observed(event);
    if (observed.value === undefined) this.#loading.delete(keyText(observed.key));
    else this.#loading.set(keyText(observed.key), observed);
  }

  end(resourceVersion: string): void {
    const loaded = this.#loading;
    this.#loading = new Map();
    this.position = Number(resourceVersion);
    const gone = [...this.#store.entries()].filter(
      ({ key, revision }) => revision <= this.position && !loaded.has(keyText(key)),
    );
    for (const { key } of gone) remove(this.#store, key, this.#tell);
    for (const observed of loaded.values()) apply(this.#store, observed, this.#tell);
    this.#onSync();
  }

  change(event: WatchEvent): void {
    const observed = this.#observed(event);
    this.position = Math.max(this.position, observed.revision);
    apply(this.#store, observed, this.#tell);
  }

  #observed({ type, object }: WatchEvent): Observed<T> {
    const scope = this.#options.client.scope ?? this.#options.cluster;
    const cluster = scope === ALL_CLUSTERS ? clusterOf(object.metadata) : scope;
    if (cluster === undefined) throw new TypeError('an object of a wildcard answer does not name its logical cluster');
    if (scope === ALL_CLUSTERS) forgetCluster(object);
    const observed = entryOf(this.#options, object, cluster);
    return type === 'DELETED' ? { ...observed, value: undefined } : observed;
  }
}

function entryOf<T>({ keep }: InformerOptions<T>, object: KubeObject, cluster: ClusterName): Observed<T> {
  const { namespace = '', name = '', resourceVersion = '' } = object.metadata;
  const key = { cluster, namespace, name };
  return { key, revision: Number(resourceVersion), value: keep(object, key) };
}

/** The annotation belongs to the answer, not to the object. */
function forgetCluster({ metadata }: KubeObject): void {
  if (metadata.annotations === undefined) return;
  const { [CLUSTER_ANNOTATION]: _, ...own } = metadata.annotations;
  if (Object.keys(own).length === 0) delete metadata.annotations;
  else metadata.annotations = own;
}

/** Takes a state in unless a later one is known. */
function apply<T>(store: ObjectStore<T>, { key, revision, value }: Observed<T>, tell: ChangeHandler<T>): void {
  const known = store.get(key)?.revision ?? -1;
  if (value === undefined) {
    if (known <= revision) remove(store, key, tell);
  } else if (known < revision) {
    const after = { key, revision, value };
    tell({ key, before: store.put(after), after });
  }
}

function remove<T>(store: ObjectStore<T>, key: ObjectKey, tell: ChangeHandler<T>): void {
  const before = store.remove(key);
  if (before !== undefined) tell({ key, before, after: undefined });
}

function deferred(): { readonly promise: Promise<void>; resolve(): void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

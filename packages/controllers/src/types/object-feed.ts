import { ALL_CLUSTERS, type ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { clusterOf } from '@kcp/client/informer/object-key';
import { Reflector, type ReflectorSink } from '@kcp/client/informer/reflector';
import type { WatchEvent } from '@kcp/client/watch/watch-event';
import type { Source } from '../controller/controller.js';
import type { Environment } from '../controller/environment.js';
import { type ServedType, typeName } from './served-type.js';
import type { ServedTypes, TypeChange } from './served-types.js';

/** One type over all logical clusters. */
export interface FedType {
  readonly group: string;
  readonly resource: string;
}

/** Hears of the metadata of objects. Must not throw. */
export interface ObjectListener {
  /** An object as it now is; not every one that has no owner and stays. */
  seen(type: FedType, cluster: ClusterName, object: KubeObject): void;
  /** An object that is gone, as it last was. */
  gone(type: FedType, cluster: ClusterName, object: KubeObject): void;
  /**
   * All objects of the type that have owners or are being deleted have been told anew, these are their uids, and some
   * objects may have gone unseen; undefined: which ones nobody knows.
   */
  reloaded(type: FedType, uids: ReadonlySet<string> | undefined): void;
}

/** Events come and go by themselves and own nothing. */
const LEFT_OUT: ReadonlySet<string> = new Set(['events', 'events.events.k8s.io']);

/**
 * The metadata of what has owners, is being deleted or is gone, of all types of all logical clusters, by one watch of
 * each type, for any number of listeners. It keeps no object.
 */
export class ObjectFeed implements Source {
  readonly #environment: Environment;
  readonly #types: ServedTypes;
  readonly #listeners: ObjectListener[] = [];
  readonly #streams = new Map<string, TypeStream>();
  /** Of each custom type: in how many logical clusters each version is served. */
  readonly #versions = new Map<string, Map<string, number>>();
  #synced: Promise<void> | undefined;
  #stopped = false;

  constructor(environment: Environment, types: ServedTypes) {
    this.#environment = environment;
    this.#types = types;
  }

  /** Listeners come before the start. */
  listen(listener: ObjectListener): void {
    this.#listeners.push(listener);
  }

  start(): void {
    this.#types.start();
    this.#synced ??= this.#begin();
  }

  /** Throws before `start`. */
  get synced(): Promise<void> {
    if (this.#synced === undefined) throw new Error('the feed is waited for before it is started');
    return this.#synced;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#types.stop();
    await Promise.all([...this.#streams.values()].map((stream) => stream.stop()));
  }

  async #begin(): Promise<void> {
    await this.#types.synced;
    if (this.#stopped) return;
    for (const type of this.#types.builtins()) {
      const [version] = type.versions;
      if (version !== undefined && !LEFT_OUT.has(typeName(type))) this.#open(type, version);
    }
    this.#types.subscribe((change) => this.#follow(change));
    await Promise.all([...this.#streams.values()].map(({ settled }) => settled));
  }

  #follow({ before, after }: TypeChange): void {
    const type = after ?? before;
    if (type === undefined || this.#stopped) return;
    const versions = this.#versions.get(typeName(type)) ?? new Map<string, number>();
    this.#versions.set(typeName(type), versions);
    for (const version of before?.versions ?? []) count(versions, version, -1);
    for (const version of after?.versions ?? []) count(versions, version, 1);
    this.#choose(type, versions);
  }

  /** Any version that is served somewhere shows the metadata of all objects of the type. */
  #choose(type: ServedType, versions: ReadonlyMap<string, number>): void {
    const stream = this.#streams.get(typeName(type));
    if (stream !== undefined && versions.has(stream.version)) return;
    if (stream !== undefined) {
      this.#streams.delete(typeName(type));
      void stream.stop();
    }
    const [version] = versions.keys();
    if (version !== undefined) this.#open(type, version);
    else {
      this.#versions.delete(typeName(type));
      for (const listener of this.#listeners) listener.reloaded(type, new Set());
    }
  }

  #open({ group, resource }: FedType, version: string): void {
    const stream = new TypeStream(this.#environment, { group, resource }, version, this.#listeners);
    this.#streams.set(typeName({ group, resource }), stream);
    stream.start();
  }
}

function count(counts: Map<string, number>, name: string, more: number): void {
  const sum = (counts.get(name) ?? 0) + more;
  if (sum <= 0) counts.delete(name);
  else counts.set(name, sum);
}

class TypeStream implements ReflectorSink {
  readonly version: string;
  /** Resolves when the first state is known, or could not be had at the first attempt. */
  readonly settled: Promise<void>;
  readonly #type: FedType;
  readonly #listeners: readonly ObjectListener[];
  readonly #reflector: Reflector;
  readonly #stop = new AbortController();
  readonly #settle: () => void;
  #uids: Set<string> | undefined;
  #running: Promise<void> | undefined;

  constructor(environment: Environment, type: FedType, version: string, listeners: readonly ObjectListener[]) {
    this.version = version;
    this.#type = type;
    this.#listeners = listeners;
    let settle = () => {};
    this.settled = new Promise((resolve) => {
      settle = resolve;
    });
    this.#settle = settle;
    const onError = (error: unknown): void => {
      environment.log.debug(2, 'objects cannot be watched', { type: typeName(type), error });
      settle();
    };
    const client = environment.client.in(ALL_CLUSTERS);
    const resource = { ...type, version };
    this.#reflector = new Reflector(
      { ...environment, client, resource, metadataOnly: true, ownershipOnly: true, onError },
      this,
    );
  }

  start(): void {
    this.#running ??= this.#reflector.run(this.#stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#settle();
    await this.#running;
  }

  begin(): void {
    this.#uids = new Set();
  }

  object(event: WatchEvent): void {
    const { uid = '' } = event.object.metadata;
    if (event.type === 'DELETED') this.#uids?.delete(uid);
    else this.#uids?.add(uid);
    this.change(event);
  }

  end(): void {
    const uids = this.#uids;
    this.#uids = undefined;
    for (const listener of this.#listeners) listener.reloaded(this.#type, uids);
    this.#settle();
  }

  change({ type, object }: WatchEvent): void {
    this.#tell(type === 'DELETED' ? 'gone' : 'seen', object);
  }

  #tell(what: 'seen' | 'gone', object: KubeObject): void {
    const cluster = clusterOf(object.metadata);
    if (cluster === undefined) throw new TypeError('an object of a wildcard answer does not name its logical cluster');
    for (const listener of this.#listeners) listener[what](this.#type, cluster, object);
  }
}

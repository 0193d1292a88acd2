import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { Informer } from '@kcp/client/informer/informer';
import type { Entry } from '@kcp/client/informer/object-store';
import { CLUSTER_LABEL, SYNCED_FROM_ANNOTATION } from '../sync-names.js';
import { digestOf, type ObjectDigest } from './digest.js';
import type { Side } from './side.js';
import type { SyncedResource } from './synced-resource.js';

/** Who hears of the objects of one type on one side. */
export interface FeedListener {
  /** An object came, changed, or went (`after` is undefined then). */
  changed(name: ObjectPlace, before: ObjectDigest | undefined, after: ObjectDigest | undefined): void;
  /** The whole state is known. */
  synced(): void;
  failed(error: unknown): void;
}

export interface ObjectPlace {
  readonly namespace: string;
  readonly name: string;
}

export interface FeedOptions {
  readonly side: Side;
  readonly resource: SyncedResource;
  readonly location: string;
  readonly finalizer: string;
  /** Only what came from this logical cluster; undefined: everything. */
  readonly from?: string | undefined;
  readonly listener: FeedListener;
}

/** The objects of one type on one side that are assigned to the location, as digests. */
export class Feed {
  readonly #options: FeedOptions;
  #informer: Informer<ObjectDigest>;
  /** Numbers of objects by namespace. */
  #counts = new Map<string, number>();
  readonly #places = new Map<string, ObjectPlace>();

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#informer = this.#makeInformer();
  }

  get hasSynced(): boolean {
    return this.#informer.hasSynced;
  }

  start(): void {
    const informer = this.#informer;
    const counts = this.#counts;
    informer.subscribe(({ key, before, after }) => {
      if (before === undefined) counts.set(key.namespace, (counts.get(key.namespace) ?? 0) + 1);
      else if (after === undefined) lower(counts, key.namespace);
      if (before !== undefined) this.#places.delete(before.value.uid);
      if (after !== undefined) this.#places.set(after.value.uid, key);
      this.#options.listener.changed(key, before?.value, after?.value);
    });
    informer.start();
    void informer.synced.then(() => {
      if (this.#informer === informer) this.#options.listener.synced();
    });
  }

  /** Learns everything anew: the server was away, and may not be what it was. */
  renew(): void {
    void this.#informer.stop();
    this.#counts = new Map();
    this.#places.clear();
    this.#informer = this.#makeInformer();
    this.start();
  }

  async stop(): Promise<void> {
    await this.#informer.stop();
  }

  get({ namespace, name }: ObjectPlace): ObjectDigest | undefined {
    return this.#informer.get({ cluster: this.#options.side.cluster, namespace, name })?.value;
  }

  entries(): Iterable<Entry<ObjectDigest>> {
    return this.#informer.entries();
  }

  /** Where the object of this uid is. */
  placeOf(uid: string): ObjectPlace | undefined {
    return this.#places.get(uid);
  }

  /** Those that have this one, by its uid, among their owners. */
  ownedBy(uid: string): readonly ObjectPlace[] {
    return this.#informer.indexed(BY_OWNER, uid).map(({ key }) => key);
  }

  /** True as long as a namespace has objects. */
  uses(namespace: string): boolean {
    return this.#counts.has(namespace);
  }

  /** Takes in the answer to a write of one's own, unless the object is no longer among those that are followed. */
  observe(object: KubeObject): void {
    if (object.metadata.labels?.[CLUSTER_LABEL] !== this.#options.location) return;
    this.#informer.observe(this.#options.side.cluster, object);
  }

  #makeInformer(): Informer<ObjectDigest> {
    const { side, resource, location, finalizer, from, listener } = this.#options;
    return new Informer<ObjectDigest>({
      ...side.environment,
      cluster: side.cluster,
      resource,
      labelSelector: `${CLUSTER_LABEL}=${location}`,
      keep: (object) => {
        if (from !== undefined && object.metadata.annotations?.[SYNCED_FROM_ANNOTATION] !== from) return undefined;
        return digestOf(object, finalizer);
      },
      indexers: { [BY_OWNER]: ({ value }) => value.owners },
      onError: (error) => {
        side.failed(error);
        listener.failed(error);
      },
    });
  }
}

const BY_OWNER = 'owner';

function lower(counts: Map<string, number>, name: string): void {
  const left = (counts.get(name) ?? 1) - 1;
  if (left > 0) counts.set(name, left);
  else counts.delete(name);
}

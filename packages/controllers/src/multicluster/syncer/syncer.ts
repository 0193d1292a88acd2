import { ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import { apiVersionOf } from '@kcp/apimachinery/meta/resource';
import type { Clock, Random } from '@kcp/client/clock';
import { WorkQueue } from '@kcp/client/queue/work-queue';
import type { Client } from '@kcp/client/rest/client';
import type { ControllerLog } from '../../controller/environment.js';
import { STOP_GRACE_MS } from '../../limits.js';
import { ObjectFaults } from '../object-faults.js';
import { syncerFinalizer, syncerManager } from '../sync-names.js';
import type { ObjectPlace } from './feed.js';
import { STRAYS_AFTER_MS, SYNCS_AT_ONCE } from './limits.js';
import { Namespaces } from './namespaces.js';
import { Side } from './side.js';
import { bringDown } from './spec-down.js';
import { bringStatusUp } from './status-up.js';
import { heldObjects } from './strays.js';
import { placeText, type SyncContext } from './sync-context.js';
import { resourceText, type SyncedResource } from './synced-resource.js';
import { SyncedType } from './synced-type.js';
import { withdraw } from './withdraw.js';

export interface SyncerOptions {
  /** One logical cluster, whose name objects downstream carry; `root` for a client without a scope. */
  readonly upstream: Client;
  /** The physical cluster. */
  readonly downstream: Client;
  /** The name of its Cluster: what the label of objects says that are assigned to it. */
  readonly location: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: ControllerLog;
}

/** How one resource fares. */
export interface ResourceState {
  /** Both sides are known and answer. */
  readonly synced: boolean;
  /** Why it cannot be watched. */
  readonly error?: string;
}

/** One object of one type. */
interface Task extends ObjectPlace {
  readonly type: SyncedType;
}

/**
 * Keeps a physical cluster as one logical cluster wants it: what is assigned to it goes down, its status comes up. It
 * works by comparing both sides at any time, not by events, so that it may begin, end and lose either side whenever.
 */
export class Syncer {
  readonly #options: SyncerOptions;
  readonly #context: SyncContext;
  readonly #faults: ObjectFaults;
  readonly #namespaces: Namespaces;
  readonly #types = new Map<string, SyncedType>();
  readonly #queue: WorkQueue<Task>;
  readonly #stop = new AbortController();
  #running = false;

  /** Throws RangeError for a location whose name is too long, TypeError for an upstream of all logical clusters. */
  constructor(options: SyncerOptions) {
    const { upstream, downstream, location, clock, random, log } = options;
    const source = upstream.scope ?? ROOT_CLUSTER;
    if (source === '*') throw new TypeError('a syncer works for one logical cluster');
    const parts = { clock, random, log };
    const up = new Side({ client: upstream, ...parts }, 'upstream', source, () => this.#renew('up'));
    const below = downstream.scope ?? ROOT_CLUSTER;
    if (below === '*') throw new TypeError('a physical cluster is not all logical clusters');
    const down = new Side({ client: downstream, ...parts }, location, below, () => this.#renew('down'));
    const manager = syncerManager(source);
    const inUse = (namespace: string) => this.#uses(namespace);
    this.#options = options;
    this.#namespaces = new Namespaces({ down, location, source, manager, inUse });
    this.#context = {
      location,
      source,
      finalizer: syncerFinalizer(location),
      manager,
      up,
      down,
      namespaces: this.#namespaces,
      ownerUid: (uid) => this.#ownerUid(uid),
    };
    this.#faults = new ObjectFaults(up.environment, {
      component: 'kcp-syncer',
      reason: 'SyncFailed',
      what: `cannot be synced to ${location}`,
    });
    this.#queue = this.#makeQueue();
  }

  /** How each resource fares, by its name: `deployments.apps`. */
  get state(): ReadonlyMap<string, ResourceState> {
    const state = [...this.#types].map(([name, type]): [string, ResourceState] => [
      name,
      { synced: type.isReady, ...(type.error === undefined ? {} : { error: type.error }) },
    ]);
    return new Map(state);
  }

  /**
   * Syncs these resources and no others. Objects of one that is no longer among them stay as they are on both sides; see
   * `releaseObjects`. Throws TypeError for a resource of cluster scope.
   */
  setResources(resources: readonly SyncedResource[]): void {
    const unfit = resources.find(({ namespaced }) => !namespaced);
    if (unfit !== undefined) throw new TypeError(`${resourceText(unfit)} is not namespaced and cannot be synced`);
    const wanted = new Map(resources.map((resource) => [resourceText(resource), resource]));
    for (const [name, type] of this.#types) {
      const resource = wanted.get(name);
      if (resource !== undefined && isSame(resource, type.resource)) wanted.delete(name);
      else this.#drop(name, type);
    }
    for (const [name, resource] of wanted) this.#add(name, resource);
  }

  start(): void {
    if (this.#running || this.#stop.signal.aborted) return;
    this.#running = true;
    this.#namespaces.start();
    for (const type of this.#types.values()) type.start();
    this.#queue.start();
  }

  /** Finishes what is being written and leaves nothing running. Objects stay as they are. Idempotent. */
  async stop(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    const { up, down } = this.#context;
    up.stop();
    down.stop();
    await this.#queue.stop(STOP_GRACE_MS);
    await this.#namespaces.stop();
    await Promise.all([...this.#types.values()].map((type) => type.stop()));
  }

  #makeQueue(): WorkQueue<Task> {
    const { clock, random, log, location } = this.#options;
    return new WorkQueue<Task>({
      work: (task, signal) => this.#work(task, signal),
      textOf: ({ type, ...place }) => `${resourceText(type.resource)}/${placeText(place)}`,
      workers: SYNCS_AT_ONCE,
      clock,
      random,
      onFailure: ({ type, namespace, name }, error, retryMs) => {
        const object = { resource: resourceText(type.resource), namespace, name };
        log.debug(1, 'an object was not synced', { location, ...object, error, retryMs: Math.round(retryMs) });
      },
    });
  }

  async #work({ type, namespace, name }: Task, signal: AbortSignal): Promise<undefined> {
    const place = { namespace, name };
    if (this.#types.get(resourceText(type.resource)) !== type) return;
    if (!type.isReady) {
      type.park(place);
      return;
    }
    try {
      const object = type.up.get(place);
      if (object === undefined || object.deleting) await withdraw(this.#context, type, place, signal);
      else {
        await bringDown(this.#context, type, place, object, signal);
        const present = type.up.get(place);
        if (type.resource.hasStatus && present !== undefined) {
          await bringStatusUp(this.#context, type, place, present, signal);
        }
      }
      if (object !== undefined) this.#faults.clear(object.uid);
    } catch (error) {
      this.#tell(type, place, error);
      throw error;
    }
  }

  #tell({ resource, up }: SyncedType, { namespace, name }: ObjectPlace, error: unknown): void {
    const uid = up.get({ namespace, name })?.uid;
    if (uid === undefined) return;
    const subject = { apiVersion: apiVersionOf(resource), kind: resource.kind, namespace, name, uid };
    this.#faults.tell({ cluster: this.#context.up.cluster, ...subject }, error);
  }

  #add(name: string, resource: SyncedResource): void {
    const { location, source, finalizer, up, down } = this.#context;
    const type = new SyncedType({
      resource,
      location,
      source,
      finalizer,
      up,
      down,
      onWork: (of, { namespace, name: object }) => this.#queue.add({ type: of, namespace, name: object }),
      onArrival: (of, place) => this.#arrived(of, place),
      onDeparture: (namespace) => this.#namespaces.left(namespace),
      onReady: (of) => this.#options.clock.after(STRAYS_AFTER_MS, () => void this.#seekStrays(of)),
    });
    this.#types.set(name, type);
    if (this.#running) type.start();
  }

  #drop(name: string, type: SyncedType): void {
    this.#types.delete(name);
    void type.stop();
  }

  #uses(namespace: string): boolean {
    return [...this.#types.values()].some(({ up, down }) => up.uses(namespace) || down.uses(namespace));
  }

  #ownerUid(uid: string): string | undefined {
    for (const { up, down } of this.#types.values()) {
      const place = up.placeOf(uid);
      if (place !== undefined) return down.get(place)?.uid;
    }
    return undefined;
  }

  #arrived(type: SyncedType, place: ObjectPlace): void {
    const uid = type.up.get(place)?.uid;
    if (uid === undefined) return;
    for (const other of this.#types.values()) {
      for (const { namespace, name } of other.up.ownedBy(uid)) this.#queue.add({ type: other, namespace, name });
    }
  }

  /** A side is there again after it was not: it may have changed while nobody looked, or have been made anew. */
  #renew(side: 'up' | 'down'): void {
    if (!this.#running || this.#stop.signal.aborted) return;
    if (side === 'down') this.#namespaces.renew();
    for (const type of this.#types.values()) type[side].renew();
  }

  /** Objects that we hold, although they are assigned elsewhere: they were moved while nobody looked. */
  async #seekStrays(type: SyncedType): Promise<void> {
    const { signal } = this.#stop;
    if (signal.aborted) return;
    const { location, upstream, log } = this.#options;
    try {
      for await (const { metadata } of heldObjects(upstream, type.resource, location, 'strays', signal)) {
        this.#queue.add({ type, namespace: metadata.namespace ?? '', name: metadata.name ?? '' });
      }
    } catch (error) {
      this.#context.up.failed(error);
      log.debug(2, 'objects that were moved could not be looked for', { location, error });
    }
  }
}

function isSame(a: SyncedResource, b: SyncedResource): boolean {
  return a.version === b.version && a.kind === b.kind && a.hasStatus === b.hasStatus;
}

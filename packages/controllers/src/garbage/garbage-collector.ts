import type { OwnerReference } from '@kcp/apimachinery/meta/object';
import type { Again } from '@kcp/client/queue/work-queue';
import { Controller } from '../controller/controller.js';
import type { Environment } from '../controller/environment.js';
import { inTurn } from '../controller/in-turn.js';
import { recordEvent } from '../controller/record-event.js';
import { COLLECTIONS_AT_ONCE } from '../limits.js';
import type { ObjectFeed } from '../types/object-feed.js';
import { apiVersionOfType } from '../types/served-type.js';
import type { ServedTypes } from '../types/served-types.js';
import { CollectorRequests } from './collector-requests.js';
import { FOREGROUND_FINALIZER, type Item, ORPHAN_FINALIZER, type Owner, takesDependents } from './graph-node.js';
import { type GraphListener, OwnerGraph } from './owner-graph.js';

/** `item`: may it stay? `owner`: is he there? `orphans`: its dependents are to be left behind. */
interface Task {
  readonly what: 'item' | 'owner' | 'orphans';
  readonly id: string;
}

/** The references of an item by what is known of whom they name. */
interface Judgement {
  readonly solid: readonly OwnerReference[];
  readonly dangling: readonly OwnerReference[];
  /** They name owners who go after their dependents. */
  readonly waiting: readonly OwnerReference[];
}

/**
 * Deletes what is left of owners that are gone, in every logical cluster (upstream's garbage collector): in the
 * background, in the foreground, or leaving the dependents as orphans.
 */
export class GarbageCollector implements GraphListener {
  readonly #environment: Environment;
  readonly #types: ServedTypes;
  readonly #graph: OwnerGraph;
  readonly #requests: CollectorRequests;
  readonly #controller: Controller<Task>;

  /** The feed and the types stay their owner's, who stops them. */
  constructor(environment: Environment, types: ServedTypes, feed: ObjectFeed) {
    this.#environment = environment;
    this.#types = types;
    this.#requests = new CollectorRequests(environment.client, types);
    this.#graph = new OwnerGraph((...kind) => types.ofKind(...kind), this);
    this.#controller = new Controller<Task>({
      name: 'garbage collector',
      environment,
      sources: [feed],
      textOf: ({ what, id }) => `${what} ${id}`,
      workers: COLLECTIONS_AT_ONCE,
      reconcile: (task, signal) => this.#reconcile(task, signal),
    });
    feed.listen(this.#graph);
    types.subscribe((change) => this.#graph.typeChanged(change));
  }

  start(): void {
    this.#controller.start();
  }

  async stop(): Promise<void> {
    await this.#controller.stop();
  }

  judge({ id }: Item): void {
    this.#controller.enqueue({ what: 'item', id });
  }

  seek({ id }: Owner): void {
    this.#controller.enqueue({ what: 'owner', id });
  }

  orphan({ id }: Item): void {
    this.#controller.enqueue({ what: 'orphans', id });
  }

  /** Told to whoever reads events, in upstream's words. */
  invalid(item: Item, { apiVersion, kind, name, uid }: OwnerReference): void {
    const { cluster, type, namespace } = item;
    const served = this.#types.ofResource(cluster, type.group, type.resource);
    if (served === undefined) return;
    const who = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
    void recordEvent(
      this.#environment,
      { cluster, apiVersion: apiVersionOfType(served), kind: served.kind, namespace, name: item.name, uid: item.uid },
      {
        type: 'Warning',
        reason: 'OwnerRefInvalidNamespace',
        message: `ownerRef ${who} does not exist in namespace "${namespace}"`,
        component: 'garbage-collector-controller',
      },
    );
  }

  async #reconcile({ what, id }: Task, signal: AbortSignal): Promise<Again | undefined> {
    if (what === 'owner') {
      const owner = this.#graph.owner(id);
      if (owner?.state === 'unknown') await this.#lookFor(owner, signal);
      return undefined;
    }
    const item = this.#graph.item(id);
    if (item === undefined) return undefined;
    if (what === 'orphans') await this.#leaveDependents(item, signal);
    else if (takesDependents(item)) await this.#takeDependents(item, signal);
    else if (!item.deleting) await this.#collect(item, signal);
    return undefined;
  }

  async #lookFor(owner: Owner, signal: AbortSignal): Promise<void> {
    const found = await this.#requests.lookFor(owner, signal);
    // He may have been seen to go while we asked.
    if (owner.state !== 'unknown') return;
    if (found === 'absent') this.#graph.missing(owner);
    else if (found === 'present') this.#graph.found(owner);
  }

  /** Deletes an item whose owners are all gone, or takes the names of those who are gone off it. */
  async #collect(item: Item, signal: AbortSignal): Promise<void> {
    for (const owner of item.owners) {
      if (owner.state === 'unknown') await this.#lookFor(owner, signal);
    }
    const { solid, dangling, waiting } = this.#judgementOf(item);
    if (solid.length > 0) {
      if (solid.length < item.references.length) await this.#requests.patch(item, { ownerReferences: solid }, signal);
    } else if (waiting.length > 0 && this.#graph.dependentsOf(item).size > 0) {
      await this.#collectBetween(item, signal);
    } else if (dangling.length + waiting.length > 0) {
      await this.#requests.delete(item, policyOf(item), signal);
    }
  }

  /** The item stands between an owner who waits for it and dependents of its own: they go first. */
  async #collectBetween(item: Item, signal: AbortSignal): Promise<void> {
    const inCircle = [...this.#graph.dependentsOf(item)].some(takesDependents);
    if (!inCircle) return this.#requests.delete(item, 'Foreground', signal);
    // Everybody would wait for everybody: the item no longer holds up its owners.
    const ownerReferences = item.references.map((reference) =>
      reference.blockOwnerDeletion === true ? { ...reference, blockOwnerDeletion: false } : reference,
    );
    if (item.references.some(({ blockOwnerDeletion }) => blockOwnerDeletion === true)) {
      return this.#requests.patch(item, { ownerReferences }, signal);
    }
    return this.#requests.delete(item, 'Foreground', signal);
  }

  #judgementOf(item: Item): Judgement {
    const [solid, dangling, waiting]: [OwnerReference[], OwnerReference[], OwnerReference[]] = [[], [], []];
    for (const [at, reference] of item.references.entries()) {
      const owner = item.owners[at];
      if (owner?.state === 'absent') dangling.push(reference);
      else if (owner !== undefined && takesDependents(this.#graph.itemOfOwner(owner))) waiting.push(reference);
      else solid.push(reference);
    }
    return { solid, dangling, waiting };
  }

  /** An owner in the foreground goes when nobody is left who holds him up. */
  async #takeDependents(item: Item, signal: AbortSignal): Promise<void> {
    const blockers = this.#graph.blockersOf(item);
    for (const blocker of blockers) {
      if (!takesDependents(blocker)) this.judge(blocker);
    }
    if (blockers.length === 0) await this.#release(item, FOREGROUND_FINALIZER, signal);
  }

  async #leaveDependents(item: Item, signal: AbortSignal): Promise<void> {
    if (!item.deleting) return;
    const dependents = [...this.#graph.dependentsOf(item)];
    await inTurn(dependents, COLLECTIONS_AT_ONCE, (dependent) => this.#requests.orphan(dependent, item.uid, signal));
    await this.#release(item, ORPHAN_FINALIZER, signal);
  }

  async #release(item: Item, finalizer: string, signal: AbortSignal): Promise<void> {
    if (!item.finalizers.includes(finalizer)) return;
    const finalizers = item.finalizers.filter((name) => name !== finalizer);
    await this.#requests.patch(item, { finalizers }, signal);
  }
}

/** Whoever put such a finalizer on an object has said how its dependents are to be dealt with. */
function policyOf({ finalizers }: Item): 'Orphan' | 'Foreground' | 'Background' {
  if (finalizers.includes(ORPHAN_FINALIZER)) return 'Orphan';
  return finalizers.includes(FOREGROUND_FINALIZER) ? 'Foreground' : 'Background';
}

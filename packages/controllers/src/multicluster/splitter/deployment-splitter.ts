import { deepEqual } from '@kcp/apimachinery/json/value';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { Change } from '@kcp/client/informer/informer';
import { keyText, type ObjectKey } from '@kcp/client/informer/object-key';
import type { Entry } from '@kcp/client/informer/object-store';
import type { Again } from '@kcp/client/queue/work-queue';
import { Controller } from '../../controller/controller.js';
import type { Environment } from '../../controller/environment.js';
import { ObjectFault } from '../object-fault.js';
import { ObjectFaults } from '../object-faults.js';
import type { DeploymentView, LeafView, RootView } from './deployment-view.js';
import { ROOTS_AT_ONCE } from './limits.js';
import { type Plan, planOf } from './plan.js';
import { rootStatus } from './root-status.js';
import { BY_ROOT, rootText, SplitFeeds } from './split-feeds.js';
import { SplitRequests } from './split-requests.js';

type Leaf = Entry<LeafView>;

/**
 * Distributes Deployments that are assigned to no physical cluster over those that are Ready, in every logical cluster
 * that knows physical ones, and sums up in their status what becomes of the parts.
 */
export class DeploymentSplitter {
  readonly #environment: Environment;
  readonly #feeds: SplitFeeds;
  readonly #requests: SplitRequests;
  readonly #faults: ObjectFaults;
  readonly #controller: Controller<ObjectKey>;

  /** The client of the environment is of all logical clusters. */
  constructor(environment: Environment) {
    this.#environment = environment;
    this.#feeds = new SplitFeeds(environment);
    this.#requests = new SplitRequests(environment.client);
    this.#faults = new ObjectFaults(environment, {
      component: 'kcp-deployment-splitter',
      reason: 'SplitFailed',
      what: 'cannot be distributed',
    });
    this.#controller = new Controller({
      name: 'deployment splitter',
      environment,
      sources: [this.#feeds.definitions],
      textOf: keyText,
      workers: ROOTS_AT_ONCE,
      reconcile: (key, signal) => this.#reconcile(key, signal),
    });
    this.#listen();
  }

  start(): void {
    this.#feeds.start();
    this.#controller.start();
  }

  async stop(): Promise<void> {
    await this.#controller.stop();
    await this.#feeds.stop();
  }

  #listen(): void {
    const { deployments, clusters } = this.#feeds;
    deployments.subscribe((change) => this.#changed(change));
    clusters.subscribe(({ key, before, after }) => {
      if (before?.value.ready !== after?.value.ready || before?.value.deleting !== after?.value.deleting) {
        this.#enqueueRoots(key.cluster);
      }
    });
    this.#feeds.onClustersServed((cluster) => this.#enqueueRoots(cluster));
    for (const feed of [deployments, clusters]) void feed.synced.then(() => this.#enqueueRoots());
  }

  #enqueueRoots(cluster?: ClusterName): void {
    for (const { key, value } of this.#feeds.deployments.entries(cluster)) {
      if (value.kind === 'root') this.#controller.enqueue(key);
    }
  }

  #changed({ key, before, after }: Change<DeploymentView>): void {
    for (const view of new Set([before?.value, after?.value])) {
      if (view?.kind === 'root') this.#controller.enqueue(key);
      else if (view?.kind === 'leaf') this.#controller.enqueue({ ...key, name: view.rootName });
    }
  }

  async #reconcile(key: ObjectKey, signal: AbortSignal): Promise<Again | undefined> {
    const { deployments, clusters } = this.#feeds;
    // Both tell when they are in step.
    if (!deployments.hasSynced || !clusters.hasSynced || !this.#feeds.servesClusters(key.cluster)) return undefined;
    const root = deployments.get(key)?.value;
    const { cluster, namespace, name } = key;
    const leaves = deployments.indexed(BY_ROOT, rootText(cluster, namespace, name)).filter(isLeaf);
    if (root?.kind !== 'root') await this.#removeLeaves(leaves, signal);
    else if (!root.deleting) await this.#settle(key, root, leaves, signal);
    return undefined;
  }

  /** Leaves whose root is gone, or of one that was there before by the same name. */
  async #removeLeaves(leaves: readonly Leaf[], signal: AbortSignal): Promise<void> {
    for (const { key, value } of leaves) {
      if (!value.deleting) await this.#requests.deleteLeaf(key, value.uid, signal);
    }
  }

  async #settle(key: ObjectKey, root: RootView, all: readonly Leaf[], signal: AbortSignal): Promise<void> {
    const leaves = all.filter(({ value }) => value.rootUid === root.uid);
    const views = leaves.map(({ value }) => value);
    const plan = planOf(root, views, this.#feeds.clustersOf(key.cluster));
    try {
      const strangers = all.filter(({ value }) => value.rootUid !== root.uid || plan.leaving.has(value.location));
      await this.#removeLeaves(strangers, signal);
      await this.#applyShares(key, root, leaves, plan, signal);
      await this.#writeStatus(key, root, plan, signal);
      this.#judgeRules(root);
      this.#faults.clear(root.uid);
    } catch (error) {
      const { cluster, namespace, name } = key;
      const subject = { cluster, apiVersion: 'apps/v1', kind: 'Deployment', namespace, name, uid: root.uid };
      this.#faults.tell(subject, error);
      if (!(error instanceof InvalidRules)) throw error;
    }
  }

  /** Leaves that get less come first: there are never more replicas than the root asks for. */
  async #applyShares(
    key: ObjectKey,
    root: RootView,
    leaves: readonly Leaf[],
    { shares }: Plan,
    signal: AbortSignal,
  ): Promise<void> {
    const present = new Map(leaves.map(({ value }) => [value.location, value]));
    const due = [...shares]
      .map(([location, replicas]) => ({ location, replicas, leaf: present.get(location) }))
      .filter(({ replicas, leaf }) => leaf === undefined || isDue(root, leaf, replicas))
      .sort((a, b) => growth(a) - growth(b));
    if (due.length === 0) return;
    const object = await this.#requests.root(key, signal);
    if (object?.metadata.uid !== root.uid || !isAsSeen(object, root)) return;
    for (const { location, replicas, leaf } of due) {
      if (leaf === undefined) await this.#requests.mustBeFree(key, object, location, signal);
      this.#observe(key, await this.#requests.applyLeaf(key, object, location, replicas, signal));
    }
  }

  async #writeStatus(key: ObjectKey, root: RootView, { counted, obstacle }: Plan, signal: AbortSignal): Promise<void> {
    const leaves = this.#feeds.deployments
      .indexed(BY_ROOT, rootText(key.cluster, key.namespace, key.name))
      .filter(isLeaf)
      .map(({ value }) => value)
      .filter(({ rootUid, deleting, location }) => rootUid === root.uid && !deleting && counted.has(location));
    const status = rootStatus(root, leaves, obstacle, this.#environment.clock.now());
    if (deepEqual(status, root.status)) return;
    const written = await this.#requests.writeStatus(key, root.uid, status, signal);
    if (written !== undefined) this.#observe(key, written);
  }

  #observe({ cluster }: ObjectKey, object: KubeObject): void {
    this.#feeds.deployments.observe(cluster, object);
  }

  #judgeRules({ rules }: RootView): void {
    if (rules.wrong.length > 0) throw new InvalidRules(rules.wrong);
  }
}

/** What is distributed all the same, as if they were not there. */
class InvalidRules extends ObjectFault {
  constructor(annotations: readonly string[]) {
    super('InvalidAnnotation', `not a whole number: ${annotations.join(', ')}`);
  }
}

function isLeaf(entry: Entry<DeploymentView>): entry is Leaf {
  return entry.value.kind === 'leaf';
}

/** One that is being deleted is made anew when it is gone. */
function isDue(root: RootView, leaf: LeafView, replicas: number): boolean {
  return !leaf.deleting && (leaf.replicas !== replicas || leaf.spec !== root.spec || leaf.carried !== root.carried);
}

function growth({ replicas, leaf }: { readonly replicas: number; readonly leaf: LeafView | undefined }): number {
  return replicas - (leaf?.replicas ?? 0);
}

/** A root that has changed since it was planned for is planned for once more: the feed will tell. */
function isAsSeen({ metadata }: KubeObject, { generation }: RootView): boolean {
  return (metadata.generation ?? 0) === generation;
}

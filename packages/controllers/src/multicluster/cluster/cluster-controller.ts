import { deepEqual } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { keyText, type ObjectKey } from '@kcp/client/informer/object-key';
import type { Again } from '@kcp/client/queue/work-queue';
import type { Condition } from '../../controller/conditions.js';
import { Controller, type Source } from '../../controller/controller.js';
import type { Environment } from '../../controller/environment.js';
import { unlessGone } from '../../controller/unless-gone.js';
import { BY_LOCATION, type Informers, locationText } from '../apis/informers.js';
import { CLEANUP_FINALIZER, CLUSTERS } from '../apis/names.js';
import { withConditions } from '../apis/observed-conditions.js';
import { type ClusterView, conditionStatus, type ImportView } from '../apis/views.js';
import type { ImportOutcome } from '../import/import-controller.js';
import { CLUSTERS_AT_ONCE } from '../limits.js';
import { KubeconfigRefusal } from '../physical/checked-kubeconfig.js';
import type { PhysicalCluster } from '../physical/physical-cluster.js';
import type { PhysicalClusters } from '../physical/physical-clusters.js';
import { resourceText, type SyncedResource } from '../syncer/synced-resource.js';
import { type CleanupOptions, ClusterCleanup } from './cluster-cleanup.js';
import { KubeconfigSources } from './kubeconfig-sources.js';
import { ready, type SyncMode, type SyncState } from './sync-mode.js';

export interface ClusterControllerOptions {
  readonly environment: Environment;
  readonly informers: Informers;
  readonly sources: readonly Source[];
  readonly physical: PhysicalClusters;
  readonly imports: CleanupOptions['imports'] & { outcome(key: ObjectKey): ImportOutcome | undefined };
  readonly mode: SyncMode;
}

/** What is to be said of a Cluster: nothing new while it is not known yet. */
type Finding = SyncState | { readonly ready: Condition };

/**
 * Looks after the registered clusters: connects to them, says in their Ready condition how they are, has their APIs
 * synced, and cleans up before one goes. Clusters are told apart by logical cluster and name.
 */
export class ClusterController {
  readonly #options: ClusterControllerOptions;
  readonly #controller: Controller<ObjectKey>;
  readonly #kubeconfigs: KubeconfigSources;
  readonly #cleanup: ClusterCleanup;

  constructor(options: ClusterControllerOptions) {
    this.#options = options;
    const { environment, informers, sources, physical } = options;
    this.#controller = new Controller({
      name: 'clusters',
      environment,
      sources: [...sources],
      textOf: keyText,
      workers: CLUSTERS_AT_ONCE,
      reconcile: (key, signal) => this.#reconcile(key, signal),
    });
    this.#kubeconfigs = new KubeconfigSources(environment, (key) => this.#controller.enqueue(key));
    this.#cleanup = new ClusterCleanup(options);
    informers.clusters.subscribe(({ key }) => this.#controller.enqueue(key));
    informers.imports.subscribe(({ key: { cluster }, before, after }) => {
      const location = (after ?? before)?.value.location;
      if (location !== undefined) this.#controller.enqueue({ cluster, namespace: '', name: location });
    });
    physical.listen({ onHealth: (key) => this.#controller.enqueue(key) });
  }

  start(): void {
    this.#controller.start();
  }

  async stop(): Promise<void> {
    await this.#controller.stop();
    this.#kubeconfigs.stop();
    await this.#options.mode.stop();
  }

  /** Looks at a Cluster again: something about it changed elsewhere. */
  look(key: ObjectKey): void {
    this.#controller.enqueue(key);
  }

  async #reconcile(key: ObjectKey, signal: AbortSignal): Promise<Again | undefined> {
    const { informers, physical, mode } = this.#options;
    const cluster = informers.clusters.get(key)?.value;
    if (cluster === undefined) {
      this.#kubeconfigs.forget(key);
      physical.disconnect(key);
      await mode.suspend(key);
      return undefined;
    }
    if (cluster.deleting) return this.#goodbye(key, cluster, signal);
    if (!cluster.hasFinalizer) await this.#hold(key, signal);
    const finding = await this.#look(key, cluster, signal);
    await this.#tell(key, cluster, finding, signal);
    return finding !== undefined && 'again' in finding ? finding.again : undefined;
  }

  async #goodbye(key: ObjectKey, cluster: ClusterView, signal: AbortSignal): Promise<Again | undefined> {
    if (!cluster.hasFinalizer) return undefined;
    // After a restart nobody is connected yet.
    const connected = await this.#connect(key, cluster, signal);
    const { again, ready: told } = await this.#cleanup.run(
      key,
      cluster,
      connected,
      this.#apis(key, () => true),
      signal,
    );
    if (told !== undefined) await this.#tell(key, cluster, { ready: told }, signal);
    return again;
  }

  /** The finalizer is there before anything is done in the physical cluster. */
  async #hold({ cluster, name }: ObjectKey, signal: AbortSignal): Promise<void> {
    const client = this.#options.environment.client.in(cluster);
    const object = await unlessGone(client.get(CLUSTERS, { name }, { signal }));
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) return;
    const { finalizers = [], resourceVersion } = object.metadata;
    if (finalizers.includes(CLEANUP_FINALIZER)) return;
    const value = {
      metadata: {
        finalizers: [...finalizers, CLEANUP_FINALIZER],
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      },
    };
    this.#observe(cluster, await unlessGone(client.patch(CLUSTERS, { name }, { type: 'merge', value }, { signal })));
  }

  async #look(key: ObjectKey, cluster: ClusterView, signal: AbortSignal): Promise<Finding | undefined> {
    const connected = await this.#connect(key, cluster, signal);
    if (connected instanceof KubeconfigRefusal) {
      await this.#options.mode.suspend(key);
      return { ready: ready('False', connected.reason, connected.message) };
    }
    const { health } = connected;
    if (health.state === 'lost') return { ready: ready('False', health.reason, health.message) };
    if (health.state === 'unknown') return firstFinding(cluster, 'Connecting');
    const outcome = this.#options.imports.outcome(key);
    if (outcome === undefined) return firstFinding(cluster, 'ImportingAPIs');
    if (outcome.state === 'failed') {
      return { ready: ready('False', 'ErrorStartingAPIImporter', outcome.message) };
    }
    return this.#options.mode.ensure({ key, cluster, physical: connected }, this.#apis(key, isAvailable), signal);
  }

  async #connect(
    key: ObjectKey,
    cluster: ClusterView,
    signal: AbortSignal,
  ): Promise<PhysicalCluster | KubeconfigRefusal> {
    try {
      const kubeconfig = await this.#kubeconfigs.read(key, cluster.source, signal);
      return this.#options.physical.connect(key, kubeconfig);
    } catch (error) {
      if (!(error instanceof KubeconfigRefusal)) throw error;
      this.#options.physical.disconnect(key);
      return error;
    }
  }

  /** APIs of objects in namespaces that were imported from there. */
  #apis({ cluster, name }: ObjectKey, isWanted: (view: ImportView) => boolean): readonly SyncedResource[] {
    return this.#options.informers.imports
      .indexed(BY_LOCATION, locationText(cluster, name))
      .map(({ value }) => value)
      .filter((view) => view.namespaced && isWanted(view))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ api: { group, version, plural }, kind, namespaced, hasStatus }) => ({
        group,
        version,
        resource: plural,
        kind,
        namespaced,
        hasStatus,
      }));
  }

  async #tell(key: ObjectKey, cluster: ClusterView, finding: Finding | undefined, signal: AbortSignal): Promise<void> {
    if (finding === undefined) return;
    const now = this.#options.environment.clock.now();
    const conditions = withConditions(cluster.conditions, [finding.ready], cluster.generation, now);
    const synced = 'synced' in finding ? finding.synced.map(resourceText) : cluster.syncedResources;
    if (conditions === cluster.conditions && deepEqual([...synced], [...cluster.syncedResources])) return;
    const client = this.#options.environment.client.in(key.cluster);
    const value = { status: { conditions: [...conditions], syncedResources: [...synced] } };
    const options = { subresource: 'status', signal };
    const written = client.patch(CLUSTERS, { name: key.name }, { type: 'merge', value }, options);
    this.#observe(key.cluster, await unlessGone(written));
  }

  #observe(cluster: ObjectKey['cluster'], written: KubeObject | undefined): void {
    if (written !== undefined) this.#options.informers.clusters.observe(cluster, written);
  }
}

/** Agreed on and served. */
function isAvailable({ conditions }: ImportView): boolean {
  return conditionStatus(conditions, 'Compatible') === 'True' && conditionStatus(conditions, 'Available') === 'True';
}

/** What was said before holds until something is known: a restart of the controller is nobody's loss. */
function firstFinding({ conditions }: ClusterView, reason: string): Finding | undefined {
  return conditionStatus(conditions, 'Ready') === '' ? { ready: ready('Unknown', reason) } : undefined;
}

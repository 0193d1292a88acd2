import type { ObjectKey } from '@kcp/client/informer/object-key';
import type { Again } from '@kcp/client/queue/work-queue';
import type { Condition } from '../../controller/conditions.js';
import type { Environment } from '../../controller/environment.js';
import { unlessGone } from '../../controller/unless-gone.js';
import { CLEANUP_FINALIZER, CLUSTERS, FORGET_ANNOTATION } from '../apis/names.js';
import type { ClusterView } from '../apis/views.js';
import { CLEANUP_RETRY_MS } from '../limits.js';
import { KubeconfigRefusal } from '../physical/checked-kubeconfig.js';
import type { PhysicalCluster } from '../physical/physical-cluster.js';
import type { PhysicalClusters } from '../physical/physical-clusters.js';
import type { SyncedResource } from '../syncer/synced-resource.js';
import { ready, type SyncMode } from './sync-mode.js';

export interface CleanupOptions {
  readonly environment: Environment;
  readonly physical: PhysicalClusters;
  readonly imports: { removeAll(key: ObjectKey, signal: AbortSignal): Promise<void> };
  readonly mode: SyncMode;
}

/** How far a cleanup came; without either, the Cluster is gone. */
export interface CleanupState {
  readonly again?: Again;
  readonly ready?: Condition;
}

/**
 * Takes leave of a physical cluster: ends the syncing, removes what was installed there and the imports here, and lets
 * the Cluster go. One that cannot be reached is waited for, unless its annotation says that it may be forgotten.
 */
export class ClusterCleanup {
  readonly #options: CleanupOptions;

  constructor(options: CleanupOptions) {
    this.#options = options;
  }

  async run(
    key: ObjectKey,
    cluster: ClusterView,
    connected: PhysicalCluster | KubeconfigRefusal,
    apis: readonly SyncedResource[],
    signal: AbortSignal,
  ): Promise<CleanupState> {
    const { physical, mode, imports } = this.#options;
    const reachable = !(connected instanceof KubeconfigRefusal) && connected.health.state === 'alive';
    // Where nothing is synced, nothing is to be cleaned up.
    const isClean = cluster.syncedResources.length === 0;
    if (!reachable && !isClean && !cluster.forget) return waiting(connected);
    await mode.remove(key, reachable && !cluster.forget ? connected : undefined, apis, signal);
    await imports.removeAll(key, signal);
    await this.#letGo(key, signal);
    physical.disconnect(key);
    return {};
  }

  async #letGo({ cluster, name }: ObjectKey, signal: AbortSignal): Promise<void> {
    const client = this.#options.environment.client.in(cluster);
    const object = await unlessGone(client.get(CLUSTERS, { name }, { signal }));
    if (object === undefined) return;
    const { finalizers = [], resourceVersion } = object.metadata;
    const left = finalizers.filter((one) => one !== CLEANUP_FINALIZER);
    const value = {
      metadata: {
        finalizers: left.length === 0 ? null : left,
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      },
    };
    await unlessGone(client.patch(CLUSTERS, { name }, { type: 'merge', value }, { signal }));
  }
}

function waiting(connected: PhysicalCluster | KubeconfigRefusal): CleanupState {
  const why =
    connected instanceof KubeconfigRefusal
      ? connected.message
      : connected.health.state === 'lost'
        ? connected.health.message
        : undefined;
  if (why === undefined) return { again: { afterMs: CLEANUP_RETRY_MS } };
  const hint = `annotate it with ${FORGET_ANNOTATION}=true to let it go as it is`;
  const message = `it is deleted but cannot be cleaned up (${why}); ${hint}`;
  return { again: { afterMs: CLEANUP_RETRY_MS }, ready: ready('False', 'CleanupBlocked', message) };
}

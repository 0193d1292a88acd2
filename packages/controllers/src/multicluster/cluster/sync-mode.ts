import type { ObjectKey } from '@kcp/client/informer/object-key';
import type { Again } from '@kcp/client/queue/work-queue';
import type { Condition } from '../../controller/conditions.js';
import type { ClusterView } from '../apis/views.js';
import type { PhysicalCluster } from '../physical/physical-cluster.js';
import type { SyncedResource } from '../syncer/synced-resource.js';

/** A registered cluster that can be reached. */
export interface SyncSite {
  readonly key: ObjectKey;
  readonly cluster: ClusterView;
  readonly physical: PhysicalCluster;
}

export interface SyncState {
  readonly ready: Condition;
  readonly synced: readonly SyncedResource[];
  /** When this is to be looked at again, where nobody tells of a change. */
  readonly again?: Again;
}

/** How objects come to physical clusters. */
export interface SyncMode {
  /** Sees to it that these types are synced, and says how that stands. Called again whenever something may have changed. */
  ensure(site: SyncSite, apis: readonly SyncedResource[], signal: AbortSignal): Promise<SyncState>;
  /** Stops what is here; everything is to go on where it was. */
  suspend(key: ObjectKey): Promise<void>;
  /**
   * Ends the syncing to a cluster for good. With `physical`, what was installed there is removed, which rejects when the
   * cluster cannot be reached; without, only what is here. Objects of these types are let go of.
   */
  remove(
    key: ObjectKey,
    physical: PhysicalCluster | undefined,
    apis: readonly SyncedResource[],
    signal: AbortSignal,
  ): Promise<void>;
  stop(): Promise<void>;
}

export function ready(status: Condition['status'], reason: string, message = ''): Condition {
  return { type: 'Ready', status, reason, message };
}

/** Somebody else runs the syncers. */
export const NO_SYNC: SyncMode = {
  ensure: async (_site, apis) => ({ ready: ready('True', 'ClusterReachable'), synced: apis }),
  suspend: async () => {},
  remove: async () => {},
  stop: async () => {},
};

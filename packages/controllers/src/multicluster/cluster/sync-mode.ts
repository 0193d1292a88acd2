import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import type { ObjectKey } from '@kcp/client/informer/object-key';
import type { Condition } from '../../controller/conditions.js';
import type { ClusterView } from '../apis/views.js';
import type { PhysicalCluster } from '../physical/physical-cluster.js';

/** A type that is synced to a physical cluster. */
export interface SyncedApi extends GroupVersionResource {
  readonly kind: string;
  readonly namespaced: boolean;
  readonly hasStatus: boolean;
}

/** A registered cluster that can be reached. */
export interface SyncSite {
  readonly key: ObjectKey;
  readonly cluster: ClusterView;
  readonly physical: PhysicalCluster;
}

export interface SyncState {
  readonly ready: Condition;
  readonly synced: readonly SyncedApi[];
}

/** How objects come to physical clusters. */
export interface SyncMode {
  /** Sees to it that these types are synced, and says how that stands. Called again whenever something may have changed. */
  ensure(site: SyncSite, apis: readonly SyncedApi[], signal: AbortSignal): Promise<SyncState>;
  /**
   * Ends the syncing to a cluster. With `physical`, what was installed there is removed, which rejects when the cluster
   * cannot be reached; without, only what is here.
   */
  remove(key: ObjectKey, physical: PhysicalCluster | undefined, signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

export function ready(status: Condition['status'], reason: string, message = ''): Condition {
  return { type: 'Ready', status, reason, message };
}

/** Somebody else runs the syncers. */
export const NO_SYNC: SyncMode = {
  ensure: async (_site, apis) => ({ ready: ready('True', 'ClusterReachable'), synced: apis }),
  remove: async () => {},
  stop: async () => {},
};

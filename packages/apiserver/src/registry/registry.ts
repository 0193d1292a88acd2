import type { WatchCache } from '@kcp/storage/cache';
import type { Store } from '@kcp/storage/store';
import type { AdmissionChain } from '../admission/admission.js';
import type { Clock } from '../clock.js';
import type { ResourceCatalog } from './catalog.js';
import type { LogicalClusters } from './logical-clusters.js';

/** What the one write path and the one read path stand on. Made once per server. */
export interface Registry {
  readonly store: Store;
  readonly cache: WatchCache;
  readonly catalog: ResourceCatalog;
  readonly clusters: LogicalClusters;
  readonly admission: AdmissionChain;
  readonly clock: Clock;
}

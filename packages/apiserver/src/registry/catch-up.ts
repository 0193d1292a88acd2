import { newTooLargeResourceVersion } from '@kcp/apimachinery/errors/status-error';
import type { WatchCache } from '@kcp/storage/cache';
import type { Revision } from '@kcp/storage/store';
import { FRESHNESS_WAIT_MS } from '../limits.js';

/**
 * Waits until the cache shows `wanted`: at once with a store within this process, a moment with one elsewhere. Throws 504
 * when it lasts too long.
 */
export async function catchUp(cache: Pick<WatchCache, 'revision' | 'waitFor'>, wanted: Revision): Promise<void> {
  if (cache.revision >= wanted) return;
  const deadline = AbortSignal.timeout(FRESHNESS_WAIT_MS);
  try {
    await cache.waitFor(wanted, deadline);
  } catch (error) {
    if (deadline.aborted) throw newTooLargeResourceVersion(String(wanted), String(cache.revision));
    throw error;
  }
}

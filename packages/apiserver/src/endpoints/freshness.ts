import { newTooLargeResourceVersion, type StatusError } from '@kcp/apimachinery/errors/status-error';
import type { ResourceCache } from '@kcp/storage/cache';
import type { ApiRequest } from '../http/exchange.js';
import { FRESHNESS_WAIT_MS } from '../limits.js';
import type { Registry } from '../registry/registry.js';
import type { ResourceType } from '../registry/resource-type.js';

/**
 * The cache of a type, at least as new as everything acknowledged before the call, and as `minimum` when that is
 * above 0. The signal is made only for a request that has to wait. Waits a bounded time for a revision that is yet to come, then throws 504.
 */
export async function freshCache(
  registry: Registry,
  type: ResourceType,
  minimum: number,
  request: Pick<ApiRequest, 'signal'>,
): Promise<ResourceCache> {
  const cache = registry.cache.loaded(type.storage) ?? (await registry.cache.resource(type.storage));
  // Where others write to the store too, only the store knows what they had acknowledged.
  const latest = minimum > 0 ? registry.store.revision : registry.store.latest();
  const wanted = Math.max(minimum, typeof latest === 'number' ? latest : await latest);
  if (registry.cache.revision < wanted) await waitForRevision(registry, wanted, request.signal);
  return cache;
}

async function waitForRevision(registry: Registry, wanted: number, signal: AbortSignal): Promise<void> {
  const deadline = new AbortController();
  const cancel = registry.clock.after(FRESHNESS_WAIT_MS, () => deadline.abort(tooLarge(registry, wanted)));
  try {
    await registry.cache.waitFor(wanted, AbortSignal.any([signal, deadline.signal]));
  } catch (error) {
    if (deadline.signal.aborted && !signal.aborted) throw tooLarge(registry, wanted);
    throw error;
  } finally {
    cancel();
  }
}

function tooLarge(registry: Registry, wanted: number): StatusError {
  return newTooLargeResourceVersion(String(wanted), String(registry.cache.revision));
}

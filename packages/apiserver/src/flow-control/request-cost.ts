import type { ResourceAttributes } from '../authz/authorizer.js';
import { BODY_BYTES_PER_SEAT, OBJECTS_PER_SEAT, SEATS_MAX } from '../limits.js';
import type { Registry } from '../registry/registry.js';
import type { RequestInfo } from '../request/request-info.js';

/**
 * Seats that a request takes: one, and more for a list, by the number of objects that it walks over (upstream's estimate),
 * and for a body, by its length. `length`: as the client names it.
 */
export function requestSeats(
  { cache, catalog }: Pick<Registry, 'cache' | 'catalog'>,
  { scope, query }: RequestInfo,
  { verb, group, version, resource, namespace }: ResourceAttributes,
  length?: string,
): number {
  if (verb !== 'list' && verb !== 'deletecollection') return bodySeats(length);
  const type = catalog.lookup(scope, group, version, resource);
  const count = type && cache.loaded(type.storage)?.count(scope, namespace);
  if (count === undefined) return 1;
  const limit = Number(query.get('limit'));
  // A page with a selector may have to look at everything.
  const narrowed = query.get('labelSelector') !== '' || query.get('fieldSelector') !== '';
  const walked = limit > 0 && !narrowed ? Math.min(limit, count) : count;
  return Math.min(SEATS_MAX, Math.max(1, Math.ceil(walked / OBJECTS_PER_SEAT)));
}

/** A length that is not named counts for little: most that have none are small. */
function bodySeats(length: string | undefined): number {
  const bytes = Number(length);
  return bytes > BODY_BYTES_PER_SEAT ? Math.min(SEATS_MAX, Math.ceil(bytes / BODY_BYTES_PER_SEAT)) : 1;
}

import type { CachedObject, CacheEvent } from '@kcp/storage/cache';

const OWNERS = Buffer.from('"ownerReferences"');
const DELETION = Buffer.from('"deletionTimestamp"');

/**
 * Whether an object may have owners or is being deleted. It is looked at as bytes, never parsed: almost no object of a
 * busy server concerns anybody's ownership. An object that has such a word in its data is taken for one that does.
 */
export function concernsOwnership(object: CachedObject): boolean {
  const { bytes } = object;
  return bytes.includes(OWNERS) || bytes.includes(DELETION);
}

/** Whether a change does: every deletion, as whoever goes may have been an owner, and what was or is such an object. */
export function changesOwnership({ type, object, previous }: CacheEvent): boolean {
  return type === 'DELETED' || concernsOwnership(object) || (previous !== undefined && concernsOwnership(previous));
}

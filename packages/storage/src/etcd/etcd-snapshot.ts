import { REGISTRY_PREFIX, type StoreKey } from '../key.js';
import { SNAPSHOT_PAGE_ITEMS } from '../limits.js';
import { writeSnapshot } from '../snapshot/snapshot-writer.js';
import type { Store } from '../store.js';
import { RANGE_ITEMS_MAX, SNAPSHOT_PAGE_BYTES } from './limits.js';

/**
 * Writes one revision of everything below the prefix to a file, page by page. etcd looks at all keys for each page, so they
 * are as large as their objects allow.
 */
export async function writeEtcdSnapshot(store: Pick<Store, 'latest' | 'list'>, file: string): Promise<void> {
  const at = await store.latest();
  let limit = SNAPSHOT_PAGE_ITEMS;
  await writeSnapshot(file, at, async (start) => {
    const after = start === '' ? {} : { after: start.slice(0, -1) as StoreKey };
    const { items } = await store.list(REGISTRY_PREFIX, { at, limit, ...after });
    const bytes = items.reduce((sum, { value }) => sum + value.length, 1);
    limit = Math.min(Math.ceil((SNAPSHOT_PAGE_BYTES * items.length) / bytes), RANGE_ITEMS_MAX) || limit;
    return items;
  });
}

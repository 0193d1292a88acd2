import { resourcePrefix, type StorageResource, type StoreKey } from '../key.js';
import type { Revision, Store, StoredValue, StoreEvent } from '../store.js';
import { SortedTree } from '../tree/sorted-tree.js';
import { CacheEntry, readableEntry } from './cached-object.js';
import { EventRing, type RingLimits } from './event-ring.js';
import { ResourceEvent } from './resource-event.js';
import { isPath } from './resource-path.js';

/** The objects of a resource, read page by page while writers go on. */
export interface LoadedPages {
  readonly paths: string[];
  readonly entries: CacheEntry[];
  /** Each object is at least as new as this. */
  readonly from: Revision;
  /** No object is newer than this. */
  readonly to: Revision;
}

export async function loadPages(store: Store, resource: StorageResource, pageItems: number): Promise<LoadedPages> {
  const prefix = resourcePrefix(resource);
  const paths: string[] = [];
  const entries: CacheEntry[] = [];
  let from: Revision | undefined;
  let after: StoreKey | undefined;
  for (;;) {
    const page = await store.list(prefix, { limit: pageItems, ...(after === undefined ? {} : { after }) });
    from ??= page.revision;
    for (const item of page.items) {
      const path = item.key.slice(prefix.length);
      if (!isPath(resource, path)) continue;
      paths.push(path);
      entries.push(CacheEntry.fromStored(path, item, resource.sharedMember));
    }
    after = page.items[page.items.length - 1]?.key;
    if (!page.more || after === undefined) return { paths, entries, from, to: page.revision };
  }
}

/**
 * Brings the pages, which show different revisions, and the events since before the first page together: the newest
 * state, and the history. An object whose page was read after an event already has it in; its revision tells. An object
 * that cannot be read is none, as in a resource that is loaded.
 */
export function joinHistory(
  resource: StorageResource,
  pages: LoadedPages,
  events: readonly StoreEvent[],
  limits: RingLimits,
  floor: Revision,
): { tree: SortedTree<CacheEntry>; ring: EventRing } {
  const tree = SortedTree.fromSorted(pages.paths, pages.entries);
  const ring = new EventRing(limits, floor);
  const last = new Map<string, CacheEntry>();
  const prefix = resourcePrefix(resource);
  const share = (path: string, stored: StoredValue): CacheEntry | undefined => {
    for (const known of [last.get(path), tree.get(path)]) if (known?.revision === stored.modRevision) return known;
    const read = readableEntry(path, stored, resource.sharedMember);
    return read instanceof CacheEntry ? read : undefined;
  };
  for (const event of events) {
    const path = (event.type === 'put' ? event.current.key : event.previous.key).slice(prefix.length);
    if (!isPath(resource, path)) continue;
    const previous = event.previous === undefined ? undefined : share(path, event.previous);
    const object = event.type === 'put' ? share(path, event.current) : undefined;
    if (object !== undefined) {
      ring.push(ResourceEvent.put(object, previous));
      last.set(path, object);
    } else if (previous !== undefined) {
      ring.push(ResourceEvent.deletion(previous, event.revision));
      last.delete(path);
    }
    if (event.revision > pages.from) bring(tree, path, event.revision, object);
    while (ring.dropExcess(ring.end) !== undefined);
  }
  return { tree, ring };
}

/** What an event made of an object, unless what is there is newer. */
function bring(tree: SortedTree<CacheEntry>, path: string, revision: Revision, object: CacheEntry | undefined): void {
  const known = tree.get(path);
  if (known !== undefined && known.revision >= revision) return;
  if (object !== undefined) tree.set(path, object);
  else if (known !== undefined) tree.delete(path);
}

import type { StorageError } from '../errors.js';
import { resourcePrefix, type StorageResource, type StoreKey } from '../key.js';
import type { Revision, Store, StoredValue, StoreEvent } from '../store.js';
import { SortedTree } from '../tree/sorted-tree.js';
import { CacheEntry, readableEntry } from './cached-object.js';
import { EventRing, type RingLimits } from './event-ring.js';
import { ResourceEvent } from './resource-event.js';
import { isPath } from './resource-path.js';
import { Unreadable } from './unreadable.js';

/** A resource at its newest state, and how it came there. */
export interface LoadedResource {
  readonly tree: SortedTree<CacheEntry>;
  readonly ring: EventRing;
  readonly unreadable: Unreadable;
}

/** The objects of a resource, read page by page while writers go on. */
export interface LoadedPages {
  readonly paths: string[];
  readonly entries: CacheEntry[];
  readonly unreadable: Unreadable;
  /** Each object is at least as new as this. */
  readonly from: Revision;
  /** No object is newer than this. */
  readonly to: Revision;
}

export async function loadPages(store: Store, resource: StorageResource, pageItems: number): Promise<LoadedPages> {
  const prefix = resourcePrefix(resource);
  const paths: string[] = [];
  const entries: CacheEntry[] = [];
  const unreadable = new Unreadable();
  let from: Revision | undefined;
  let after: StoreKey | undefined;
  for (;;) {
    const page = await store.list(prefix, { limit: pageItems, ...(after === undefined ? {} : { after }) });
    from ??= page.revision;
    for (const item of page.items) {
      const path = item.key.slice(prefix.length);
      if (!isPath(resource, path)) continue;
      const read = readableEntry(path, item, resource.sharedMember);
      if (read instanceof CacheEntry) {
        paths.push(path);
        entries.push(read);
      } else unreadable.put(path, item.modRevision, read);
    }
    after = page.items[page.items.length - 1]?.key;
    if (!page.more || after === undefined) return { paths, entries, unreadable, from, to: page.revision };
  }
}

/**
 * Brings the pages, which show different revisions, and the events since before the first page together: the newest
 * state, and the history. An object whose page was read after an event already has it in; its revision tells. A value that
 * cannot be read has no place in the history.
 */
export function joinHistory(
  resource: StorageResource,
  pages: LoadedPages,
  events: readonly StoreEvent[],
  limits: RingLimits,
  floor: Revision,
): LoadedResource {
  const tree = SortedTree.fromSorted(pages.paths, pages.entries);
  const ring = new EventRing(limits, floor);
  const { unreadable } = pages;
  const last = new Map<string, CacheEntry>();
  const prefix = resourcePrefix(resource);
  const share = (path: string, stored: StoredValue): CacheEntry | StorageError => {
    for (const known of [last.get(path), tree.get(path)]) if (known?.revision === stored.modRevision) return known;
    return readableEntry(path, stored, resource.sharedMember);
  };
  const replaced = (path: string, stored: StoredValue | undefined): CacheEntry | undefined => {
    const previous = stored === undefined ? undefined : share(path, stored);
    return previous instanceof CacheEntry ? previous : last.get(path);
  };
  for (const event of events) {
    const path = (event.type === 'put' ? event.current.key : event.previous.key).slice(prefix.length);
    if (!isPath(resource, path)) continue;
    const previous = replaced(path, event.previous);
    const object = event.type === 'put' ? share(path, event.current) : undefined;
    if (object instanceof CacheEntry) {
      ring.push(ResourceEvent.put(object, previous));
      last.set(path, object);
    } else if (object !== undefined) {
      if (previous !== undefined) last.set(path, previous);
    } else if (previous !== undefined) {
      ring.push(ResourceEvent.deletion(previous, event.revision));
      last.delete(path);
    }
    if (event.revision > pages.from) bring({ tree, ring, unreadable }, path, event.revision, object);
    while (ring.dropExcess(ring.end) !== undefined);
  }
  return { tree, ring, unreadable };
}

/** What an event made of an object (undefined: it is gone), unless what is there is newer. */
function bring(
  { tree, unreadable }: LoadedResource,
  path: string,
  revision: Revision,
  object: CacheEntry | StorageError | undefined,
): void {
  const known = unreadable.revisionOf(path) ?? tree.get(path)?.revision;
  if (known !== undefined && known >= revision) return;
  unreadable.delete(path);
  if (object instanceof CacheEntry) tree.set(path, object);
  else if (object !== undefined) unreadable.put(path, revision, object);
  else if (tree.get(path) !== undefined) tree.delete(path);
}

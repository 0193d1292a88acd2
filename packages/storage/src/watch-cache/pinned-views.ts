import { PINNED_VIEWS_MAX } from '../limits.js';
import type { Revision } from '../store.js';
import type { TreeView } from '../tree/sorted-tree.js';
import type { CacheEntry } from './cached-object.js';

/** Old states of one resource that a paged list may come back to. The least recently used one goes first. */
export class PinnedViews {
  readonly #views = new Map<Revision, TreeView<CacheEntry>>();

  get(revision: Revision): TreeView<CacheEntry> | undefined {
    const view = this.#views.get(revision);
    if (view !== undefined) this.set(revision, view);
    return view;
  }

  set(revision: Revision, view: TreeView<CacheEntry>): void {
    this.#views.delete(revision);
    this.#views.set(revision, view);
    if (this.#views.size <= PINNED_VIEWS_MAX) return;
    for (const oldest of this.#views.keys()) {
      this.#views.delete(oldest);
      return;
    }
  }

  /** Lets go of states that the store has forgotten too, and with them of the objects that only they hold. */
  prune(compacted: Revision): void {
    for (const revision of this.#views.keys()) if (revision < compacted) this.#views.delete(revision);
  }
}

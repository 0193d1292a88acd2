import type { CacheEvent, MemoSlot } from '../cache.js';
import type { ObjectKey } from '../key.js';
import type { Revision } from '../store.js';
import type { CacheEntry } from './cached-object.js';
import { MemoTable } from './memo.js';

/** One change in the history of one resource. */
export class ResourceEvent implements CacheEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: Revision;
  readonly object: CacheEntry;
  readonly previous: CacheEntry | undefined;
  readonly key: ObjectKey;
  /** Position in the resource's history, counted from the first event ever. Given by the ring. */
  sequence = -1;
  #previousAtEvent: CacheEntry | undefined;
  #memos: MemoTable | undefined;

  private constructor(type: CacheEvent['type'], object: CacheEntry, previous: CacheEntry | undefined) {
    this.type = type;
    this.revision = object.revision;
    this.object = object;
    this.previous = previous;
    this.key = object.key;
  }

  static put(object: CacheEntry, previous: CacheEntry | undefined): ResourceEvent {
    return new ResourceEvent(previous === undefined ? 'ADDED' : 'MODIFIED', object, previous);
  }

  static deletion(previous: CacheEntry, revision: Revision): ResourceEvent {
    return new ResourceEvent('DELETED', previous.at(revision), previous);
  }

  /** What the event keeps in memory, roughly: both states, of which the next event of the key shares one. */
  get bytes(): number {
    return this.object.ownLength + (this.previous?.ownLength ?? 0);
  }

  previousAtEvent(): CacheEntry | undefined {
    if (this.type === 'DELETED') return this.object;
    this.#previousAtEvent ??= this.previous?.at(this.revision);
    return this.#previousAtEvent;
  }

  memo<T>(slot: MemoSlot<T>, compute: () => T): T {
    this.#memos ??= new MemoTable();
    return this.#memos.get(slot, compute);
  }
}

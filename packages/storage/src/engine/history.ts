import type { StoreKey } from '../key.js';
import { prefixEnd } from '../key-range.js';
import type { ListOptions, Revision, StoredValue, StoreEvent } from '../store.js';
import type { BackendView, HistoryRecord } from './backend.js';

/**
 * The events after `from` up to and including `to`, below `prefix`. A record tells what a change replaced; what it
 * wrote is what the next record of the same key replaced, or the newest value when there is none: so it is read
 * backwards from the newest state.
 */
export function eventsBetween(view: BackendView, prefix: string, from: Revision, to: Revision): StoreEvent[] {
  const records = view.history(from, view.revision);
  const after = new Map<StoreKey, StoredValue | undefined>();
  const events: StoreEvent[] = [];
  for (let i = records.length - 1; i >= 0; i--) {
    const record = records[i] as HistoryRecord;
    if (!record.key.startsWith(prefix)) continue;
    if (record.revision <= to) events.push(eventOf(record, valueAfter(view, after, record)));
    after.set(record.key, record.previous);
  }
  return events.reverse();
}

function valueAfter(
  view: BackendView,
  after: ReadonlyMap<StoreKey, StoredValue | undefined>,
  record: HistoryRecord,
): StoredValue | undefined {
  if (record.kind === 'delete') return undefined;
  return after.has(record.key) ? after.get(record.key) : view.get(record.key);
}

function eventOf(record: HistoryRecord, current: StoredValue | undefined): StoreEvent {
  const { revision, previous } = record;
  if (current !== undefined) return { type: 'put', revision, current, previous };
  if (previous !== undefined) return { type: 'delete', revision, previous };
  throw new Error(`history record ${revision} of ${record.key} fits no state`);
}

/** The keys that were different at an older revision than they are now, with what they were then. */
export class UndoLog {
  readonly #prefix: string;
  readonly #before = new Map<StoreKey, StoredValue | undefined>();
  #seen: Revision;

  /** Starts at the revision to go back to. */
  constructor(prefix: string, at: Revision) {
    this.#prefix = prefix;
    this.#seen = at;
  }

  /** Takes in what changed up to the state that `view` shows. */
  catchUp(view: BackendView): void {
    for (const record of view.history(this.#seen, view.revision)) {
      if (record.key.startsWith(this.#prefix) && !this.#before.has(record.key)) {
        this.#before.set(record.key, record.previous);
      }
    }
    this.#seen = view.revision;
  }

  /** Values of the older state with `start` <= key < `end`. Call `catchUp` with the same view before. */
  range(view: BackendView, start: string, end: string, limit: number): StoredValue[] {
    const undone: StoredValue[] = [];
    let touched = 0;
    for (const [key, value] of this.#before) {
      if (key < start || key >= end) continue;
      touched++;
      if (value !== undefined) undone.push(value);
    }
    // Each touched key takes at most one of the newest values away, so so many more are enough.
    const newest = view.range(start, end, limit + touched);
    const items = touched === 0 ? newest : newest.filter((item) => !this.#before.has(item.key));
    return undone.length === 0 ? items.slice(0, limit) : merge(items, undone).slice(0, limit);
  }
}

function merge(items: readonly StoredValue[], undone: readonly StoredValue[]): StoredValue[] {
  return [...items, ...undone].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Start (inclusive) and end (exclusive) of the keys that a list asks for. */
export function listRange(prefix: StoreKey, options: ListOptions): readonly [string, string] {
  // No key lies between a string and the same with a NUL behind it.
  const start = options.after === undefined ? prefix : `${options.after}\u0000`;
  return [start, prefixEnd(prefix)];
}

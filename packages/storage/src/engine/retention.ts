import {
  HISTORY_AGE_MS,
  HISTORY_BYTES_MAX,
  HISTORY_ENTRIES_MAX,
  HISTORY_MARK_ENTRIES,
  HISTORY_MARK_MS,
} from '../limits.js';
import type { Revision, StoreEvent } from '../store.js';

/** How long changes stay watchable. A change is forgotten as soon as one of the limits says so. */
export interface RetentionOptions {
  readonly historyEntriesMax?: number;
  readonly historyAgeMs?: number;
  readonly historyBytesMax?: number;
  /** Milliseconds that only ever grow; `performance.now` unless a test says otherwise. */
  readonly now?: () => number;
}

interface Mark {
  readonly revision: Revision;
  readonly time: number;
  /** Bytes of all previous values up to this revision, since the store was opened. */
  readonly bytes: number;
}

/** Knows which revision the history may forget. Coarse: it remembers time and size at marks, not at every change. */
export class Retention {
  readonly #entriesMax: number;
  readonly #ageMs: number;
  readonly #bytesMax: number;
  readonly #now: () => number;
  readonly #marks: Mark[] = [];
  #bytes = 0;
  #newest: Revision;
  #changed: number;

  /** `newest` is the revision at opening: what is older counts as just written, its age being unknown. */
  constructor(options: RetentionOptions, newest: Revision) {
    this.#entriesMax = options.historyEntriesMax ?? HISTORY_ENTRIES_MAX;
    this.#ageMs = options.historyAgeMs ?? HISTORY_AGE_MS;
    this.#bytesMax = options.historyBytesMax ?? HISTORY_BYTES_MAX;
    this.#now = options.now ?? (() => performance.now());
    this.#newest = newest;
    this.#changed = this.#now();
    this.#mark(this.#changed);
  }

  /** Takes note of committed changes. */
  add(events: readonly StoreEvent[]): void {
    for (const event of events) this.#bytes += event.previous?.value.length ?? 0;
    this.#newest = events[events.length - 1]?.revision ?? this.#newest;
    const last = this.#marks[this.#marks.length - 1];
    const time = this.#now();
    this.#changed = time;
    if (last !== undefined && this.#newest - last.revision < HISTORY_MARK_ENTRIES) {
      if (time - last.time < HISTORY_MARK_MS) return;
    }
    this.#mark(time);
  }

  /** Everything up to this revision may be forgotten now. */
  expired(): Revision {
    const time = this.#now();
    if (time - this.#changed > this.#ageMs) return this.#newest;
    let expired = this.#newest - this.#entriesMax;
    let outlived = 0;
    for (const mark of this.#marks) {
      if (time - mark.time <= this.#ageMs && this.#bytes - mark.bytes <= this.#bytesMax) break;
      expired = Math.max(expired, mark.revision);
      outlived++;
    }
    this.#marks.splice(0, outlived);
    return Math.max(0, expired);
  }

  #mark(time: number): void {
    this.#marks.push({ revision: this.#newest, time, bytes: this.#bytes });
  }
}

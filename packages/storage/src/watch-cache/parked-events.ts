import { keyOf } from '../engine/watch-hub.js';
import { PARKED_BYTES_MAX, PARKED_EVENTS_MAX } from '../limits.js';
import type { Revision, StoreEvent } from '../store.js';

/**
 * The last events of resources that are not loaded. A resource that is asked for later (after a restart: every one)
 * takes its history from here, so that its watchers can resume.
 */
export class ParkedEvents {
  #events: StoreEvent[] = [];
  #dropped = 0;
  #bytes = 0;
  #floor: Revision;

  /** `floor`: every event after it is going to be pushed. */
  constructor(floor: Revision) {
    this.#floor = floor;
  }

  /** Every event of an unloaded resource after this revision is here. */
  get floor(): Revision {
    return this.#floor;
  }

  push(event: StoreEvent): void {
    this.#events.push(event);
    this.#bytes += sizeOf(event);
    while (this.#events.length - this.#dropped > PARKED_EVENTS_MAX || this.#bytes > PARKED_BYTES_MAX) this.#drop();
  }

  below(prefix: string): StoreEvent[] {
    return this.#events.slice(this.#dropped).filter((event) => keyOf(event).startsWith(prefix));
  }

  /** The resource keeps its history itself from now on. */
  discard(prefix: string): void {
    this.#events = this.#events.slice(this.#dropped).filter((event) => !keyOf(event).startsWith(prefix));
    this.#dropped = 0;
    this.#bytes = this.#events.reduce((sum, event) => sum + sizeOf(event), 0);
  }

  #drop(): void {
    const event = this.#events[this.#dropped++];
    if (event === undefined) return;
    this.#bytes -= sizeOf(event);
    this.#floor = event.revision;
    if (this.#dropped < PARKED_EVENTS_MAX) return;
    this.#events = this.#events.slice(this.#dropped);
    this.#dropped = 0;
  }
}

function sizeOf(event: StoreEvent): number {
  return (event.type === 'put' ? event.current.value.length : 0) + (event.previous?.value.length ?? 0);
}

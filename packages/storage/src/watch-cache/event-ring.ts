import type { Revision } from '../store.js';
import type { ResourceEvent } from './resource-event.js';

export interface RingLimits {
  readonly eventsMax: number;
  readonly bytesMax: number;
}

/** The last events of one resource, in order, bounded by number and size. */
export class EventRing {
  readonly #limits: RingLimits;
  #events: (ResourceEvent | undefined)[] = [];
  /** Slots at the start of `#events` that are dropped already. */
  #dropped = 0;
  /** Sequence number of `#events[0]`. */
  #base = 0;
  #bytes = 0;
  #floor: Revision;

  /** `floor`: every event after this revision will be pushed. */
  constructor(limits: RingLimits, floor: Revision) {
    this.#limits = limits;
    this.#floor = floor;
  }

  /** Every event after this revision is here. */
  get floor(): Revision {
    return this.#floor;
  }

  /** Sequence number of the oldest event held. */
  get first(): number {
    return this.#base + this.#dropped;
  }

  /** Sequence number that the next event will get. */
  get end(): number {
    return this.#base + this.#events.length;
  }

  push(event: ResourceEvent): void {
    event.sequence = this.end;
    this.#bytes += event.bytes;
    this.#events.push(event);
  }

  /**
   * Removes the oldest event if the ring holds more than it may. The newest one always stays, and so do those behind
   * `seen`, which not all watchers have been offered yet.
   */
  dropExcess(seen: number): ResourceEvent | undefined {
    if (this.first > seen) return undefined;
    const count = this.#events.length - this.#dropped;
    if (count <= 1 || (count <= this.#limits.eventsMax && this.#bytes <= this.#limits.bytesMax)) return undefined;
    const event = this.#events[this.#dropped] as ResourceEvent;
    this.#events[this.#dropped++] = undefined;
    this.#bytes -= event.bytes;
    this.#floor = event.revision;
    if (this.#dropped * 2 > this.#events.length) this.#closeGap();
    return event;
  }

  at(sequence: number): ResourceEvent | undefined {
    return sequence < this.first ? undefined : this.#events[sequence - this.#base];
  }

  /** Sequence number of the first event after `revision`. */
  after(revision: Revision): number {
    let low = this.#dropped;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle] as ResourceEvent).revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#base + low;
  }

  #closeGap(): void {
    this.#events = this.#events.slice(this.#dropped);
    this.#base += this.#dropped;
    this.#dropped = 0;
  }
}

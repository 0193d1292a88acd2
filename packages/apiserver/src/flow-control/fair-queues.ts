import { choosePlace, type Place } from './choose-place.js';

/** Something that waits for its turn. */
export interface Waiter {
  readonly seats: number;
  /** Its turn has come. */
  run(): void;
}

class Queue implements Place {
  readonly waiters: Waiter[] = [];
  owner: number | undefined;
  /** Seats it has had, in the time of the group that it is in. */
  virtualTime = 0;

  get waiting(): number {
    return this.waiters.length;
  }
}

/** Fair among its queues, whose number never changes: whoever has had least goes first (start-time fair queueing). */
export class FairQueues {
  readonly #queues: readonly Queue[];
  readonly #lengthMax: number;
  #now = 0;
  #waiting = 0;

  constructor(count: number, lengthMax: number) {
    this.#queues = Array.from({ length: count }, () => new Queue());
    this.#lengthMax = lengthMax;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Puts a waiter of a flow into a queue of its hand; false when that one is full. */
  add(hand: readonly number[], flow: number, waiter: Waiter): boolean {
    const queue = choosePlace(this.#queues, hand, flow);
    if (queue.waiting >= this.#lengthMax) return false;
    // Who was idle has saved nothing up.
    if (queue.waiting === 0) queue.virtualTime = Math.max(queue.virtualTime, this.#now);
    queue.owner = queue.waiting === 0 || queue.owner === flow ? flow : undefined;
    queue.waiters.push(waiter);
    this.#waiting++;
    return true;
  }

  /** Takes whoever is next; undefined when nobody waits. */
  take(): Waiter | undefined {
    let next: Queue | undefined;
    for (const queue of this.#queues) {
      if (queue.waiting > 0 && (next === undefined || queue.virtualTime < next.virtualTime)) next = queue;
    }
    const waiter = next?.waiters.shift();
    if (next === undefined || waiter === undefined) return undefined;
    this.#now = next.virtualTime;
    next.virtualTime += waiter.seats;
    this.#waiting--;
    return waiter;
  }

  /** Takes out one who went away. */
  remove(waiter: Waiter): void {
    for (const { waiters } of this.#queues) {
      const at = waiters.indexOf(waiter);
      if (at < 0) continue;
      waiters.splice(at, 1);
      this.#waiting--;
      return;
    }
  }
}

import { choosePlace, type Place } from './choose-place.js';
import { FairClock, leastServed, type Served } from './fair-clock.js';

/** Something that waits for its turn. */
export interface Waiter {
  /** Whose it is: a hash of tenant and user. */
  readonly flow: number;
  readonly seats: number;
  /** Its turn has come. */
  run(): void;
}

/** Whether there is room for somebody now. */
export type May = (waiter: Waiter) => boolean;

class Queue implements Place, Served {
  readonly waiters: Waiter[] = [];
  owner: number | undefined;
  virtualTime = 0;

  get waiting(): number {
    return this.waiters.length;
  }
}

/** Fair among its queues, whose number never changes. Who is first in his queue and has no room lets other queues pass. */
export class FairQueues {
  readonly #queues: readonly Queue[];
  readonly #lengthMax: number;
  readonly #clock = new FairClock();
  #waiting = 0;

  constructor(count: number, lengthMax: number) {
    this.#queues = Array.from({ length: count }, () => new Queue());
    this.#lengthMax = lengthMax;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Puts a waiter into a queue of his flow's hand; false when that one is full. */
  add(hand: readonly number[], waiter: Waiter): boolean {
    const { flow } = waiter;
    const queue = choosePlace(this.#queues, hand, flow);
    if (queue.waiting >= this.#lengthMax) return false;
    if (queue.waiting === 0) this.#clock.joins(queue);
    queue.owner = queue.waiting === 0 || queue.owner === flow ? flow : undefined;
    queue.waiters.push(waiter);
    this.#waiting++;
    return true;
  }

  /** Whether anybody who is first in his queue has room. */
  has(may: May): boolean {
    return this.#turn(may) !== undefined;
  }

  /** Takes whoever is next of those that have room; undefined when nobody is. */
  take(may: May): Waiter | undefined {
    const queue = this.#turn(may);
    const waiter = queue?.waiters.shift();
    if (queue === undefined || waiter === undefined) return undefined;
    this.#clock.serves(queue, waiter.seats);
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

  #turn(may: May): Queue | undefined {
    return leastServed(this.#queues, ({ waiters: [first] }) => first !== undefined && may(first));
  }
}

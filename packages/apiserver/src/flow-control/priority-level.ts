import { turnAgeMs } from '@kcp/apimachinery/turns/turn';
import { SEATS_PER_STEP, TURN_MS } from '../limits.js';
import type { Waiter } from './fair-queues.js';
import { type QueueShape, TenantQueues } from './tenant-queues.js';

/** The seats of the whole server, which levels lend each other while nobody else wants them. */
export class SeatPool {
  readonly seats: number;
  inUse = 0;
  /** Requests that wait, over all levels. */
  waiting = 0;

  constructor(seats: number) {
    this.seats = seats;
  }
}

/** One priority level: so many seats of its own, and a line of those who wait for one. */
export class PriorityLevel {
  readonly name: string;
  readonly limit: number;
  readonly #pool: SeatPool;
  readonly #queues: TenantQueues | undefined;
  #inUse = 0;
  #executing = 0;

  constructor(name: string, limit: number, pool: SeatPool, queues: QueueShape | undefined) {
    this.name = name;
    this.limit = limit;
    this.#pool = pool;
    this.#queues = queues === undefined ? undefined : new TenantQueues(queues);
  }

  get seatsInUse(): number {
    return this.#inUse;
  }

  get executing(): number {
    return this.#executing;
  }

  get waiting(): number {
    return this.#queues?.waiting ?? 0;
  }

  /**
   * Takes seats if they are free and nobody was there before. What takes many and can wait is not begun in a turn that
   * has had enough.
   */
  tryEnter(seats: number): boolean {
    if (this.waiting > 0 || !this.#hasRoom(seats)) return false;
    if (seats > 1 && this.#queues !== undefined && turnAgeMs() > TURN_MS) return false;
    this.#occupy(seats);
    return true;
  }

  /** Puts a request in line; false when there is no room in it. */
  enqueue(cluster: string, user: string, waiter: Waiter): boolean {
    if (this.#queues?.add(cluster, user, waiter) !== true) return false;
    this.#pool.waiting++;
    return true;
  }

  /** Takes a request out of the line. */
  abandon(waiter: Waiter): void {
    const before = this.waiting;
    this.#queues?.remove(waiter);
    if (this.waiting < before) this.#pool.waiting--;
  }

  leave(seats: number): void {
    this.#inUse -= seats;
    this.#executing--;
    this.#pool.inUse -= seats;
  }

  /** Lets in whoever is next, as long as there are seats, and some at a time: their work is yet to be done. */
  dispatch(): void {
    for (let given = 0; given < SEATS_PER_STEP && this.waiting > 0 && this.#hasRoom(1); ) {
      const waiter = this.#queues?.take();
      if (waiter === undefined) return;
      this.#pool.waiting--;
      this.#occupy(waiter.seats);
      given += waiter.seats;
      waiter.run();
    }
  }

  /**
   * Within its own limit a level always has room. Beyond, it borrows what others leave free, unless one of them waits.
   * A request wider than the limit goes in alone.
   */
  #hasRoom(seats: number): boolean {
    if (this.#inUse + seats <= this.limit || this.#inUse === 0) return true;
    const othersWait = this.#pool.waiting > this.waiting;
    return !othersWait && this.#pool.inUse + seats <= this.#pool.seats;
  }

  #occupy(seats: number): void {
    this.#inUse += seats;
    this.#executing++;
    this.#pool.inUse += seats;
  }
}

import { turnAgeMs } from '@kcp/apimachinery/turns/turn';
import { FLOW_SEATS_SHARE, SEATS_PER_STEP, TURN_MS } from '../limits.js';
import type { May, Waiter } from './fair-queues.js';
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
  /** How many seats each flow has in use; a flow that has none is not in it. */
  readonly #flows = new Map<number, number>();
  readonly #flowLimit: number;
  #inUse = 0;
  #executing = 0;

  constructor(name: string, limit: number, pool: SeatPool, queues: QueueShape | undefined) {
    this.name = name;
    this.limit = limit;
    this.#pool = pool;
    this.#queues = queues === undefined ? undefined : new TenantQueues(queues);
    this.#flowLimit = Math.ceil(pool.seats * FLOW_SEATS_SHARE);
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
  tryEnter(flow: number, seats: number): boolean {
    if (this.waiting > 0 || !this.#hasRoom(flow, seats)) return false;
    if (seats > 1 && this.#queues !== undefined && turnAgeMs() > TURN_MS) return false;
    this.#occupy(flow, seats);
    return true;
  }

  /** Puts a request in line; false when there is no room in it. */
  enqueue(tenant: number, waiter: Waiter): boolean {
    if (this.#queues?.add(tenant, waiter) !== true) return false;
    this.#pool.waiting++;
    return true;
  }

  /** Takes a request out of the line. */
  abandon(waiter: Waiter): void {
    const before = this.waiting;
    this.#queues?.remove(waiter);
    if (this.waiting < before) this.#pool.waiting--;
  }

  leave(flow: number, seats: number): void {
    const left = (this.#flows.get(flow) ?? 0) - seats;
    if (left > 0) this.#flows.set(flow, left);
    else this.#flows.delete(flow);
    this.#inUse -= seats;
    this.#executing--;
    this.#pool.inUse -= seats;
  }

  /** Lets in whoever is next, as long as there are seats, and some at a time: their work is yet to be done. */
  dispatch(): void {
    for (let given = 0; given < SEATS_PER_STEP && this.waiting > 0 && this.#hasSeats(1); ) {
      const waiter = this.#queues?.take(this.#may);
      if (waiter === undefined) return;
      this.#pool.waiting--;
      this.#occupy(waiter.flow, waiter.seats);
      given += waiter.seats;
      waiter.run();
    }
  }

  /** One free seat is enough for who has waited. */
  readonly #may: May = ({ flow }) => this.#hasRoom(flow, 1);

  /** No flow has everything: where its requests are stuck, on a slow disk or on a client that is gone, others go on. */
  #hasRoom(flow: number, seats: number): boolean {
    const had = this.#flows.get(flow) ?? 0;
    return (had === 0 || had + seats <= this.#flowLimit) && this.#hasSeats(seats);
  }

  /**
   * Within its own limit a level always has room. Beyond, it borrows what others leave free, unless one of them waits.
   * A request wider than the limit goes in alone.
   */
  #hasSeats(seats: number): boolean {
    if (this.#inUse + seats <= this.limit || this.#inUse === 0) return true;
    const othersWait = this.#pool.waiting > this.waiting;
    return !othersWait && this.#pool.inUse + seats <= this.#pool.seats;
  }

  #occupy(flow: number, seats: number): void {
    this.#flows.set(flow, (this.#flows.get(flow) ?? 0) + seats);
    this.#inUse += seats;
    this.#executing++;
    this.#pool.inUse += seats;
  }
}

import { LEVEL_WAITING_MAX } from '../limits.js';
import { choosePlace, type Place } from './choose-place.js';
import { FairClock, leastServed, type Served } from './fair-clock.js';
import { FairQueues, type May, type Waiter } from './fair-queues.js';
import { dealHand } from './shuffle-shard.js';

export interface QueueShape {
  /** Queues per group of logical clusters, and how many a user may be put into. */
  readonly queues: number;
  readonly handSize: number;
  /** How many may wait in one queue. */
  readonly lengthMax: number;
}

/** Groups that logical clusters are spread over, and how many a cluster may be put into. */
const GROUPS = 32;
const GROUP_HAND = 3;

class Group implements Place, Served {
  readonly queues: FairQueues;
  owner: number | undefined;
  virtualTime = 0;

  constructor({ queues, lengthMax }: QueueShape) {
    this.queues = new FairQueues(queues, lengthMax);
  }

  get waiting(): number {
    return this.queues.waiting;
  }
}

/**
 * Fair between logical clusters first and between the users of a cluster then: a tenant gains nothing by having many
 * users. The number of queues is fixed, so memory is bounded whatever tenants and users there are.
 */
export class TenantQueues {
  readonly #groups: readonly Group[];
  readonly #shape: QueueShape;
  readonly #clock = new FairClock();
  #waiting = 0;

  constructor(shape: QueueShape) {
    this.#shape = shape;
    this.#groups = Array.from({ length: GROUPS }, () => new Group(shape));
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** False when there is no room for more of this flow. `tenant`: a hash of its logical cluster. */
  add(tenant: number, waiter: Waiter): boolean {
    if (this.#waiting >= LEVEL_WAITING_MAX) return false;
    const group = choosePlace(this.#groups, dealHand(tenant, GROUPS, GROUP_HAND), tenant);
    const { waiting } = group;
    if (!group.queues.add(dealHand(waiter.flow, this.#shape.queues, this.#shape.handSize), waiter)) return false;
    if (waiting === 0) this.#clock.joins(group);
    group.owner = waiting === 0 || group.owner === tenant ? tenant : undefined;
    this.#waiting++;
    return true;
  }

  /** Takes whoever is next of those that have room; undefined when nobody is. */
  take(may: May): Waiter | undefined {
    const group = leastServed(this.#groups, ({ queues }) => queues.waiting > 0 && queues.has(may));
    const waiter = group?.queues.take(may);
    if (group === undefined || waiter === undefined) return undefined;
    this.#clock.serves(group, waiter.seats);
    this.#waiting--;
    return waiter;
  }

  remove(waiter: Waiter): void {
    for (const { queues } of this.#groups) {
      const before = queues.waiting;
      queues.remove(waiter);
      if (queues.waiting === before) continue;
      this.#waiting--;
      return;
    }
  }
}

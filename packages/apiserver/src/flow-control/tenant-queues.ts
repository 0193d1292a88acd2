import { LEVEL_WAITING_MAX } from '../limits.js';
import { choosePlace, type Place } from './choose-place.js';
import { FairQueues, type Waiter } from './fair-queues.js';
import { dealHand, hashText } from './shuffle-shard.js';

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

class Group implements Place {
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
  #now = 0;
  #waiting = 0;

  constructor(shape: QueueShape) {
    this.#shape = shape;
    this.#groups = Array.from({ length: GROUPS }, () => new Group(shape));
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** False when there is no room for more of this user's. `user` may be empty: all of a cluster alike. */
  add(cluster: string, user: string, waiter: Waiter): boolean {
    if (this.#waiting >= LEVEL_WAITING_MAX) return false;
    const tenant = hashText(cluster);
    const flow = hashText(user, tenant);
    const group = choosePlace(this.#groups, dealHand(tenant, GROUPS, GROUP_HAND), tenant);
    const { waiting } = group;
    if (!group.queues.add(dealHand(flow, this.#shape.queues, this.#shape.handSize), flow, waiter)) return false;
    if (waiting === 0) group.virtualTime = Math.max(group.virtualTime, this.#now);
    group.owner = waiting === 0 || group.owner === tenant ? tenant : undefined;
    this.#waiting++;
    return true;
  }

  take(): Waiter | undefined {
    let next: Group | undefined;
    for (const group of this.#groups) {
      if (group.waiting > 0 && (next === undefined || group.virtualTime < next.virtualTime)) next = group;
    }
    const waiter = next?.queues.take();
    if (next === undefined || waiter === undefined) return undefined;
    this.#now = next.virtualTime;
    next.virtualTime += waiter.seats;
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

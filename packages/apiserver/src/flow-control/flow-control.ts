import { inNextTurn, turnAgeMs } from '@kcp/apimachinery/turns/turn';
import type { AuthorizationAttributes } from '../authz/authorizer.js';
import type { Clock } from '../clock.js';
import { QUEUE_WAIT_MS_MAX, TURN_MS } from '../limits.js';
import { type Metric, ValueMetric } from '../metrics/metric.js';
import type { Waiter } from './fair-queues.js';
import { type FlowSchema, type LevelSpec, matchesSchema } from './flow-schema.js';
import { PriorityLevel, SeatPool } from './priority-level.js';
import { hashText } from './shuffle-shard.js';

export interface FlowControlConfig {
  /** Requests that are worked on at the same time, counted in seats. */
  readonly seats: number;
  readonly levels: readonly LevelSpec[];
  readonly flows: readonly FlowSchema[];
}

/** Leave to be worked on. `leave` must be called once, when the answer is made. */
export interface Seat {
  leave(): void;
}

export type Refusal = 'queue-full' | 'concurrency-limit' | 'time-out' | 'cancelled';

/** A request that finds no place. The chain answers 429 with Retry-After. */
export class TooBusy extends Error {
  readonly reason: Refusal;

  constructor(reason: Refusal) {
    super(`the request was not let in: ${reason}`);
    this.name = 'TooBusy';
    this.reason = reason;
  }
}

const FREE: Seat = { leave: () => undefined };
const LABELS = ['priority_level', 'flow_schema'];

interface Flow {
  readonly schema: FlowSchema;
  /** Undefined: exempt. */
  readonly level: PriorityLevel | undefined;
}

/** What a request asks for; tenant and flow are hashes. */
interface Wanted {
  readonly tenant: number;
  readonly flow: number;
  readonly seats: number;
}

/** Keeps a crowd of one from holding up all the others: who is let in at once, who waits, who is sent away. */
export class FlowControl {
  readonly #flows: readonly Flow[];
  readonly #levels: readonly PriorityLevel[];
  readonly #pool: SeatPool;
  readonly #clock: Clock;
  /** The next turn lets some in. */
  #later = false;
  readonly #dispatched = metric('counter', 'dispatched_requests_total', 'Requests that were let in.', LABELS);
  readonly #rejected = metric('counter', 'rejected_requests_total', 'Requests that were sent away.', [
    ...LABELS,
    'reason',
  ]);
  readonly #inQueue = metric('gauge', 'current_inqueue_requests', 'Requests that wait.');
  readonly #executing = metric('gauge', 'current_executing_requests', 'Requests that are worked on.');
  readonly #seats = metric('gauge', 'current_executing_seats', 'Seats in use.');
  readonly #limits = metric('gauge', 'nominal_limit_seats', 'Seats that a level has for itself.');

  constructor(config: FlowControlConfig, clock: Clock) {
    this.#clock = clock;
    this.#pool = new SeatPool(config.seats);
    const levels = makeLevels(config, this.#pool);
    this.#levels = [...levels.values()].filter((level) => level !== undefined);
    this.#flows = [...config.flows]
      .sort((a, b) => a.precedence - b.precedence || (a.name < b.name ? -1 : 1))
      .map((schema) => ({ schema, level: levels.get(schema.level) }));
    for (const { name, limit } of this.#levels) this.#limits.set(limit, [name]);
  }

  /**
   * A seat for a request: at once where one is free, else when its turn comes. `seats` is asked only of what is not
   * exempt. Throws TooBusy, or rejects with it.
   */
  enter(attributes: AuthorizationAttributes, seats: () => number, signal: () => AbortSignal): Promise<Seat> | Seat {
    const found = this.#flows.find(({ schema }) => matchesSchema(schema, attributes));
    const level = found?.level;
    if (found === undefined || level === undefined) return FREE;
    const { schema } = found;
    const tenant = hashText(attributes.scope);
    const flow = hashText(flowName(schema, attributes), tenant);
    const wanted = Math.min(seats(), level.limit);
    if (!level.tryEnter(flow, wanted)) {
      return this.#wait(level, schema.name, { tenant, flow, seats: wanted }, signal());
    }
    this.#dispatched.add(1, [level.name, schema.name]);
    return this.#seat(level, flow, wanted);
  }

  /** For the server's metrics. */
  metrics(): readonly Metric[] {
    for (const level of this.#levels) {
      this.#inQueue.set(level.waiting, [level.name]);
      this.#executing.set(level.executing, [level.name]);
      this.#seats.set(level.seatsInUse, [level.name]);
    }
    return [this.#dispatched, this.#rejected, this.#inQueue, this.#executing, this.#seats, this.#limits];
  }

  #seat(level: PriorityLevel, flow: number, seats: number): Seat {
    return {
      leave: () => {
        level.leave(flow, seats);
        if (turnAgeMs() <= TURN_MS) this.#dispatch(level);
        else this.#dispatchLater();
      },
    };
  }

  /** Lets in who waits: at the level whose seat became free first. */
  #dispatch(first: PriorityLevel | undefined): void {
    first?.dispatch();
    for (const level of this.#levels) if (level !== first && level.waiting > 0) level.dispatch();
  }

  /** As long as somebody waits, each turn lets some in; where no seat is free, whoever leaves one does. */
  #dispatchLater(): void {
    if (this.#later || this.#pool.waiting === 0) return;
    this.#later = true;
    inNextTurn(() => {
      this.#later = false;
      const before = this.#pool.waiting;
      this.#dispatch(undefined);
      if (this.#pool.waiting < before) this.#dispatchLater();
    });
  }

  #wait(level: PriorityLevel, schema: string, { tenant, flow, seats }: Wanted, signal: AbortSignal): Promise<Seat> {
    return new Promise((resolve, reject) => {
      const refuse = (reason: Refusal): void => {
        this.#rejected.add(1, [level.name, schema, reason]);
        reject(new TooBusy(reason));
      };
      const settle = (): void => {
        cancel();
        signal.removeEventListener('abort', aborted);
      };
      const run = (): void => {
        settle();
        this.#dispatched.add(1, [level.name, schema]);
        resolve(this.#seat(level, flow, seats));
      };
      const waiter: Waiter = { flow, seats, run };
      const giveUp = (reason: Refusal) => (): void => {
        settle();
        level.abandon(waiter);
        refuse(reason);
      };
      const aborted = giveUp('cancelled');
      let cancel: () => void = () => undefined;
      if (signal.aborted) return refuse('cancelled');
      if (!level.enqueue(tenant, waiter)) {
        return refuse(level.waiting > 0 ? 'queue-full' : 'concurrency-limit');
      }
      this.#dispatchLater();
      cancel = this.#clock.after(QUEUE_WAIT_MS_MAX, giveUp('time-out'));
      signal.addEventListener('abort', aborted, { once: true });
    });
  }
}

function metric(type: 'counter' | 'gauge', name: string, help: string, labels = ['priority_level']): ValueMetric {
  return new ValueMetric(type, `apiserver_flowcontrol_${name}`, help, labels);
}

function flowName({ name, distinguish }: FlowSchema, attributes: AuthorizationAttributes): string {
  if (distinguish === 'user') return `${name}/${attributes.user.name}`;
  return distinguish === 'namespace' && attributes.kind === 'resource' ? `${name}/${attributes.namespace}` : name;
}

function makeLevels({ seats, levels }: FlowControlConfig, pool: SeatPool): Map<string, PriorityLevel | undefined> {
  const shares = levels.reduce((sum, { limited }) => sum + (limited?.shares ?? 0), 0);
  return new Map(
    levels.map(({ name, limited }) => {
      if (limited === undefined) return [name, undefined];
      const limit = Math.max(1, Math.ceil((seats * limited.shares) / shares));
      return [name, new PriorityLevel(name, limit, pool, limited.queues)];
    }),
  );
}

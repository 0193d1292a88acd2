import { CostExceeded } from '../values/cost-exceeded.js';
import type { CelValue } from '../values/value.js';

/** State of one evaluation: the variables in their places, and what it has cost so far. */
export class Frame {
  cost = 0;

  readonly slots: (CelValue | undefined)[];
  private readonly limit: number;

  constructor(slots: (CelValue | undefined)[], limit: number) {
    this.slots = slots;
    this.limit = limit;
  }

  /** Counts cost; ends the evaluation when there is too much of it. */
  charge(cost: number): void {
    this.cost += cost;
    if (this.cost > this.limit) throw new CostExceeded();
  }
}

/** A part of a program. */
export type Step = (frame: Frame) => CelValue;

/**
 * A compiled expression. An attribute (a variable with the selections and indices behind it) counts `base` once as a
 * whole; where it is part of a longer attribute, a branch of a conditional, or an index, only `bare` is run.
 */
export interface Plan {
  readonly run: Step;
  readonly bare: Step;
  readonly attribute: boolean;
  readonly base: number;
  /** The value, where it is known beforehand; it costs nothing. */
  readonly constant: CelValue | undefined;
}

/** A plan that is no attribute. */
export function computed(run: Step): Plan {
  return { run, bare: run, attribute: false, base: 1, constant: undefined };
}

export function constantPlan(value: CelValue): Plan {
  const run = (): CelValue => value;
  return { run, bare: run, attribute: false, base: 1, constant: value };
}

/** An attribute that does `bare` and counts `base` for the whole. */
export function attribute(bare: Step, base: number): Plan {
  if (base === 0) return { run: bare, bare, attribute: true, base, constant: undefined };
  const run: Step = (frame) => {
    const value = bare(frame);
    frame.charge(base);
    return value;
  };
  return { run, bare, attribute: true, base, constant: undefined };
}

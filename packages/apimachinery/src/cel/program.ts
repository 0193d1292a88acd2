import type { CheckedExpr } from './check/checker.js';
import type { Estimates } from './cost/cost-node.js';
import { estimateCost } from './cost/estimator.js';
import type { Range } from './cost/range.js';
import { Frame, type Step } from './eval/frame.js';
import type { Slots } from './eval/slots.js';
import { CEL_COST_PER_CALL } from './limits.js';
import type { CelType } from './types/cel-type.js';
import { CelError } from './values/cel-error.js';
import { CostExceeded } from './values/cost-exceeded.js';
import type { CelValue } from './values/value.js';

/** Values of an environment's variables by name; a function for values that are made on demand. */
export type Bindings = Readonly<Record<string, CelValue>> | ((name: string) => CelValue | undefined);

/** What an evaluation came to. */
export interface Evaluation {
  /** A CelError when it failed. */
  readonly value: CelValue;
  /** Cost units used, also when it failed. */
  readonly cost: number;
  /** The budget was used up; `value` is the error. */
  readonly exceeded: boolean;
}

const NO_ESTIMATES: Estimates = { sizeAt: () => undefined, callCost: () => undefined };

/** A compiled expression; immutable, shared and free of state between evaluations. */
export class Program {
  readonly checked: CheckedExpr;
  private readonly run: Step;
  private readonly slots: Slots;
  private readonly estimates: Estimates;
  private estimated: Range | undefined;

  constructor(checked: CheckedExpr, run: Step, slots: Slots, estimates: Estimates = NO_ESTIMATES) {
    this.estimates = estimates;
    this.checked = checked;
    this.run = run;
    this.slots = slots;
  }

  /** The type of the result. */
  get type(): CelType {
    return this.checked.type;
  }

  /** The least and the most that an evaluation may cost, by the bounds that schemas set; computed once. */
  get estimate(): Range {
    this.estimated ??= estimateCost(this.checked, this.estimates);
    return this.estimated;
  }

  /** Whether the expression refers to a variable of its environment. */
  uses(variable: string): boolean {
    return this.slots.globals.includes(variable);
  }

  /** Evaluates within `limit` cost units. Failures are values; nothing is thrown. */
  evaluate(bindings: Bindings, limit: number = CEL_COST_PER_CALL): Evaluation {
    const frame = this.frame(bindings, limit);
    try {
      const value = this.run(frame);
      return { value, cost: frame.cost, exceeded: false };
    } catch (error) {
      if (!(error instanceof CostExceeded)) throw error;
      return { value: new CelError(error.message), cost: frame.cost, exceeded: true };
    }
  }

  private frame(bindings: Bindings, limit: number): Frame {
    const lookUp = typeof bindings === 'function' ? bindings : (name: string) => bindings[name];
    return new Frame(this.slots.fill(lookUp), limit);
  }
}

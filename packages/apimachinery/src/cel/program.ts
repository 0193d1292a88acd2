import type { CheckedExpr } from './check/checker.js';
import { CostExceeded, Frame, type Step } from './eval/frame.js';
import type { Slots } from './eval/slots.js';
import { CEL_COST_PER_CALL } from './limits.js';
import type { CelType } from './types/cel-type.js';
import { CelError } from './values/cel-error.js';
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

/** A compiled expression; immutable, shared and free of state between evaluations. */
export class Program {
  readonly checked: CheckedExpr;
  private readonly run: Step;
  private readonly slots: Slots;

  constructor(checked: CheckedExpr, run: Step, slots: Slots) {
    this.checked = checked;
    this.run = run;
    this.slots = slots;
  }

  /** The type of the result. */
  get type(): CelType {
    return this.checked.type;
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

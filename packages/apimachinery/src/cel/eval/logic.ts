import { CelError, NO_SUCH_OVERLOAD } from '../values/cel-error.js';
import type { CelValue } from '../values/value.js';
import { attribute, computed, type Plan, type Step } from './frame.js';

/** `a && b`: false if one is false, whatever the other; else the first error. */
export function andPlan(left: Step, right: Step): Plan {
  return computed((frame) => {
    const a = left(frame);
    if (a === false) return false;
    const b = right(frame);
    if (b === false) return false;
    return a === true && b === true ? true : failureOf(a === true ? b : a);
  });
}

/** `a || b`: true if one is true, whatever the other; else the first error. */
export function orPlan(left: Step, right: Step): Plan {
  return computed((frame) => {
    const a = left(frame);
    if (a === true) return true;
    const b = right(frame);
    if (b === true) return true;
    return a === false && b === false ? false : failureOf(a === false ? b : a);
  });
}

/** The error of a value that should have been a bool. */
export function failureOf(value: CelValue): CelValue {
  return value instanceof CelError ? value : NO_SUCH_OVERLOAD;
}

/** `condition ? then : otherwise`, which counts nothing itself. */
export function conditionalPlan(condition: Plan, then: Plan, otherwise: Plan): Plan {
  const [test, yes, no] = [condition.run, then.bare, otherwise.bare];
  const bare: Step = (frame) => {
    const chosen = test(frame);
    if (chosen === true) return yes(frame);
    return chosen === false ? no(frame) : failureOf(chosen);
  };
  return attribute(bare, 0);
}

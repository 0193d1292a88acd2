import type { CelType } from '../types/cel-type.js';
import { CelError } from '../values/cel-error.js';
import { compare } from '../values/compare.js';
import type { CelValue } from '../values/value.js';
import { computed, type Plan, type Step } from './frame.js';

const ORDERS: Readonly<Record<string, (order: number) => boolean>> = {
  '_<_': (order) => order < 0,
  '_<=_': (order) => order <= 0,
  '_>_': (order) => order > 0,
  '_>=_': (order) => order >= 0,
};

/** Ints are compared without a detour; undefined for other types and operators. */
export function comparisonPlan(name: string, types: readonly CelType[], left: Step, right: Step): Plan | undefined {
  if (!types.every((type) => type.kind === 'int')) return undefined;
  switch (name) {
    case '_<_':
      return ints(left, right, name, (a, b) => a < b);
    case '_<=_':
      return ints(left, right, name, (a, b) => a <= b);
    case '_>_':
      return ints(left, right, name, (a, b) => a > b);
    case '_>=_':
      return ints(left, right, name, (a, b) => a >= b);
    default:
      return undefined;
  }
}

function ints(left: Step, right: Step, name: string, test: (a: number, b: number) => boolean): Plan {
  return computed((frame) => {
    const a = left(frame);
    const b = right(frame);
    frame.charge(1);
    return typeof a === 'number' && typeof b === 'number' ? test(a, b) : ordered(name, a, b);
  });
}

function ordered(name: string, a: CelValue, b: CelValue): CelValue {
  if (a instanceof CelError) return a;
  if (b instanceof CelError) return b;
  const order = compare(a, b);
  return order instanceof CelError ? order : (ORDERS[name]?.(order) ?? false);
}

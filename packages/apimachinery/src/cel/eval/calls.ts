import type { Implementation, Overload } from '../check/declarations.js';
import type { CallCost } from '../cost/call-costs.js';
import type { Call, Expr } from '../syntax/expr.js';
import { CelError } from '../values/cel-error.js';
import { equal } from '../values/equal.js';
import { matchesType, typeOf } from '../values/type-of.js';
import { CelList, CelOptional, type CelValue } from '../values/value.js';
import { mapKey } from '../values/value-map.js';
import { comparisonPlan } from './comparisons.js';
import { computed, constantPlan, type Frame, type Plan, type Step } from './frame.js';
import { PlanError } from './plan-error.js';
import type { Planner } from './planner.js';

/** Conversions that are done beforehand when their argument is known. */
const CONVERSIONS: ReadonlySet<string> = new Set([
  'bool',
  'bytes',
  'double',
  'duration',
  'dyn',
  'int',
  'string',
  'timestamp',
  'type',
  'uint',
]);

/** Plans the call of a function whose arguments are all evaluated first. */
export function callPlan(planner: Planner, call: Call, plans: readonly Plan[], operands: readonly Expr[]): Plan {
  const overloads = planner.overloads(call);
  const lazy = lazyPlan(call, overloads, plans);
  if (lazy !== undefined) return lazy;
  const types = operands.map((operand) => planner.typeOf(operand));
  const run = dispatcher(
    planner,
    call,
    overloads,
    types.every((type) => type.kind !== 'dyn' && type.kind !== 'any'),
    plans,
  );
  const only = overloads.length === 1 ? overloads[0] : undefined;
  const [first, second] = plans;
  if (plans.length === 1 && first?.constant !== undefined && CONVERSIONS.has(call.name)) {
    const value = run(first.constant, null, null, null);
    if (value instanceof CelError) throw new PlanError(value.message);
    return constantPlan(value);
  }
  if (only?.id === 'in_list' && first !== undefined && second?.constant instanceof CelList) {
    const member = membershipPlan(first, second.constant);
    if (member !== undefined) return member;
  }
  const cost = planner.costs.costOf(call.name, only?.id ?? '');
  if (first !== undefined && second !== undefined && plans.length === 2) {
    return comparisonPlan(call.name, types, first.run, second.run) ?? binary(first.run, second.run, run, cost);
  }
  return plans.length === 1 && first !== undefined
    ? unary(first.run, run, cost)
    : variadic(
        plans.map((plan) => plan.run),
        run,
        cost,
      );
}

/** Counts what a call costs before it is made, unless that depends on its result. */
function chargeBefore(frame: Frame, cost: CallCost, args: readonly CelValue[]): void {
  if (typeof cost === 'function' && cost.length < 2) frame.charge(cost(args, null));
}

/** Counts what was not counted before. */
function chargeAfter(frame: Frame, cost: CallCost, args: readonly CelValue[], result: CelValue): void {
  if (typeof cost === 'number') frame.charge(cost);
  else if (cost.length >= 2) frame.charge(cost(args, result));
}

function unary(arg: Step, run: Implementation, cost: CallCost): Plan {
  return computed((frame) => {
    const a = arg(frame);
    if (typeof cost === 'number') {
      frame.charge(cost);
      return a instanceof CelError ? a : run(a, null, null, null);
    }
    chargeBefore(frame, cost, [a]);
    const result = a instanceof CelError ? a : run(a, null, null, null);
    chargeAfter(frame, cost, [a], result);
    return result;
  });
}

function binary(left: Step, right: Step, run: Implementation, cost: CallCost): Plan {
  return computed((frame) => {
    const a = left(frame);
    const b = right(frame);
    if (typeof cost === 'number') frame.charge(cost);
    else chargeBefore(frame, cost, [a, b]);
    const result = a instanceof CelError ? a : b instanceof CelError ? b : run(a, b, null, null);
    if (typeof cost !== 'number') chargeAfter(frame, cost, [a, b], result);
    return result;
  });
}

function variadic(args: readonly Step[], run: Implementation, cost: CallCost): Plan {
  return computed((frame) => {
    const values: CelValue[] = [];
    for (const arg of args) {
      const value = arg(frame);
      if (value instanceof CelError) return value;
      values.push(value);
    }
    const [a = null, b = null, c = null, d = null] = values;
    chargeBefore(frame, cost, values);
    const result = run(a, b, c, d);
    chargeAfter(frame, cost, values, result);
    return result;
  });
}

/** The implementation for the arguments: the only one, or chosen by their types at run time. */
function dispatcher(
  planner: Planner,
  call: Call,
  overloads: readonly Overload[],
  typesKnown: boolean,
  plans: readonly Plan[],
): Implementation {
  const [only] = overloads;
  if (only === undefined) return () => new CelError(`no such overload: ${call.name}`);
  const shared = overloads.every((overload) => overload.run === only.run);
  if (overloads.length === 1) {
    const run = only.prepare?.(plans.map((plan) => plan.constant)) ?? only.run;
    return typesKnown || planner.handlesAnyType(call.name) ? run : guarded(call.name, [{ ...only, run }]);
  }
  if (shared && only.anyType) return only.run;
  return guarded(call.name, planner.allOverloads(call));
}

function guarded(name: string, overloads: readonly Overload[]): Implementation {
  return (a, b, c, d) => {
    const args = [a, b, c, d];
    for (const overload of overloads) {
      if (overload.args.every((type, i) => matchesType(type, args[i] ?? null))) return overload.run(a, b, c, d);
    }
    const count = Math.max(...overloads.map((overload) => overload.args.length));
    const names = args.slice(0, count).map((arg) => typeOf(arg).name);
    return new CelError(`no such overload: ${name}(${names.join(', ')})`);
  };
}

/** `or` and `orValue`, which evaluate their argument only when they need it. */
function lazyPlan(call: Call, overloads: readonly Overload[], plans: readonly Plan[]): Plan | undefined {
  const id = overloads.length === 1 ? overloads[0]?.id : undefined;
  if (id !== 'optional_or_optional' && id !== 'optional_orValue_value') return undefined;
  const [left, right] = plans;
  if (left === undefined || right === undefined) return undefined;
  const whole = call.name === 'or';
  return computed((frame) => {
    const value = left.run(frame);
    if (!(value instanceof CelOptional)) return value;
    if (value.value === undefined) return right.run(frame);
    return whole ? value : value.value;
  });
}

/** `x in [constants]`, which costs no more than `x`. */
function membershipPlan(item: Plan, list: CelList): Plan | undefined {
  const values = list.toArray();
  if (values.length === 0) return constantPlan(false);
  if (values.some((value) => value === null || value instanceof Uint8Array || !isPrimitive(value))) return undefined;
  const keys = new Set(values.map(mapKey));
  const exact = !keys.has(undefined);
  const run = item.run;
  return computed((frame) => {
    const value = run(frame);
    if (value instanceof CelError) return value;
    if (!exact) return values.some((other) => equal(other, value));
    const key = mapKey(value);
    return key !== undefined && keys.has(key);
  });
}

function isPrimitive(value: CelValue): boolean {
  return ['bool', 'double', 'int', 'string', 'uint'].includes(typeOf(value).kind);
}

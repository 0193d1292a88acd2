import type { Comprehension, Expr } from '../syntax/expr.js';
import { ADD, CONDITIONAL, LOGICAL_AND, LOGICAL_OR, NOT_STRICTLY_FALSE } from '../syntax/operators.js';
import { CelError } from '../values/cel-error.js';
import { goTypeName } from '../values/show.js';
import { ArrayList, CelList, CelMap, type CelValue } from '../values/value.js';
import { computed, type Frame, type Plan, type Step } from './frame.js';
import { failureOf } from './logic.js';
import type { Planner } from './planner.js';
import type { Local } from './slots.js';

const LIST_COST = 10;
const CALL_COST = 1;
const VARIABLE_COST = 1;

/** Goes on with the loop. */
type Continue = boolean;
/** What a loop does with each element. */
type Body = (frame: Frame) => Continue;

/** The places of a loop's variables. */
interface Places {
  readonly accumulator: number;
  readonly variable: number;
  readonly variable2: number | undefined;
}

/** Plans a comprehension. Shapes that macros make have loops of their own, at the cost of the general one. */
export function loopPlan(planner: Planner, expr: Comprehension): Plan {
  if (isBinding(expr)) return bindingPlan(planner, expr);
  const { slots } = planner;
  const range = planner.plan(expr.range).run;
  const init = planner.plan(expr.init).run;
  const places: Places = {
    accumulator: slots.reserve(),
    variable: slots.reserve(),
    variable2: expr.variable2 === undefined ? undefined : slots.reserve(),
  };
  const outer = new Map<string, Local>([[expr.accumulator, { slot: places.accumulator, init: undefined }]]);
  const inner = new Map<string, Local>([[expr.variable, { slot: places.variable, init: undefined }]]);
  if (expr.variable2 !== undefined && places.variable2 !== undefined) {
    inner.set(expr.variable2, { slot: places.variable2, init: undefined });
  }
  return slots.within(outer, () => {
    const body = slots.within(inner, () => bodyOf(planner, expr, places));
    const result = planner.plan(expr.result).run;
    return computed((frame) => {
      const values = range(frame);
      if (values instanceof CelError) return values;
      const start = init(frame);
      frame.slots[places.accumulator] = body.collects ? undefined : start;
      const failure = iterate(frame, values, places, body.run);
      if (body.collects) frame.slots[places.accumulator] ??= start;
      return failure ?? result(frame);
    });
  });
}

function iterate(frame: Frame, values: CelValue, places: Places, body: Body): CelError | undefined {
  const { slots } = frame;
  const { variable, variable2 } = places;
  if (values instanceof CelList) {
    for (let i = 0; i < values.size; i++) {
      if (variable2 === undefined) slots[variable] = values.at(i);
      else [slots[variable], slots[variable2]] = [i, values.at(i)];
      if (!body(frame)) break;
    }
    return undefined;
  }
  if (!(values instanceof CelMap)) {
    return new CelError(`got '${goTypeName(values)}', expected iterable type`);
  }
  for (const key of values.keys()) {
    slots[variable] = key;
    if (variable2 !== undefined) slots[variable2] = values.get(key) ?? null;
    if (!body(frame)) break;
  }
  return undefined;
}

interface LoopBody {
  readonly run: Body;
  /** Gathers a list in the accumulator's place, which begins as undefined. */
  readonly collects: boolean;
}

function bodyOf(planner: Planner, expr: Comprehension, places: Places): LoopBody {
  const quantifier = quantifierBody(planner, expr, places.accumulator);
  if (quantifier !== undefined) return { run: quantifier, collects: false };
  const collector = collectorBody(planner, expr, places.accumulator);
  if (collector !== undefined) return { run: collector, collects: true };
  const condition = planner.plan(expr.condition);
  const step = planner.plan(expr.step).run;
  const test = condition.constant === true ? undefined : condition.run;
  const run: Body = (frame) => {
    if (test !== undefined) {
      const goOn = test(frame);
      if (typeof goOn === 'boolean' && !goOn) return false;
    }
    frame.slots[places.accumulator] = step(frame);
    return true;
  };
  return { run, collects: false };
}

/** `all` and `exists`: a bool or the first error in the accumulator. */
function quantifierBody(planner: Planner, expr: Comprehension, accumulator: number): Body | undefined {
  const { step, condition } = expr;
  if (step.kind !== 'call' || (step.name !== LOGICAL_AND && step.name !== LOGICAL_OR)) return undefined;
  if (condition.kind !== 'call' || condition.name !== NOT_STRICTLY_FALSE) return undefined;
  const [left, right] = step.args;
  if (right === undefined || left?.kind !== 'ident' || left.name !== expr.accumulator) return undefined;
  const predicate = planner.plan(right).run;
  const decisive = step.name === LOGICAL_OR;
  // The condition is a call on the accumulator, for `exists` with a negation around it.
  const conditionCost = VARIABLE_COST + CALL_COST + (decisive ? CALL_COST : 0);
  return (frame) => {
    const { slots } = frame;
    frame.charge(conditionCost);
    const before = slots[accumulator];
    if (before === decisive) return false;
    frame.charge(VARIABLE_COST);
    const value = predicate(frame);
    if (value === decisive) slots[accumulator] = decisive;
    else if (typeof value !== 'boolean' && typeof before === 'boolean') slots[accumulator] = failureOf(value);
    return true;
  };
}

/** `map` and `filter`: each element is appended to one growing array. */
function collectorBody(planner: Planner, expr: Comprehension, accumulator: number): Body | undefined {
  if (expr.condition.kind !== 'literal' || expr.condition.value !== true) return undefined;
  const shape = collectorShape(expr);
  if (shape === undefined) return undefined;
  const filter = shape.filter === undefined ? undefined : planner.plan(shape.filter).run;
  const item = planner.plan(shape.item);
  const cost = VARIABLE_COST + CALL_COST + (item.constant === undefined ? LIST_COST : 0);
  return (frame) => {
    const { slots } = frame;
    const wanted = filter === undefined ? true : filter(frame);
    if (wanted === false) return true;
    const value = wanted === true ? item.run(frame) : failureOf(wanted);
    if (wanted === true) frame.charge(cost);
    const list = slots[accumulator];
    // The loop goes on after an error, as upstream's does: its cost counts.
    if (list instanceof CelError) return true;
    if (value instanceof CelError) slots[accumulator] = value;
    else if (list instanceof GrowingList) list.push(value);
    else slots[accumulator] = new GrowingList([value]);
    return true;
  };
}

/** A list that only its loop can still change. */
class GrowingList extends ArrayList {
  private readonly growing: CelValue[];

  constructor(growing: CelValue[]) {
    super(growing);
    this.growing = growing;
  }

  push(value: CelValue): void {
    this.growing.push(value);
  }
}

function collectorShape(expr: Comprehension): { item: Expr; filter: Expr | undefined } | undefined {
  const { step, init } = expr;
  if (init.kind !== 'list' || init.elements.length > 0 || step.kind !== 'call') return undefined;
  if (step.name !== CONDITIONAL) {
    const item = appended(step, expr.accumulator);
    return item === undefined ? undefined : { item, filter: undefined };
  }
  const [filter, then, otherwise] = step.args;
  if (filter === undefined || then === undefined || !isVariable(otherwise, expr.accumulator)) return undefined;
  const item = appended(then, expr.accumulator);
  return item === undefined ? undefined : { item, filter };
}

/** The item of `accumulator + [item]`. */
function appended(expr: Expr, accumulator: string): Expr | undefined {
  if (expr.kind !== 'call' || expr.name !== ADD) return undefined;
  const [left, right] = expr.args;
  if (!isVariable(left, accumulator) || right?.kind !== 'list') return undefined;
  return right.elements.length === 1 && right.optional.size === 0 ? right.elements[0] : undefined;
}

function isVariable(expr: Expr | undefined, name: string): boolean {
  return expr?.kind === 'ident' && expr.name === name;
}

/** Whether the loop runs over nothing and only names a value. */
export function isBinding(expr: Comprehension): boolean {
  const { range, condition } = expr;
  return (
    range.kind === 'list' && range.elements.length === 0 && condition.kind === 'literal' && condition.value === false
  );
}

/** A value with a name, made when it is first used. */
function bindingPlan(planner: Planner, expr: Comprehension): Plan {
  const slot = planner.slots.reserve();
  const init: Step = planner.plan(expr.init).run;
  return planner.slots.within(new Map([[expr.accumulator, { slot, init }]]), () => {
    const result = planner.plan(expr.result).run;
    return computed((frame) => {
      frame.slots[slot] = undefined;
      return result(frame);
    });
  });
}

import type { CheckedExpr } from '../check/checker.js';
import type { FunctionDecl, Overload } from '../check/declarations.js';
import type { CallCosts } from '../cost/call-costs.js';
import type { Call, Expr, Ident, ListExpr, MapExpr, Select, StructExpr } from '../syntax/expr.js';
import { CONDITIONAL, INDEX, LOGICAL_AND, LOGICAL_OR, OPTIONAL_INDEX, OPTIONAL_SELECT } from '../syntax/operators.js';
import { type CelType, DYN, param } from '../types/cel-type.js';
import { CelError } from '../values/cel-error.js';
import { showValue } from '../values/show.js';
import { StructValue } from '../values/struct-value.js';
import { ArrayList, CelOptional, CelTypeValue, type CelValue, NONE } from '../values/value.js';
import { MapBuilder } from '../values/value-map.js';
import { hasField, indexOptional, indexValue, selectField, selectOptional } from './access.js';
import { callPlan } from './calls.js';
import { attribute, computed, constantPlan, type Frame, type Plan, type Step } from './frame.js';
import { andPlan, conditionalPlan, orPlan } from './logic.js';
import { loopPlan } from './loops.js';
import { Slots } from './slots.js';

const LIST_COST = 10;
const MAP_COST = 30;
const STRUCT_COST = 40;

/** Turns a checked expression into closures. */
export class Planner {
  readonly slots = new Slots();

  private readonly checked: CheckedExpr;
  private readonly functions: ReadonlyMap<string, FunctionDecl>;
  readonly costs: CallCosts;

  constructor(checked: CheckedExpr, functions: ReadonlyMap<string, FunctionDecl>, costs: CallCosts) {
    this.checked = checked;
    this.functions = functions;
    this.costs = costs;
  }

  plan(expr: Expr): Plan {
    switch (expr.kind) {
      case 'literal':
        return constantPlan(expr.value);
      case 'ident':
        return this.planIdent(expr);
      case 'select':
        return this.planSelect(expr);
      case 'call':
        return this.planCall(expr);
      case 'list':
        return this.planList(expr);
      case 'map':
        return this.planMap(expr);
      case 'struct':
        return this.planStruct(expr);
      case 'comprehension':
        return loopPlan(this, expr);
    }
  }

  typeOf(expr: Expr): CelType {
    return this.checked.types[expr.id] ?? DYN;
  }

  overloads(call: Call): readonly Overload[] {
    return this.checked.overloads.get(call.id) ?? [];
  }

  /** Every overload that the call may mean at run time, whatever the checker thought possible. */
  allOverloads(call: Call): readonly Overload[] {
    const arity = call.args.length + (call.target === undefined ? 0 : 1);
    const all = this.functions.get(call.name)?.overloads ?? [];
    return all.filter((overload) => overload.args.length === arity);
  }

  /** Whether the function's implementation tells types apart itself. */
  handlesAnyType(name: string): boolean {
    const overloads = this.functions.get(name)?.overloads ?? [];
    return overloads.length > 0 && overloads.every((overload) => overload.anyType);
  }

  private planIdent(expr: Ident): Plan {
    const local = this.slots.local(expr.name);
    if (local !== undefined) return localPlan(local.slot, local.init);
    const declared = this.checked.identifiers.get(expr.id);
    if (declared?.value !== undefined) return constantPlan(declared.value);
    if (declared?.type.kind === 'type') return constantPlan(new CelTypeValue(param(declared.type, 0)));
    const slot = this.slots.global(expr.name);
    const missing = new CelError(`no such attribute(s): ${expr.name}`);
    return attribute((frame) => {
      const value = frame.slots[slot];
      return value === undefined ? missing : value;
    }, 1);
  }

  private planSelect(expr: Select): Plan {
    const operand = this.plan(expr.operand);
    const [base, name] = [inAttribute(operand), expr.field];
    if (expr.testOnly) {
      return computed((frame) => {
        const value = base(frame);
        if (value instanceof CelError) return value;
        frame.charge(1);
        return hasField(value, name);
      });
    }
    return qualified(operand, base, (value) => selectField(value, name));
  }

  private planCall(expr: Call): Plan {
    const operands = expr.target === undefined ? expr.args : [expr.target, ...expr.args];
    const plans = operands.map((operand) => this.plan(operand));
    const [first, second, third] = plans;
    if (first !== undefined && second !== undefined) {
      switch (expr.name) {
        case LOGICAL_AND:
          return andPlan(first.run, second.run);
        case LOGICAL_OR:
          return orPlan(first.run, second.run);
        case CONDITIONAL:
          if (third !== undefined) return conditionalPlan(first, second, third);
          break;
        case INDEX:
          return indexPlan(first, second, indexValue);
        case OPTIONAL_INDEX:
          return indexPlan(first, second, indexOptional);
        case OPTIONAL_SELECT: {
          const [base, name] = [inAttribute(first), second.constant];
          return qualified(first, base, (value) => selectOptional(value, typeof name === 'string' ? name : ''));
        }
        default:
      }
    }
    return callPlan(this, expr, plans, operands);
  }

  private planList(expr: ListExpr): Plan {
    const elements = expr.elements.map((element) => this.plan(element));
    const constants = elements.map((element) => element.constant);
    if (expr.optional.size === 0 && constants.every((value) => value !== undefined)) {
      return constantPlan(new ArrayList(constants));
    }
    const runs = elements.map((element) => element.run);
    return computed((frame) => {
      const values: CelValue[] = [];
      for (let i = 0; i < runs.length; i++) {
        const value = runs[i]?.(frame) ?? null;
        if (value instanceof CelError) return value;
        if (!expr.optional.has(i)) values.push(value);
        else if (!(value instanceof CelOptional)) {
          return new CelError(`cannot initialize optional list element from non-optional value ${showValue(value)}`);
        } else if (value.value !== undefined) values.push(value.value);
      }
      frame.charge(LIST_COST);
      return new ArrayList(values);
    });
  }

  private planStruct(expr: StructExpr): Plan {
    const type = this.typeOf(expr);
    const fields = expr.fields.map((field) => ({ ...field, run: this.plan(field.value).run }));
    return computed((frame) => {
      const values = new Map<string, CelValue>();
      for (const { name, run, optional } of fields) {
        const value = run(frame);
        if (value instanceof CelError) return value;
        if (!optional) values.set(name, value);
        else if (!(value instanceof CelOptional)) {
          return new CelError(`cannot initialize optional entry '${name}' from non-optional value ${showValue(value)}`);
        } else if (value.value !== undefined) values.set(name, value.value);
      }
      frame.charge(STRUCT_COST);
      return new StructValue(type, values);
    });
  }

  private planMap(expr: MapExpr): Plan {
    const entries = expr.entries.map((entry) => ({
      key: this.plan(entry.key),
      value: this.plan(entry.value),
      optional: entry.optional,
    }));
    const build = (read: (plan: Plan) => CelValue): CelValue => {
      const map = new MapBuilder();
      for (const entry of entries) {
        const failure = addEntry(map, read(entry.key), read(entry.value), entry.optional);
        if (failure !== undefined) return failure;
      }
      return map.build();
    };
    const constant = entries.every(({ key, value }) => key.constant !== undefined && value.constant !== undefined);
    if (constant && !entries.some((entry) => entry.optional)) {
      return constantPlan(build((plan) => plan.constant ?? null));
    }
    return computed((frame) => {
      const map = build((plan) => plan.run(frame));
      frame.charge(MAP_COST);
      return map;
    });
  }
}

function addEntry(map: MapBuilder, key: CelValue, value: CelValue, optional: boolean): CelError | undefined {
  if (key instanceof CelError) return key;
  if (value instanceof CelError) return value;
  let content: CelValue | undefined = value;
  if (optional) {
    if (!(value instanceof CelOptional)) {
      const [shownKey, shown] = [showValue(key), showValue(value)];
      return new CelError(`cannot initialize optional entry '${shownKey}' from non-optional value ${shown}`);
    }
    content = value.value;
  }
  if (content === undefined) {
    map.delete(key);
    return undefined;
  }
  return map.set(key, content) ? undefined : new CelError(`unsupported key type`);
}

/** What runs where a plan begins a longer attribute. */
function inAttribute(plan: Plan): Step {
  return plan.attribute ? plan.bare : plan.run;
}

/** One more selection or index behind an attribute. It costs nothing where the attribute ended before it. */
function qualified(operand: Plan, base: Step, select: (value: CelValue, frame: Frame) => CelValue): Plan {
  return attribute(
    (frame) => {
      const value = base(frame);
      if (value instanceof CelError) return value;
      const selected = select(value, frame);
      if (selected !== NONE) frame.charge(1);
      return selected;
    },
    operand.attribute ? operand.base : 1,
  );
}

function indexPlan(operand: Plan, index: Plan, access: (value: CelValue, index: CelValue) => CelValue): Plan {
  const [base, at] = [inAttribute(operand), index.bare];
  const { constant } = index;
  if (constant !== undefined) return qualified(operand, base, (value) => access(value, constant));
  return qualified(operand, base, (value, frame) => access(value, at(frame)));
}

function localPlan(slot: number, init: Step | undefined): Plan {
  if (init === undefined) return attribute((frame) => frame.slots[slot] ?? null, 1);
  return attribute((frame) => {
    const known = frame.slots[slot];
    if (known !== undefined) return known;
    const value = init(frame);
    frame.slots[slot] = value;
    return value;
  }, 1);
}

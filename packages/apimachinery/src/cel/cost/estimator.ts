import type { CheckedExpr } from '../check/checker.js';
import { isBinding } from '../eval/loops.js';
import type { Call, Comprehension, Expr, ListExpr, MapExpr, Select } from '../syntax/expr.js';
import { ACCUMULATOR, OLD_ACCUMULATOR } from '../syntax/operators.js';
import { type CelType, DYN, unwrapOptional } from '../types/cel-type.js';
import type { CallEstimate, CallShape, CostNode, Estimates } from './cost-node.js';
import { literalSize } from './literal-size.js';
import { fixed, plus, type Range, times, UNBOUNDED, UNKNOWN, union, ZERO } from './range.js';
import { standardEstimate } from './standard-estimates.js';

/** Sizes of a container's keys and values. */
export interface EntrySize {
  readonly container: 'list' | 'map';
  readonly key: Range;
  readonly value: Range;
}

interface LocalVariable {
  readonly path: readonly string[];
  readonly size: Range | undefined;
  readonly entries: EntrySize | undefined;
}

const LIST_COST = fixed(10);
const MAP_COST = fixed(30);
const STRUCT_COST = fixed(40);
const ONE = fixed(1);
const NO_ENTRY: Range = { min: UNBOUNDED, max: 0 };

/**
 * The least and the most that evaluating an expression may cost; the rules are cel-go's (`checker/cost.go`), which
 * decide whether Kubernetes accepts an expression.
 */
export function estimateCost(checked: CheckedExpr, estimates: Estimates): Range {
  return new Estimator(checked, estimates).cost(checked.expr);
}

class Estimator {
  private readonly paths = new Map<number, readonly string[]>();
  private readonly sizes = new Map<number, Range>();
  private readonly entrySizes = new Map<number, EntrySize>();
  private readonly locals = new Map<string, LocalVariable[]>();
  private readonly checked: CheckedExpr;
  private readonly estimates: Estimates;

  constructor(checked: CheckedExpr, estimates: Estimates) {
    this.checked = checked;
    this.estimates = estimates;
  }

  cost(expr: Expr): Range {
    switch (expr.kind) {
      case 'literal':
        return ZERO;
      case 'ident':
        this.paths.set(expr.id, this.local(expr.name)?.path ?? [expr.name]);
        return ONE;
      case 'select':
        return this.selectCost(expr);
      case 'call':
        return this.callCost(expr);
      case 'list':
        return this.listCost(expr);
      case 'map':
        return this.mapCost(expr);
      case 'struct':
        return expr.fields.reduce((sum, field) => plus(sum, this.cost(field.value)), STRUCT_COST);
      case 'comprehension':
        return isBinding(expr) ? this.bindingCost(expr) : this.loopCost(expr);
    }
  }

  private selectCost(expr: Select): Range {
    const operand = this.cost(expr.operand);
    if (expr.testOnly) return operand;
    this.paths.set(expr.id, [...this.path(expr.operand), expr.field]);
    const { kind } = this.type(expr.operand);
    return kind === 'map' || kind === 'struct' || kind === 'param' ? plus(operand, ONE) : operand;
  }

  private callCost(expr: Call): Range {
    const [first] = expr.args;
    if (expr.name === 'dyn' && first !== undefined) {
      const cost = plus(ONE, this.cost(first));
      this.copySizes(expr, first);
      return cost;
    }
    const argCosts = expr.args.map((arg) => this.cost(arg));
    const args = expr.args.map((arg) => this.node(arg));
    const overloads = this.checked.overloads.get(expr.id) ?? [];
    if (overloads.length === 0) return ZERO;
    const targetCost = expr.target === undefined ? ZERO : this.cost(expr.target);
    const target = expr.target === undefined ? undefined : this.node(expr.target);
    let cost: Range = { min: UNBOUNDED, max: 0 };
    let size: Range | undefined;
    for (const { id } of overloads) {
      const estimate = this.overloadCost(expr, id, target, args, argCosts);
      cost = union(cost, estimate.cost);
      if (estimate.size !== undefined) size = size === undefined ? estimate.size : union(size, estimate.size);
      if (first !== undefined && (id === 'index_list' || id === 'index_map')) {
        size = this.entrySize(first)?.value;
        this.paths.set(expr.id, [...this.path(first), id === 'index_list' ? '@items' : '@values']);
      }
      size ??= this.size(expr);
    }
    this.setSize(expr, size);
    return plus(targetCost, cost);
  }

  private overloadCost(
    expr: Call,
    overload: string,
    target: CostNode | undefined,
    args: readonly CostNode[],
    argCosts: readonly Range[],
  ): CallEstimate {
    const call: CallShape = { name: expr.name, overload, target, args, sizeOf: (node) => this.nodeSize(node) };
    const argSum = argCosts.reduce(plus, ZERO);
    const known = this.estimates.callCost(call);
    if (known !== undefined) return { cost: plus(known.cost, argSum), size: known.size };
    const [first = ZERO, second = ZERO, third = ZERO] = argCosts;
    if (overload === 'logical_and' || overload === 'logical_or') {
      return { cost: { min: first.min, max: plus(first, second).max }, size: undefined };
    }
    if (overload === 'conditional') {
      this.joinEntries(expr, expr.args[1], expr.args[2]);
      const size =
        args[1] !== undefined && args[2] !== undefined ? union(call.sizeOf(args[1]), call.sizeOf(args[2])) : undefined;
      return { cost: plus(first, union(second, third)), size };
    }
    if (overload === 'add_list' || overload === 'add_string' || overload === 'add_bytes') {
      this.joinEntries(expr, expr.args[0], expr.args[1]);
    }
    const estimate = standardEstimate(call);
    return { cost: plus(estimate.cost, argSum), size: estimate.size };
  }

  private joinEntries(expr: Expr, a: Expr | undefined, b: Expr | undefined): void {
    const left = a === undefined ? undefined : this.entrySize(a);
    const right = b === undefined ? undefined : this.entrySize(b);
    if (left === undefined || right === undefined) return;
    const { container } = left;
    this.entrySizes.set(expr.id, { container, key: union(left.key, right.key), value: union(left.value, right.value) });
  }

  private listCost(expr: ListExpr): Range {
    let sum = LIST_COST;
    let value = expr.elements.length === 0 ? ZERO : NO_ENTRY;
    for (const element of expr.elements) {
      sum = plus(sum, this.cost(element));
      value = union(value, this.size(element) ?? UNKNOWN);
    }
    this.entrySizes.set(expr.id, { container: 'list', key: ONE, value });
    return sum;
  }

  private mapCost(expr: MapExpr): Range {
    let sum = MAP_COST;
    let [key, value] = expr.entries.length === 0 ? [ZERO, ZERO] : [NO_ENTRY, NO_ENTRY];
    for (const entry of expr.entries) {
      sum = plus(plus(sum, this.cost(entry.key)), this.cost(entry.value));
      key = union(key, this.size(entry.key) ?? UNKNOWN);
      value = union(value, this.size(entry.value) ?? UNKNOWN);
    }
    this.entrySizes.set(expr.id, { container: 'map', key, value });
    return sum;
  }

  private bindingCost(expr: Comprehension): Range {
    const sum = plus(this.cost(expr.range), this.cost(expr.init));
    this.push(expr.accumulator, this.variable(expr.init));
    const result = this.cost(expr.result);
    this.pop(expr.accumulator);
    this.copySizes(expr, expr.result);
    return plus(sum, result);
  }

  private loopCost(expr: Comprehension): Range {
    const sum = plus(this.cost(expr.range), this.cost(expr.init));
    this.push(expr.accumulator, this.variable(expr.init));
    this.pushLoopVariables(expr);
    const loop = plus(this.cost(expr.condition), this.cost(expr.step));
    this.pop(expr.variable);
    if (expr.variable2 !== undefined) this.pop(expr.variable2);
    const result = this.cost(expr.result);
    this.pop(expr.accumulator);
    const count = this.size(expr.range) ?? UNKNOWN;
    if (expr.init.kind === 'literal') this.setSize(expr, this.size(expr.init));
    else if (expr.init.kind === 'list' || expr.init.kind === 'map') {
      this.setSize(expr, count);
      const entries = this.entrySize(expr.step);
      if (entries !== undefined) this.entrySizes.set(expr.id, entries);
    }
    return plus(plus(sum, result), times(count, loop));
  }

  private pushLoopVariables({ range, variable, variable2 }: Comprehension): void {
    const entries = this.entrySize(range);
    const list = (entries?.container ?? this.type(range).kind) === 'list';
    const path = this.path(range);
    const at = (step: string, size: Range | undefined): LocalVariable => ({
      path: [...path, step],
      size,
      entries: undefined,
    });
    if (variable2 !== undefined) {
      this.push(variable, at(list ? '@indices' : '@keys', entries?.key));
      this.push(variable2, at(list ? '@items' : '@values', entries?.value));
    } else this.push(variable, list ? at('@items', entries?.value) : at('@keys', entries?.key));
  }

  private variable(value: Expr): LocalVariable {
    return { path: this.path(value), size: this.size(value), entries: this.entrySize(value) };
  }

  private push(name: string, variable: LocalVariable): void {
    const stack = this.locals.get(name);
    if (stack === undefined) this.locals.set(name, [variable]);
    else stack.push(variable);
  }

  private pop(name: string): void {
    this.locals.get(name)?.pop();
  }

  private local(name: string): LocalVariable | undefined {
    return this.locals.get(name)?.at(-1);
  }

  private type(expr: Expr): CelType {
    return this.checked.types[expr.id] ?? DYN;
  }

  private path(expr: Expr): readonly string[] {
    const local = expr.kind === 'ident' ? this.local(expr.name) : undefined;
    return local?.path ?? this.paths.get(expr.id) ?? [];
  }

  private node(expr: Expr): CostNode {
    const path = this.path(expr);
    const computed = path[0] === ACCUMULATOR || path[0] === OLD_ACCUMULATOR;
    return { path: computed ? [] : path, type: this.type(expr), expr, size: this.size(expr) };
  }

  private nodeSize(node: CostNode): Range {
    return node.size ?? (node.path.length === 0 ? undefined : this.estimates.sizeAt(node.path)) ?? UNKNOWN;
  }

  private size(expr: Expr): Range | undefined {
    const known = this.sizes.get(expr.id) ?? literalSize(expr);
    if (known !== undefined) return known;
    const path = this.path(expr);
    const declared = path.length === 0 ? undefined : this.estimates.sizeAt(path);
    if (declared !== undefined) {
      this.sizes.set(expr.id, declared);
      return declared;
    }
    if (isScalar(this.type(expr))) return ONE;
    return expr.kind === 'ident' ? this.local(expr.name)?.size : undefined;
  }

  private setSize(expr: Expr, size: Range | undefined): void {
    if (size !== undefined) this.sizes.set(expr.id, size);
  }

  private entrySize(expr: Expr): EntrySize | undefined {
    return this.entrySizes.get(expr.id) ?? (expr.kind === 'ident' ? this.local(expr.name)?.entries : undefined);
  }

  private copySizes(to: Expr, from: Expr): void {
    this.setSize(to, this.size(from));
    const entries = this.entrySize(from);
    if (entries !== undefined) this.entrySizes.set(to.id, entries);
  }
}

const SCALARS = ['bool', 'double', 'duration', 'int', 'timestamp', 'uint'];

function isScalar(type: CelType): boolean {
  const inner = unwrapOptional(type);
  return inner === undefined ? SCALARS.includes(type.kind) : isScalar(inner);
}

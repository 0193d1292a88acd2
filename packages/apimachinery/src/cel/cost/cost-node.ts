import type { Expr } from '../syntax/expr.js';
import type { CelType } from '../types/cel-type.js';
import type { Range } from './range.js';

/** A part of an expression, as estimates of its size see it. */
export interface CostNode {
  /** From a variable down to it: names of fields, `@items`, `@keys`, `@values`, `@indices`; empty when it is computed. */
  readonly path: readonly string[];
  readonly type: CelType;
  /** Undefined for the items of a list that has no expression of its own. */
  readonly expr: Expr | undefined;
  /** What the expression itself tells of its size. */
  readonly size: Range | undefined;
}

/** The cost of a call without its arguments, and the size of its result. */
export interface CallEstimate {
  readonly cost: Range;
  readonly size: Range | undefined;
}

/** What an environment knows of sizes and of its libraries' costs. */
export interface Estimates {
  /** The size of what a path leads to; undefined when nothing is known. */
  sizeAt(path: readonly string[]): Range | undefined;
  /** Undefined for functions of the language itself. */
  callCost(call: CallShape): CallEstimate | undefined;
}

/** A call to be estimated. */
export interface CallShape {
  readonly name: string;
  readonly overload: string;
  readonly target: CostNode | undefined;
  readonly args: readonly CostNode[];
  /** The size of a part; unbounded when nothing is known. */
  sizeOf(node: CostNode): Range;
}

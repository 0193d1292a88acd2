import type { Expr } from '../syntax/expr.js';
import { type Issue, locate } from '../syntax/source.js';
import type { CheckedExpr } from './checker.js';

/** Finds faults in an expression that is otherwise right. */
export type Validator = (checked: CheckedExpr) => readonly Issue[];

/** An expression with the names of the functions that it is an argument of. */
export type Visit = (expr: Expr, within: readonly string[]) => void;

/** Visits every part of an expression. */
export function visitAll(expr: Expr, visit: Visit, within: readonly string[] = []): void {
  visit(expr, within);
  const inner = expr.kind === 'call' ? [...within, expr.name] : within;
  for (const child of children(expr)) visitAll(child, visit, inner);
}

function children(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'literal':
    case 'ident':
      return [];
    case 'select':
      return [expr.operand];
    case 'call':
      return expr.target === undefined ? expr.args : [expr.target, ...expr.args];
    case 'list':
      return expr.elements;
    case 'map':
      return expr.entries.flatMap((entry) => [entry.key, entry.value]);
    case 'struct':
      return expr.fields.map((field) => field.value);
    case 'comprehension':
      return [expr.range, expr.init, expr.condition, expr.step, expr.result];
  }
}

/** An issue at an expression. */
export function issueAt(checked: CheckedExpr, id: number, message: string): Issue {
  return { location: locate(checked.text, checked.offsets[id] ?? 0), message };
}

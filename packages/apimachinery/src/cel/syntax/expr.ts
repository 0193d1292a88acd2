import type { CelDouble, CelInt, CelUint } from '../values/number.js';

/** What a literal may be. */
export type Constant = null | boolean | string | CelInt | CelDouble | CelUint | Uint8Array;

/** An expression after macro expansion. `id` is unique in its expression and leads to the place in the source. */
export type Expr = Literal | Ident | Select | Call | ListExpr | MapExpr | StructExpr | Comprehension;

export interface Literal {
  readonly kind: 'literal';
  readonly id: number;
  readonly value: Constant;
}

export interface Ident {
  readonly kind: 'ident';
  readonly id: number;
  /** May be qualified after checking, and begins with a dot when it is absolute. */
  readonly name: string;
}

export interface Select {
  readonly kind: 'select';
  readonly id: number;
  readonly operand: Expr;
  readonly field: string;
  /** Made by `has()`: asks for presence only. */
  readonly testOnly: boolean;
}

export interface Call {
  readonly kind: 'call';
  readonly id: number;
  readonly target: Expr | undefined;
  readonly name: string;
  readonly args: readonly Expr[];
}

export interface ListExpr {
  readonly kind: 'list';
  readonly id: number;
  readonly elements: readonly Expr[];
  /** Indices of elements written `?e`. */
  readonly optional: ReadonlySet<number>;
}

export interface MapEntry {
  readonly id: number;
  readonly key: Expr;
  readonly value: Expr;
  readonly optional: boolean;
}

export interface MapExpr {
  readonly kind: 'map';
  readonly id: number;
  readonly entries: readonly MapEntry[];
}

export interface StructField {
  readonly id: number;
  readonly name: string;
  readonly value: Expr;
  readonly optional: boolean;
}

export interface StructExpr {
  readonly kind: 'struct';
  readonly id: number;
  readonly typeName: string;
  readonly fields: readonly StructField[];
}

/** A fold over a list or a map; what most macros become. */
export interface Comprehension {
  readonly kind: 'comprehension';
  readonly id: number;
  readonly range: Expr;
  readonly variable: string;
  /** The second variable, of two-variable comprehensions. */
  readonly variable2: string | undefined;
  readonly accumulator: string;
  readonly init: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

/** A parsed expression with the places of its nodes. */
export interface ParsedExpr {
  readonly text: string;
  readonly expr: Expr;
  /** UTF-16 offset by id; -1 where there is none. */
  readonly offsets: readonly number[];
}

/** `a.b.c` as one name; undefined for anything else. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name;
  if (expr.kind !== 'select' || expr.testOnly) return undefined;
  const prefix = qualifiedName(expr.operand);
  return prefix === undefined ? undefined : `${prefix}.${expr.field}`;
}

/** The empty set of optional elements. */
export const NONE_OPTIONAL: ReadonlySet<number> = new Set();

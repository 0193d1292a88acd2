import type { CheckedExpr } from './check/checker.js';
import { type CelLibrary, type FunctionDecl, functionTable, type Overload } from './check/declarations.js';
import { candidateNames } from './check/scope.js';
import { STANDARD_COSTS } from './cost/standard-costs.js';
import { Planner } from './eval/planner.js';
import { STANDARD_LIBRARY } from './library/standard.js';
import { Program } from './program.js';
import { type Call, type Expr, type ParsedExpr, qualifiedName } from './syntax/expr.js';
import { MacroTable } from './syntax/macro.js';
import { parse } from './syntax/parser.js';
import { DYN } from './types/cel-type.js';

/**
 * A program of an expression that was not checked, which Kubernetes never does but some of the specification's tests
 * do: all types are dyn, every overload is possible. Undefined when it does not parse.
 */
export function uncheckedProgram(
  text: string,
  libraries: readonly CelLibrary[],
  container: string,
  variables: ReadonlySet<string>,
): Program | undefined {
  const all = [STANDARD_LIBRARY, ...libraries];
  const functions = functionTable(all);
  const macros = new MacroTable(all.flatMap((library) => library.macros ?? []));
  const parsed = parse(text, { macros, optionalSyntax: true, escapedIdentifiers: true });
  if (!parsed.ok) return undefined;
  const checked = new Resolver(parsed.parsed, functions, container, variables).resolve();
  const planner = new Planner(checked, functions, STANDARD_COSTS);
  const { run } = planner.plan(checked.expr);
  return new Program(checked, run, planner.slots);
}

class Resolver {
  private readonly overloads = new Map<number, readonly Overload[]>();
  private readonly parsed: ParsedExpr;
  private readonly functions: ReadonlyMap<string, FunctionDecl>;
  private readonly container: string;
  private readonly variables: ReadonlySet<string>;

  constructor(
    parsed: ParsedExpr,
    functions: ReadonlyMap<string, FunctionDecl>,
    container: string,
    variables: ReadonlySet<string>,
  ) {
    this.parsed = parsed;
    this.functions = functions;
    this.container = container;
    this.variables = variables;
  }

  resolve(): CheckedExpr {
    const expr = this.expr(this.parsed.expr);
    const { text, offsets } = this.parsed;
    return { text, offsets, expr, type: DYN, types: [], identifiers: new Map(), overloads: this.overloads };
  }

  private expr(expr: Expr): Expr {
    const name = qualifiedName(expr);
    const known = name === undefined ? undefined : this.variable(name);
    if (known !== undefined) return { kind: 'ident', id: expr.id, name: known };
    switch (expr.kind) {
      case 'literal':
      case 'ident':
        return expr;
      case 'select':
        return { ...expr, operand: this.expr(expr.operand) };
      case 'call':
        return this.call(expr);
      case 'list':
        return { ...expr, elements: expr.elements.map((element) => this.expr(element)) };
      case 'map':
        return {
          ...expr,
          entries: expr.entries.map((entry) => ({
            ...entry,
            key: this.expr(entry.key),
            value: this.expr(entry.value),
          })),
        };
      case 'struct':
        return expr;
      case 'comprehension':
        return {
          ...expr,
          range: this.expr(expr.range),
          init: this.expr(expr.init),
          condition: this.expr(expr.condition),
          step: this.expr(expr.step),
          result: this.expr(expr.result),
        };
    }
  }

  private variable(name: string): string | undefined {
    return candidateNames(this.container, name).find((candidate) => this.variables.has(candidate));
  }

  private call(expr: Call): Expr {
    const args = expr.args.map((arg) => this.expr(arg));
    const prefix = expr.target === undefined ? undefined : qualifiedName(expr.target);
    const namespaced = prefix === undefined ? undefined : this.functions.get(`${prefix}.${expr.name}`);
    const target = namespaced !== undefined || expr.target === undefined ? undefined : this.expr(expr.target);
    const decl = namespaced ?? this.functions.get(expr.name);
    const count = args.length + (target === undefined ? 0 : 1);
    const overloads = decl?.overloads.filter((overload) => overload.args.length === count) ?? [];
    this.overloads.set(expr.id, overloads);
    return { ...expr, name: decl?.name ?? expr.name, target, args };
  }
}

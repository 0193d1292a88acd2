import { check } from './check/checker.js';
import { type CelLibrary, type FunctionDecl, functionTable } from './check/declarations.js';
import type { CheckScope, Declaration } from './check/scope.js';
import type { CallCosts } from './cost/call-costs.js';
import { STANDARD_COSTS } from './cost/standard-costs.js';
import { PlanError } from './eval/plan-error.js';
import { Planner } from './eval/planner.js';
import { STANDARD_LIBRARY } from './library/standard.js';
import { Program } from './program.js';
import type { Constant } from './syntax/expr.js';
import { MacroTable } from './syntax/macro.js';
import { type ParseOptions, parse } from './syntax/parser.js';
import { displayIssues, type Issue } from './syntax/source.js';
import { type CelType, isDyn, sameType } from './types/cel-type.js';

export interface EnvironmentOptions {
  /** Types of the variables by name. */
  readonly variables?: Readonly<Record<string, CelType>>;
  readonly constants?: Readonly<Record<string, { readonly type: CelType; readonly value: Constant }>>;
  /** Beyond the standard library. */
  readonly libraries?: readonly CelLibrary[];
  /** Types that expressions may name. */
  readonly types?: readonly CelType[];
  readonly container?: string;
  readonly homogeneousLiterals?: boolean;
  readonly costs?: CallCosts;
  /** Without the macros of the standard library. */
  readonly withoutMacros?: boolean;
}

/** Why an expression does not compile. */
export interface CompileFailure {
  readonly ok: false;
  /** `compilation`: wrong syntax, names or types. `instantiation`: a constant part of it fails. */
  readonly stage: 'compilation' | 'instantiation';
  /** cel-go's text: each error with its place and source line. */
  readonly message: string;
  readonly issues: readonly Issue[];
}

export type Compilation = { readonly ok: true; readonly program: Program } | CompileFailure;

/** What expressions may say. Immutable; make one per set of variables and keep it. */
export class Environment {
  private readonly scope: CheckScope;
  private readonly parsing: ParseOptions;
  private readonly functions: ReadonlyMap<string, FunctionDecl>;

  private readonly options: EnvironmentOptions;

  constructor(options: EnvironmentOptions) {
    this.options = options;
    const standard = options.withoutMacros === true ? { ...STANDARD_LIBRARY, macros: [] } : STANDARD_LIBRARY;
    const libraries = [standard, ...(options.libraries ?? [])];
    this.functions = functionTable(libraries);
    this.scope = {
      container: options.container ?? '',
      variables: declarations(options),
      functions: this.functions,
      types: new Map(
        [...libraries.flatMap((library) => library.types ?? []), ...(options.types ?? [])].map((type) => [
          type.name,
          type,
        ]),
      ),
      homogeneousLiterals: options.homogeneousLiterals ?? false,
    };
    this.parsing = {
      macros: new MacroTable(libraries.flatMap((library) => library.macros ?? [])),
      optionalSyntax: libraries.some((library) => library.optionalSyntax),
      escapedIdentifiers: libraries.some((library) => library.escapedIdentifiers),
    };
  }

  /** Parses, checks and plans an expression. */
  compile(text: string): Compilation {
    const parsed = parse(text, this.parsing);
    if (!parsed.ok) return failure(text, parsed.issues);
    const result = check(parsed.parsed, this.scope);
    if (!result.ok) return failure(text, result.issues);
    try {
      const planner = new Planner(result.checked, this.functions, this.options.costs ?? STANDARD_COSTS);
      const { run } = planner.plan(result.checked.expr);
      return { ok: true, program: new Program(result.checked, run, planner.slots) };
    } catch (error) {
      if (!(error instanceof PlanError)) throw error;
      return { ok: false, stage: 'instantiation', message: error.message, issues: [] };
    }
  }
}

function declarations(options: EnvironmentOptions): ReadonlyMap<string, Declaration> {
  const variables = Object.entries(options.variables ?? {}).map(([name, type]): [string, Declaration] => [
    name,
    { name, type },
  ]);
  const constants = Object.entries(options.constants ?? {}).map(([name, { type, value }]): [string, Declaration] => [
    name,
    { name, type, value },
  ]);
  return new Map([...variables, ...constants]);
}

function failure(text: string, issues: readonly Issue[]): CompileFailure {
  return { ok: false, stage: 'compilation', message: displayIssues(text, issues), issues };
}

/** Whether a result of the type may be used where one of the wanted types is asked for. */
export function isOneOf(type: CelType, wanted: readonly CelType[]): boolean {
  return isDyn(type) || wanted.some((one) => isDyn(one) || sameType(type, one));
}

import { check } from './check/checker.js';
import { type CelLibrary, type FunctionDecl, functionTable } from './check/declarations.js';
import type { CheckScope, Declaration } from './check/scope.js';
import type { Validator } from './check/validator.js';
import type { CallCosts } from './cost/call-costs.js';
import type { CallEstimate, CallShape, Estimates } from './cost/cost-node.js';
import { STANDARD_COSTS } from './cost/standard-costs.js';
import { PlanError } from './eval/plan-error.js';
import { Planner } from './eval/planner.js';
import { STANDARD_LIBRARY } from './library/standard.js';
import { Program } from './program.js';
import type { DeclaredType } from './schema/declared-type.js';
import type { Constant } from './syntax/expr.js';
import { MacroTable } from './syntax/macro.js';
import { type ParseOptions, parse } from './syntax/parser.js';
import { displayIssues, type Issue } from './syntax/source.js';
import { CelType, sameType } from './types/cel-type.js';

/** Types of variables by name; one that a schema declares also bounds the size of values. */
export type Variables = Readonly<Record<string, CelType | DeclaredType>>;

export interface EnvironmentOptions {
  readonly variables?: Variables;
  readonly constants?: Readonly<Record<string, { readonly type: CelType; readonly value: Constant }>>;
  /** Beyond the standard library. */
  readonly libraries?: readonly CelLibrary[];
  /** Types that expressions may name or make, beyond those of the libraries. */
  readonly typeNamed?: (name: string) => CelType | undefined;
  readonly container?: string;
  /** Run over expressions that are right otherwise. */
  readonly validators?: readonly Validator[];
  /** Costs of calls at run time. */
  readonly costs?: CallCosts;
  /** Estimates of calls of libraries. */
  readonly estimate?: (call: CallShape) => CallEstimate | undefined;
  /** Without the macros of the standard library. */
  readonly withoutMacros?: boolean;
}

/** Why an expression does not compile. */
export interface CompileFailure {
  readonly ok: false;
  /** `compilation`: wrong syntax, names or types. `result`: not of a wanted type. `instantiation`: a constant part fails. */
  readonly stage: 'compilation' | 'result' | 'instantiation';
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
  private readonly estimates: Estimates;

  private readonly options: EnvironmentOptions;

  constructor(options: EnvironmentOptions) {
    this.options = options;
    const { functions, types, parsing } = librariesOf(options);
    this.functions = functions;
    this.parsing = parsing;
    this.scope = {
      container: options.container ?? '',
      variables: declarations(options),
      functions,
      types: { get: (name) => types.get(name) ?? options.typeNamed?.(name) },
    };
    const variables = options.variables ?? {};
    this.estimates = {
      sizeAt: (path) => {
        const declared = declaredAt(variables, path);
        return declared === undefined ? undefined : { min: 0, max: declared.maxElements };
      },
      callCost: options.estimate ?? (() => undefined),
    };
  }

  /**
   * Parses, checks and plans an expression. When result types are wanted, its type must be one of them. Compile once
   * per text and keep the program.
   */
  compile(text: string, wanted: readonly CelType[] = []): Compilation {
    const parsed = parse(text, this.parsing);
    if (!parsed.ok) return failure(text, parsed.issues);
    const result = check(parsed.parsed, this.scope);
    if (!result.ok) return failure(text, result.issues);
    const faults = (this.options.validators ?? []).flatMap((validate) => validate(result.checked));
    if (faults.length > 0) return failure(text, faults);
    const { type } = result.checked;
    if (wanted.length > 0 && !isOneOf(type, wanted)) {
      const which = wanted.length === 1 ? `${wanted[0]}` : `one of [${wanted.join(' ')}]`;
      return { ok: false, stage: 'result', message: `must evaluate to ${which} but got ${type}`, issues: [] };
    }
    try {
      const planner = new Planner(result.checked, this.functions, this.options.costs ?? STANDARD_COSTS);
      const { run } = planner.plan(result.checked.expr);
      return { ok: true, program: new Program(result.checked, run, planner.slots, this.estimates) };
    } catch (error) {
      if (!(error instanceof PlanError)) throw error;
      return { ok: false, stage: 'instantiation', message: error.message, issues: [] };
    }
  }
}

/** What libraries bring together. */
interface Together {
  readonly functions: ReadonlyMap<string, FunctionDecl>;
  readonly types: ReadonlyMap<string, CelType>;
  readonly parsing: ParseOptions;
}

/** A schema with rules needs an environment at each place that has some, all of the same libraries. */
const known = new WeakMap<readonly CelLibrary[], Together>();

function librariesOf({ libraries = [], withoutMacros = false }: EnvironmentOptions): Together {
  if (withoutMacros) return together([{ ...STANDARD_LIBRARY, macros: [] }, ...libraries]);
  const made = known.get(libraries) ?? together([STANDARD_LIBRARY, ...libraries]);
  known.set(libraries, made);
  return made;
}

function together(libraries: readonly CelLibrary[]): Together {
  return {
    functions: functionTable(libraries),
    types: new Map(libraries.flatMap((library) => library.types ?? []).map((type) => [type.name, type])),
    parsing: {
      macros: new MacroTable(libraries.flatMap((library) => library.macros ?? [])),
      optionalSyntax: libraries.some((library) => library.optionalSyntax),
      escapedIdentifiers: libraries.some((library) => library.escapedIdentifiers),
    },
  };
}

/**
 * What a path from a variable leads to, when a schema declares it. A path from anything else begins at the first
 * declared variable: upstream's estimates of rules do not look at the name, and refusing the same rules depends on it.
 */
function declaredAt(variables: Variables, path: readonly string[]): DeclaredType | undefined {
  const [name = '', ...steps] = path;
  const declared = (variable: CelType | DeclaredType | undefined): DeclaredType | undefined =>
    variable instanceof CelType ? undefined : variable;
  const own = Object.hasOwn(variables, name) ? variables[name] : undefined;
  let at = own === undefined ? Object.values(variables).map(declared).find(Boolean) : declared(own);
  for (const step of steps) {
    if (step === '@items' || step === '@values') at = at?.element;
    else if (step === '@keys') at = at?.key;
    else at = at?.fields?.get(step);
  }
  return at;
}

function declarations(options: EnvironmentOptions): ReadonlyMap<string, Declaration> {
  const variables = Object.entries(options.variables ?? {}).map(([name, variable]): [string, Declaration] => {
    return [name, { name, type: variable instanceof CelType ? variable : variable.type }];
  });
  const constants = Object.entries(options.constants ?? {}).map(([name, { type, value }]): [string, Declaration] => [
    name,
    { name, type, value },
  ]);
  return new Map([...variables, ...constants]);
}

function failure(text: string, issues: readonly Issue[]): CompileFailure {
  return { ok: false, stage: 'compilation', message: displayIssues(text, issues), issues };
}

/** Whether a result of the type may be used where one of the wanted types is asked for; `any` takes everything. */
function isOneOf(type: CelType, wanted: readonly CelType[]): boolean {
  return wanted.some((one) => one.kind === 'any' || sameType(type, one));
}

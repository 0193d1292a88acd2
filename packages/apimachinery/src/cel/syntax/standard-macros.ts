import type { MacroBuilder } from './builder.js';
import type { Expr } from './expr.js';
import { type Macro, MacroFault, receiverMacro, variableName } from './macro.js';
import {
  ACCUMULATOR,
  ADD,
  CONDITIONAL,
  EQUALS,
  LOGICAL_AND,
  LOGICAL_NOT,
  LOGICAL_OR,
  NOT_STRICTLY_FALSE,
} from './operators.js';

/** What the loop of a quantifier does, apart from its variables. */
export interface Quantifier {
  readonly init: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

/** Every element fulfils the predicate; ends at the first that does not. */
export function allQuantifier(build: MacroBuilder, predicate: Expr): Quantifier {
  return {
    init: build.literal(true),
    condition: build.call(NOT_STRICTLY_FALSE, build.accumulator()),
    step: build.call(LOGICAL_AND, build.accumulator(), predicate),
    result: build.accumulator(),
  };
}

/** Some element fulfils the predicate; ends at the first that does. */
export function existsQuantifier(build: MacroBuilder, predicate: Expr): Quantifier {
  return {
    init: build.literal(false),
    condition: build.call(NOT_STRICTLY_FALSE, build.call(LOGICAL_NOT, build.accumulator())),
    step: build.call(LOGICAL_OR, build.accumulator(), predicate),
    result: build.accumulator(),
  };
}

/** Exactly one element fulfils the predicate; sees every element. */
export function existsOneQuantifier(build: MacroBuilder, predicate: Expr): Quantifier {
  const increment = build.call(ADD, build.accumulator(), build.literal(1));
  return {
    init: build.literal(0),
    condition: build.literal(true),
    step: build.call(CONDITIONAL, predicate, increment, build.accumulator()),
    result: build.call(EQUALS, build.accumulator(), build.literal(1)),
  };
}

/** `accumulator + [item]`, only where the filter holds when there is one. */
export function appendStep(build: MacroBuilder, item: Expr, filter: Expr | undefined): Expr {
  return filtered(build, build.call(ADD, build.accumulator(), build.list(item)), filter);
}

/** The step where the filter holds, else the accumulator unchanged. */
export function filtered(build: MacroBuilder, step: Expr, filter: Expr | undefined): Expr {
  return filter === undefined ? step : build.call(CONDITIONAL, filter, step, build.accumulator());
}

function quantifier(name: string, make: (build: MacroBuilder, predicate: Expr) => Quantifier): Macro {
  return receiverMacro(name, 2, (build, range, [first, predicate]) => {
    const variable = variableName(first, 'argument must be a simple name');
    if (variable instanceof MacroFault) return variable;
    if (predicate === undefined) return undefined;
    return build.loop({ range, variable, variable2: undefined, accumulator: ACCUMULATOR, ...make(build, predicate) });
  });
}

function collector(
  name: string,
  arity: number,
  parts: (args: readonly Expr[]) => { item: Expr | undefined; filter: Expr | undefined },
): Macro {
  return receiverMacro(name, arity, (build, range, args) => {
    const variable = variableName(args[0], 'argument is not an identifier');
    if (variable instanceof MacroFault) return variable;
    const { item, filter } = parts(args);
    if (item === undefined) return undefined;
    const init = build.list();
    const condition = build.literal(true);
    const step = appendStep(build, item, filter);
    const result = build.accumulator();
    return build.loop({
      range,
      variable,
      variable2: undefined,
      accumulator: ACCUMULATOR,
      init,
      condition,
      step,
      result,
    });
  });
}

const has: Macro = {
  name: 'has',
  arity: 1,
  receiver: false,
  expand: (build, target, [arg]) => {
    if (arg?.kind === 'select') return build.presence(arg.operand, arg.field);
    return new MacroFault(arg ?? target, 'invalid argument to has() macro');
  },
};

/** The macros of the language itself. */
export const STANDARD_MACROS: readonly Macro[] = [
  has,
  quantifier('all', allQuantifier),
  quantifier('exists', existsQuantifier),
  quantifier('exists_one', existsOneQuantifier),
  collector('map', 2, ([, item]) => ({ item, filter: undefined })),
  collector('map', 3, ([, filter, item]) => ({ item, filter })),
  collector('filter', 2, ([item, filter]) => ({ item, filter })),
];

import type { MacroBuilder } from './builder.js';
import type { Expr } from './expr.js';
import { ACCUMULATOR, OLD_ACCUMULATOR } from './operators.js';

/** What is wrong with a macro's arguments, and which of them it is about. */
export class MacroFault {
  readonly at: Expr;
  readonly message: string;

  constructor(at: Expr, message: string) {
    this.at = at;
    this.message = message;
  }
}

/**
 * A call that the parser replaces by an expression. `expand` gives a MacroFault when the call is this macro's but its
 * arguments are not right, undefined when the call shall stay a call.
 */
export interface Macro {
  readonly name: string;
  /** Number of arguments; undefined for any. */
  readonly arity: number | undefined;
  readonly receiver: boolean;
  expand(build: MacroBuilder, target: Expr, args: readonly Expr[]): Expr | MacroFault | undefined;
}

/** Macros by what a call looks like. */
export class MacroTable {
  private readonly byKey = new Map<string, Macro>();

  constructor(macros: readonly Macro[]) {
    for (const macro of macros) this.byKey.set(key(macro.name, macro.arity, macro.receiver), macro);
  }

  find(name: string, arity: number, receiver: boolean): Macro | undefined {
    return this.byKey.get(key(name, arity, receiver)) ?? this.byKey.get(key(name, undefined, receiver));
  }
}

function key(name: string, arity: number | undefined, receiver: boolean): string {
  return `${name}:${arity ?? '*'}:${receiver}`;
}

/** The name of an iteration variable, or the fault when the argument is none. */
export function variableName(arg: Expr, fault: string): string | MacroFault {
  if (arg.kind !== 'ident') return new MacroFault(arg, fault);
  if (arg.name !== ACCUMULATOR && arg.name !== OLD_ACCUMULATOR) return arg.name;
  return new MacroFault(arg, 'iteration variable overwrites accumulator variable');
}

/** A macro that is called on a value: `range.name(args)`. */
export function receiverMacro(
  name: string,
  arity: number | undefined,
  expand: (build: MacroBuilder, target: Expr, args: readonly [Expr, ...Expr[]]) => Expr | MacroFault | undefined,
): Macro {
  return {
    name,
    arity,
    receiver: true,
    expand: (build, target, [first, ...rest]) =>
      first === undefined ? undefined : expand(build, target, [first, ...rest]),
  };
}

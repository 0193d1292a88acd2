import type { Macro } from '../syntax/macro.js';
import type { CelType } from '../types/cel-type.js';
import { type Signature, signature } from '../types/signature.js';
import type { CelValue } from '../values/value.js';

/** What an overload does. Arguments are never errors; the target of a method comes first. */
export type Implementation = (a: CelValue, b: CelValue, c: CelValue, d: CelValue) => CelValue;

/** One way to call a function. */
export interface Overload extends Signature {
  readonly id: string;
  /** Called as `target.name(…)`; `args` begins with the target's type. */
  readonly member: boolean;
  readonly params: ReadonlySet<string>;
  readonly run: Implementation;
  /** Takes values of any type and answers for the wrong ones itself. */
  readonly anyType: boolean;
  /** An implementation made for arguments that are known beforehand; undefined where nothing is gained. */
  readonly prepare?: (constants: readonly (CelValue | undefined)[]) => Implementation | undefined;
}

export interface FunctionDecl {
  readonly name: string;
  readonly overloads: readonly Overload[];
}

/** Functions, macros and constants that belong together. */
export interface CelLibrary {
  readonly functions?: readonly FunctionDecl[];
  readonly macros?: readonly Macro[];
  readonly optionalSyntax?: boolean;
  readonly escapedIdentifiers?: boolean;
  /** Types that expressions may name, as values: `int`, `optional_type`. */
  readonly types?: readonly CelType[];
}

/**
 * Declares a function. Each overload is its id, its signature (see `signature`; a leading dot makes it a method) and
 * what it does.
 */
export function declare(
  name: string,
  ...overloads: readonly (readonly [id: string, signature: string, run: Implementation])[]
): FunctionDecl {
  return { name, overloads: overloads.map(([id, text, run]) => overload(id, text, run, false)) };
}

/** Declares a function whose overloads are all done by one implementation, which tells types apart itself. */
export function declareAll(
  name: string,
  run: Implementation,
  ...overloads: readonly (readonly [id: string, signature: string])[]
): FunctionDecl {
  return { name, overloads: overloads.map(([id, text]) => overload(id, text, run, true)) };
}

function overload(id: string, text: string, run: Implementation, anyType: boolean): Overload {
  const member = text.startsWith('.');
  const { args, result } = signature(member ? text.slice(1) : text);
  const params = new Set<string>();
  for (const type of [...args, result]) collectParams(type, params);
  return { id, member, args, result, params, run, anyType };
}

function collectParams(type: CelType, into: Set<string>): void {
  if (type.kind === 'param') into.add(type.name);
  for (const inner of type.params) collectParams(inner, into);
}

/** Functions by name; the same name in several libraries means more overloads. */
export function functionTable(libraries: readonly CelLibrary[]): ReadonlyMap<string, FunctionDecl> {
  const table = new Map<string, FunctionDecl>();
  for (const decl of libraries.flatMap((library) => library.functions ?? [])) {
    const known = table.get(decl.name);
    if (known === undefined) table.set(decl.name, decl);
    else table.set(decl.name, { name: decl.name, overloads: [...known.overloads, ...decl.overloads] });
  }
  return table;
}

import type { Constant } from '../syntax/expr.js';
import type { CelType } from '../types/cel-type.js';
import { typeOfType } from '../types/cel-type.js';
import type { FunctionDecl } from './declarations.js';

/** A variable, a constant or the name of a type. */
export interface Declaration {
  readonly name: string;
  readonly type: CelType;
  /** Of a constant. */
  readonly value?: Constant;
}

/** What an expression may refer to. */
export interface CheckScope {
  readonly container: string;
  readonly variables: ReadonlyMap<string, Declaration>;
  readonly functions: ReadonlyMap<string, FunctionDecl>;
  /** Types by their name at run time. */
  readonly types: { get(name: string): CelType | undefined };
}

/** Names that `name` may stand for in a container `a.b`: `a.b.name`, `a.name`, `name`. A leading dot is absolute. */
export function candidateNames(container: string, name: string): readonly string[] {
  if (name.startsWith('.')) return [name.slice(1)];
  if (container === '') return [name];
  const parts = container.split('.');
  return [...parts.map((_, i) => `${parts.slice(0, parts.length - i).join('.')}.${name}`), name];
}

/** The function a name stands for. */
export function findFunction(scope: CheckScope, name: string): FunctionDecl | undefined {
  for (const candidate of candidateNames(scope.container, name)) {
    const found = scope.functions.get(candidate);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Variables of loops, the innermost last; each frame is one loop's. */
export class Locals {
  private readonly frames: ReadonlyMap<string, CelType>[] = [];

  /** Runs the work where the variables are known. */
  within<T>(variables: ReadonlyMap<string, CelType>, work: () => T): T {
    this.frames.push(variables);
    const result = work();
    this.frames.pop();
    return result;
  }

  find(name: string): CelType | undefined {
    for (let i = this.frames.length - 1; i >= 0; i--) {
      const type = this.frames[i]?.get(name);
      if (type !== undefined) return type;
    }
    return undefined;
  }
}

/** What an identifier stands for: the innermost loop's variable, a variable, or a type. */
export function findIdentifier(scope: CheckScope, locals: Locals, name: string): Declaration | undefined {
  for (const candidate of candidateNames(scope.container, name)) {
    const local = name.startsWith('.') ? undefined : locals.find(candidate);
    if (local !== undefined) return { name: candidate, type: local };
    const variable = scope.variables.get(candidate);
    if (variable !== undefined) return variable;
    const type = scope.types.get(candidate);
    if (type !== undefined) return { name: candidate, type: typeOfType(type) };
  }
  return undefined;
}

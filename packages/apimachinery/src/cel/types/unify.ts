import {
  type CelType,
  DYN,
  isDyn,
  isDynOrError,
  listType,
  mapType,
  opaqueType,
  param,
  sameType,
  typeOfType,
} from './cel-type.js';

/**
 * What type parameters stand for, found while checking; the rules are cel-go's (`checker/types.go`). A failed attempt
 * leaves nothing behind.
 */
export class Substitutions {
  private readonly bound = new Map<string, CelType>();
  /** Former bindings, to be restored when an attempt fails. */
  private readonly trail: [name: string, before: CelType | undefined][] = [];

  /** Whether a value of type `from` may be used as `to`; binds type parameters of both. */
  assignable(from: CelType, to: CelType): boolean {
    return this.attempt(() => this.accepts(from, to));
  }

  /** The same for each of two lists of equal length. */
  assignableAll(from: readonly CelType[], to: readonly CelType[]): boolean {
    return this.attempt(() => this.acceptsAll(from, to));
  }

  /** Replaces bound type parameters; unbound ones by dyn when asked to. */
  apply(type: CelType, unboundToDyn: boolean): CelType {
    if (type.kind === 'param') {
      const bound = this.bound.get(type.name);
      if (bound !== undefined) return this.apply(bound, unboundToDyn);
      return unboundToDyn ? DYN : type;
    }
    if (type.params.length === 0) return type;
    const params = type.params.map((inner) => this.apply(inner, unboundToDyn));
    if (params.every((inner, i) => inner === type.params[i])) return type;
    return withParams(type, params);
  }

  private attempt(work: () => boolean): boolean {
    const mark = this.trail.length;
    if (work()) {
      this.trail.length = 0;
      return true;
    }
    while (this.trail.length > mark) {
      const [name, before] = this.trail.pop() ?? ['', undefined];
      if (before === undefined) this.bound.delete(name);
      else this.bound.set(name, before);
    }
    return false;
  }

  private bind(name: string, type: CelType): void {
    this.trail.push([name, this.bound.get(name)]);
    this.bound.set(name, type);
  }

  private acceptsAll(from: readonly CelType[], to: readonly CelType[]): boolean {
    return from.length === to.length && from.every((type, i) => this.accepts(type, to[i] ?? DYN));
  }

  private accepts(from: CelType, to: CelType): boolean {
    if (to.kind === 'param') {
      const [valid, known] = this.substitutes(from, to);
      if (valid || known) return valid;
    }
    if (from.kind === 'param') return this.substitutes(to, from)[0];
    if (isDynOrError(from) || isDynOrError(to)) return true;
    if (from.kind === 'null') return acceptsNull(to);
    if (to.kind === 'null') return acceptsNull(from);
    switch (from.kind) {
      case 'type':
        return to.kind === 'type';
      case 'opaque':
      case 'list':
      case 'map':
        return from.kind === to.kind && from.name === to.name && this.acceptsAll(from.params, to.params);
      default:
        return from.kind === to.kind && from.name === to.name;
    }
  }

  /** Whether `by` may stand for the parameter, and whether the parameter stood for something already. */
  private substitutes(by: CelType, parameter: CelType): [valid: boolean, known: boolean] {
    if (sameType(by, parameter)) return [true, true];
    const bound = this.bound.get(parameter.name);
    if (bound !== undefined) {
      if (sameType(by, bound)) return [true, true];
      if (!this.accepts(by, bound)) return [false, true];
      const general = mostGeneral(by, bound);
      if (this.notWithin(parameter, general)) this.bind(parameter.name, general);
      return [true, true];
    }
    if (!this.notWithin(parameter, by)) return [false, false];
    this.bind(parameter.name, by);
    return [true, false];
  }

  /** The occurs check: the parameter is no part of the type. */
  private notWithin(parameter: CelType, type: CelType): boolean {
    if (sameType(parameter, type)) return false;
    if (type.kind === 'param') {
      const bound = this.bound.get(type.name);
      return bound === undefined || this.notWithin(parameter, bound);
    }
    return type.params.every((inner) => this.notWithin(parameter, inner));
  }
}

function withParams(type: CelType, params: readonly CelType[]): CelType {
  switch (type.kind) {
    case 'list':
      return listType(params[0] ?? DYN);
    case 'map':
      return mapType(params[0] ?? DYN, params[1] ?? DYN);
    case 'type':
      return typeOfType(params[0] ?? DYN);
    default:
      return opaqueType(type.name, ...params);
  }
}

function acceptsNull(type: CelType): boolean {
  return type.nullable || ['opaque', 'struct', 'any', 'duration', 'timestamp', 'null'].includes(type.kind);
}

/** The more general of two types that go together. */
export function mostGeneral(a: CelType, b: CelType): CelType {
  return lessSpecific(a, b) ? a : b;
}

function lessSpecific(a: CelType, b: CelType): boolean {
  if (isDyn(a) || a.kind === 'param') return true;
  if (isDyn(b) || b.kind === 'param') return false;
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case 'type':
      return true;
    case 'opaque':
    case 'list':
    case 'map':
      return (
        a.name === b.name &&
        a.params.length === b.params.length &&
        a.params.every((inner, i) => lessSpecific(inner, param(b, i)))
      );
    default:
      return sameType(a, b);
  }
}

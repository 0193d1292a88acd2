import { CEL_TYPE_PARTS_MAX } from '../limits.js';
import {
  type Call,
  type Comprehension,
  type Expr,
  type ListExpr,
  type Literal,
  type MapExpr,
  type ParsedExpr,
  qualifiedName,
  type Select,
  type StructExpr,
} from '../syntax/expr.js';
import { LOGICAL_AND, LOGICAL_OR, OPTIONAL_SELECT } from '../syntax/operators.js';
import { type Issue, locate } from '../syntax/source.js';
import {
  BOOL,
  CelType,
  DYN,
  ERROR,
  INT,
  isDyn,
  isDynOrError,
  listType,
  mapType,
  optionalType,
  param,
  STRING,
  sameType,
  typeParam,
  unwrapOptional,
} from '../types/cel-type.js';
import { mostGeneral, Substitutions } from '../types/unify.js';
import { typeOf } from '../values/type-of.js';
import type { FunctionDecl, Overload } from './declarations.js';
import { type CheckScope, type Declaration, findFunction, findIdentifier, Locals } from './scope.js';

/** What the checker found out about an expression. */
export interface CheckedExpr {
  readonly text: string;
  readonly offsets: readonly number[];
  /** With names resolved: qualified names are identifiers, namespaced functions global calls. */
  readonly expr: Expr;
  readonly type: CelType;
  /** Type by id. */
  readonly types: readonly (CelType | undefined)[];
  /** What identifiers and functions of the scope were found for, by id; loop variables are not here. */
  readonly identifiers: ReadonlyMap<number, Declaration>;
  readonly overloads: ReadonlyMap<number, readonly Overload[]>;
}

export type CheckResult =
  | { readonly ok: true; readonly checked: CheckedExpr }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** Finds the type of each part of an expression; errors have cel-go's texts. */
export function check(parsed: ParsedExpr, scope: CheckScope): CheckResult {
  const checker = new Checker(parsed, scope);
  const expr = checker.check(parsed.expr);
  if (checker.issues.length > 0) return { ok: false, issues: checker.issues };
  return { ok: true, checked: checker.result(expr) };
}

class Checker {
  readonly issues: Issue[] = [];
  private readonly types: (CelType | undefined)[] = [];
  private readonly identifiers = new Map<number, Declaration>();
  private readonly overloads = new Map<number, readonly Overload[]>();
  private readonly substitutions = new Substitutions();
  private readonly locals = new Locals();
  private typeVariables = 0;

  private readonly parsed: ParsedExpr;
  private readonly scope: CheckScope;

  constructor(parsed: ParsedExpr, scope: CheckScope) {
    this.parsed = parsed;
    this.scope = scope;
  }

  result(expr: Expr): CheckedExpr {
    const types = this.types.map((type) => (type === undefined ? undefined : this.substitutions.apply(type, true)));
    const { text, offsets } = this.parsed;
    const type = types[expr.id] ?? ERROR;
    return { text, offsets, expr, type, types, identifiers: this.identifiers, overloads: this.overloads };
  }

  check(expr: Expr): Expr {
    switch (expr.kind) {
      case 'literal':
        return this.typed(expr, typeOf(expr.value));
      case 'ident': {
        const found = findIdentifier(this.scope, this.locals, expr.name);
        if (found !== undefined) return this.identifier(expr, found);
        this.undeclared(expr.id, expr.name);
        return this.typed(expr, ERROR);
      }
      case 'select':
        return this.checkSelect(expr);
      case 'call':
        return expr.name === OPTIONAL_SELECT ? this.checkOptionalSelect(expr) : this.checkCall(expr);
      case 'list':
        return this.checkList(expr);
      case 'map':
        return this.checkMap(expr);
      case 'struct':
        return this.checkStruct(expr);
      case 'comprehension':
        return this.checkComprehension(expr);
    }
  }

  private identifier(expr: Expr, found: Declaration): Expr {
    this.identifiers.set(expr.id, found);
    return this.typed({ kind: 'ident', id: expr.id, name: found.name }, found.type);
  }

  private checkSelect(expr: Select): Expr {
    const name = qualifiedName(expr);
    const found = name === undefined ? undefined : findIdentifier(this.scope, this.locals, name);
    if (found !== undefined) return this.identifier(expr, found);
    const operand = this.check(expr.operand);
    const type = this.fieldType(expr.id, operand, expr.field, false);
    return this.typed({ ...expr, operand }, expr.testOnly ? BOOL : this.substitutions.apply(type, false));
  }

  private checkOptionalSelect(expr: Call): Expr {
    const [target, field] = expr.args;
    if (target === undefined || field?.kind !== 'literal' || typeof field.value !== 'string') {
      this.report(expr.id, `unsupported optional field selection: ${field?.kind ?? ''}`);
      return this.typed(expr, ERROR);
    }
    const operand = this.check(target);
    const type = this.fieldType(expr.id, operand, field.value, true);
    this.typed(field, STRING);
    const overloads = findFunction(this.scope, OPTIONAL_SELECT)?.overloads ?? [];
    this.overloads.set(expr.id, overloads);
    return this.typed({ ...expr, args: [operand, field] }, this.substitutions.apply(type, false));
  }

  private fieldType(id: number, operand: Expr, field: string, optional: boolean): CelType {
    const operandType = this.substitutions.apply(this.typeOf(operand), false);
    const inner = unwrapOptional(operandType);
    const type = this.plainFieldType(id, inner ?? operandType, field);
    return inner !== undefined || optional ? optionalType(type) : type;
  }

  private plainFieldType(id: number, type: CelType, field: string): CelType {
    switch (type.kind) {
      case 'map':
        return param(type, 1);
      case 'struct': {
        const found = type.fields?.get(field);
        if (found !== undefined) return found;
        if (type.fields === undefined) this.report(id, `unexpected failed resolution of '${type.name}'`);
        else this.report(id, `undefined field '${field}'`);
        return ERROR;
      }
      case 'param':
        this.substitutions.assignable(DYN, type);
        return DYN;
      default:
        if (!isDynOrError(type)) this.report(id, `type '${type}' does not support field selection`);
        return DYN;
    }
  }

  private checkCall(expr: Call): Expr {
    const args = expr.args.map((arg) => this.check(arg));
    if (expr.target === undefined) return this.resolveOrReport({ ...expr, args }, expr.name);
    const prefix = qualifiedName(expr.target);
    const namespaced = prefix === undefined ? undefined : findFunction(this.scope, `${prefix}.${expr.name}`);
    if (namespaced !== undefined) return this.resolve({ ...expr, target: undefined, args }, namespaced);
    const target = this.check(expr.target);
    return this.resolveOrReport({ ...expr, target, args }, expr.name);
  }

  private resolveOrReport(call: Call, name: string): Expr {
    const decl = findFunction(this.scope, name);
    if (decl !== undefined) return this.resolve(call, decl);
    this.undeclared(call.id, name);
    return this.typed(call, ERROR);
  }

  private resolve(unnamed: Call, decl: FunctionDecl): Expr {
    const call: Call = { ...unnamed, name: decl.name };
    const operands = call.target === undefined ? call.args : [call.target, ...call.args];
    if (decl.name === LOGICAL_AND || decl.name === LOGICAL_OR) return this.resolveLogical(call, decl);
    const argTypes = operands.map((operand) => this.typeOf(operand));
    const matching: Overload[] = [];
    let result: CelType | undefined;
    for (const overload of decl.overloads) {
      if (overload.member !== (call.target !== undefined)) continue;
      const type = this.match(overload, argTypes);
      if (type === undefined) continue;
      matching.push(overload);
      if (result === undefined) result = type;
      else if (!isDyn(result) && !sameType(type, result)) result = DYN;
    }
    if (result === undefined) return this.noMatch(call, argTypes);
    this.overloads.set(call.id, matching);
    return this.typed(call, result);
  }

  /** The result type of an overload with fresh type variables; undefined when it does not take the arguments. */
  private match(overload: Overload, argTypes: readonly CelType[]): CelType | undefined {
    if (overload.args.length !== argTypes.length) return undefined;
    if (overload.params.size === 0) {
      return this.substitutions.assignableAll(argTypes, overload.args) ? overload.result : undefined;
    }
    const fresh = new Map([...overload.params].map((name) => [name, this.newTypeVariable()]));
    const args = overload.args.map((type) => instantiate(type, fresh));
    if (!this.substitutions.assignableAll(argTypes, args)) return undefined;
    return this.substitutions.apply(instantiate(overload.result, fresh), false);
  }

  private resolveLogical(call: Call, decl: FunctionDecl): Expr {
    let ok = true;
    for (const arg of call.args) {
      const type = this.typeOf(arg);
      if (this.substitutions.assignable(type, BOOL)) continue;
      this.mismatch(arg.id, BOOL, type);
      ok = false;
    }
    if (!ok) return this.typed(call, ERROR);
    this.overloads.set(call.id, decl.overloads);
    return this.typed(call, BOOL);
  }

  private noMatch(call: Call, argTypes: readonly CelType[]): Expr {
    const shown = argTypes.map((type) => this.substitutions.apply(type, true).toString());
    const [target, ...rest] = shown;
    const signature = call.target === undefined ? `(${shown.join(', ')})` : `${target}.(${rest.join(', ')})`;
    this.report(call.id, `found no matching overload for '${call.name}' applied to '${signature}'`);
    return this.typed(call, ERROR);
  }

  private checkList(expr: ListExpr): Expr {
    let type: CelType | undefined;
    const elements = expr.elements.map((element, i) => {
      const checked = this.check(element);
      type = this.join(type, this.entryType(checked, expr.optional.has(i)));
      return checked;
    });
    return this.typed({ ...expr, elements }, listType(type ?? this.newTypeVariable()));
  }

  private checkMap(expr: MapExpr): Expr {
    let keyType: CelType | undefined;
    let valueType: CelType | undefined;
    const entries = expr.entries.map((entry) => {
      const key = this.check(entry.key);
      keyType = this.join(keyType, this.typeOf(key));
      const value = this.check(entry.value);
      valueType = this.join(valueType, this.entryType(value, entry.optional));
      return { ...entry, key, value };
    });
    const type = mapType(keyType ?? this.newTypeVariable(), valueType ?? this.newTypeVariable());
    return this.typed({ ...expr, entries }, type);
  }

  /** The type of an element; what an optional holds where the element is marked as optional. */
  private entryType(expr: Expr, optional: boolean): CelType {
    const type = this.typeOf(expr);
    if (!optional) return type;
    const inner = unwrapOptional(type);
    if (inner === undefined && !isDyn(type)) this.mismatch(expr.id, optionalType(type), type);
    return inner ?? type;
  }

  private checkStruct(expr: StructExpr): Expr {
    const found = findIdentifier(this.scope, this.locals, expr.typeName);
    if (found === undefined) this.undeclared(expr.id, expr.typeName);
    const type = found === undefined ? ERROR : this.structType(expr, found.type);
    if (found === undefined) return this.typed(expr, ERROR);
    const fields = expr.fields.map((field) => {
      const value = this.check(field.value);
      const fieldType = type.kind === 'error' ? ERROR : this.plainFieldType(field.id, type, field.name);
      if (type.kind === 'error') this.report(field.id, `unexpected failed resolution of '${found.name}'`);
      const valueType = this.entryType(value, field.optional);
      if (!this.substitutions.assignable(fieldType, valueType)) {
        this.report(
          field.id,
          `expected type of field '${field.name}' is '${fieldType}' but provided type is '${valueType}'`,
        );
      }
      return { ...field, value };
    });
    return this.typed({ ...expr, typeName: found.name, fields }, type);
  }

  private structType(expr: StructExpr, named: CelType): CelType {
    if (named.kind !== 'type') {
      this.report(expr.id, `'${named.name}' is not a type`);
      return ERROR;
    }
    const type = param(named, 0);
    if (type.kind === 'struct') return type;
    this.report(expr.id, `'${type.name}' is not a message type`);
    return ERROR;
  }

  private checkComprehension(expr: Comprehension): Expr {
    const range = this.check(expr.range);
    const init = this.check(expr.init);
    const rangeType = this.substitutions.apply(this.typeOf(range), false);
    const accumulatorType = this.typeOf(init);
    const [first, second] = this.loopTypes(range, rangeType, expr.variable2 !== undefined);
    const variables = new Map([[expr.variable, first]]);
    if (expr.variable2 !== undefined) variables.set(expr.variable2, second);
    return this.locals.within(new Map([[expr.accumulator, accumulatorType]]), () => {
      const [condition, step] = this.locals.within(variables, () => [
        this.asserted(expr.condition, BOOL),
        this.asserted(expr.step, accumulatorType),
      ]);
      const result = this.check(expr.result);
      const type = this.substitutions.apply(this.typeOf(result), false);
      return this.typed({ ...expr, range, init, condition, step, result }, type);
    });
  }

  private loopTypes(range: Expr, type: CelType, two: boolean): [CelType, CelType] {
    switch (type.kind) {
      case 'list':
        return two ? [INT, param(type, 0)] : [param(type, 0), ERROR];
      case 'map':
        return [param(type, 0), param(type, 1)];
      case 'dyn':
      case 'error':
      case 'param':
        this.substitutions.assignable(DYN, type);
        return [DYN, DYN];
      default:
        this.report(
          range.id,
          `expression of type '${type}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        );
        return [ERROR, ERROR];
    }
  }

  private asserted(expr: Expr, type: CelType): Expr {
    const checked = this.check(expr);
    if (!this.substitutions.assignable(type, this.typeOf(checked))) {
      this.mismatch(expr.id, type, this.typeOf(checked));
    }
    return checked;
  }

  private join(before: CelType | undefined, type: CelType): CelType {
    if (before === undefined) return type;
    if (this.substitutions.assignable(before, type)) return mostGeneral(before, type);
    return DYN;
  }

  private newTypeVariable(): CelType {
    return typeParam(`_var${this.typeVariables++}`);
  }

  private typed<T extends Expr | Literal>(expr: T, type: CelType): T {
    if (type.parts > CEL_TYPE_PARTS_MAX) {
      this.report(expr.id, `type has more than ${CEL_TYPE_PARTS_MAX} parts`);
      this.types[expr.id] = ERROR;
    } else this.types[expr.id] = type;
    return expr;
  }

  private typeOf(expr: Expr): CelType {
    return this.types[expr.id] ?? ERROR;
  }

  private undeclared(id: number, name: string): void {
    this.report(id, `undeclared reference to '${name}' (in container '${this.scope.container}')`);
  }

  private mismatch(id: number, expected: CelType, actual: CelType): void {
    this.report(id, `expected type '${expected}' but found '${actual}'`);
  }

  private report(id: number, message: string): void {
    this.issues.push({ location: locate(this.parsed.text, this.parsed.offsets[id] ?? 0), message });
  }
}

/** A type with its parameters replaced. */
function instantiate(type: CelType, by: ReadonlyMap<string, CelType>): CelType {
  if (type.kind === 'param') return by.get(type.name) ?? type;
  if (type.params.length === 0) return type;
  return new CelType(
    type.kind,
    type.name,
    type.params.map((inner) => instantiate(inner, by)),
  );
}

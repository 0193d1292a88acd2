import { type CelLibrary, declare } from '../check/declarations.js';
import type { Loop, MacroBuilder } from '../syntax/builder.js';
import type { Expr } from '../syntax/expr.js';
import { type Macro, MacroFault, receiverMacro } from '../syntax/macro.js';
import { CONDITIONAL } from '../syntax/operators.js';
import { optionalType, typeParam } from '../types/cel-type.js';
import { CelError } from '../values/cel-error.js';
import { CelDouble, CelUint } from '../values/number.js';
import { showValue } from '../values/show.js';
import { CelDuration, CelTimestamp } from '../values/time.js';
import { ArrayList, CelList, CelMap, CelOptional, type CelValue, NONE } from '../values/value.js';
import { OPTIONAL_OPERATORS } from './standard-operators.js';

/** The name of a loop variable that nothing refers to. */
export const UNUSED = '#unused';

/** A loop over nothing that gives a value a name: `cel.bind` and its kin. */
export function bindingLoop(build: MacroBuilder, name: string, value: Expr, result: Expr): Expr {
  const loop: Loop = {
    range: build.list(),
    variable: UNUSED,
    variable2: undefined,
    accumulator: name,
    init: value,
    condition: build.literal(false),
    step: build.ident(name),
    result,
  };
  return build.loop(loop);
}

/** `target.optMap(x, e)`: e of the value, where there is one. */
function optionalMacro(name: string, wrap: (build: MacroBuilder, result: Expr) => Expr): Macro {
  return receiverMacro(name, 2, (build, target, [variable, body]) => {
    if (variable.kind !== 'ident')
      return new MacroFault(variable, `${name}() variable name must be a simple identifier`);
    if (body === undefined) return undefined;
    const value = build.memberCall('value', build.copy(target));
    const then = wrap(build, bindingLoop(build, variable.name, value, body));
    return build.call(CONDITIONAL, build.memberCall('hasValue', target), then, build.call('optional.none'));
  });
}

function unwrap(list: CelValue): CelValue {
  if (!(list instanceof CelList)) return new CelError('no such overload');
  const values: CelValue[] = [];
  for (const item of list.toArray()) {
    if (!(item instanceof CelOptional)) return new CelError(`value ${showValue(item)} is not optional`);
    if (item.value !== undefined) values.push(item.value);
  }
  return new ArrayList(values);
}

function contentOf(optional: CelValue): CelValue {
  const value = optional instanceof CelOptional ? optional.value : undefined;
  return value === undefined ? new CelError('optional.none() dereference') : value;
}

function hasValue(optional: CelValue): boolean {
  return optional instanceof CelOptional && optional.value !== undefined;
}

/** Whether a value is its type's zero: empty, 0, false, null. */
function isZero(value: CelValue): boolean {
  if (value === null || value === 0 || value === '' || value === false) return true;
  if (value instanceof CelDouble || value instanceof CelUint) return value.value === 0;
  if (value instanceof CelList || value instanceof CelMap) return value.size === 0;
  if (value instanceof Uint8Array) return value.length === 0;
  if (value instanceof CelDuration) return value.nanos === 0n;
  if (value instanceof CelTimestamp) return value.seconds === -62_135_596_800 && value.nanos === 0;
  return value instanceof CelOptional && value.value === undefined;
}

function endOf(list: CelValue, at: (size: number) => number): CelValue {
  if (!(list instanceof CelList)) return new CelError('no such overload');
  return list.size === 0 ? NONE : new CelOptional(list.at(at(list.size)));
}

/** Values that may be absent: `a.?b`, `optional.of(x)`, `x.orValue(y)`. */
export const OPTIONAL_LIBRARY: CelLibrary = {
  optionalSyntax: true,
  types: [optionalType(typeParam('V'))],
  macros: [
    optionalMacro('optMap', (build, result) => build.call('optional.of', result)),
    optionalMacro('optFlatMap', (_build, result) => result),
  ],
  functions: [
    ...OPTIONAL_OPERATORS,
    declare('optional.of', ['optional_of', 'V -> optional_type(V)', (value) => new CelOptional(value)]),
    declare('optional.ofNonZeroValue', [
      'optional_ofNonZeroValue',
      'V -> optional_type(V)',
      (value) => (isZero(value) ? NONE : new CelOptional(value)),
    ]),
    declare('optional.none', ['optional_none', '-> optional_type(V)', () => NONE]),
    declare('value', ['optional_value', '.optional_type(V) -> V', contentOf]),
    declare('hasValue', ['optional_hasValue', '.optional_type(V) -> bool', hasValue]),
    declare('or', [
      'optional_or_optional',
      '.optional_type(V), optional_type(V) -> optional_type(V)',
      (a, b) => (hasValue(a) ? a : b),
    ]),
    declare('orValue', [
      'optional_orValue_value',
      '.optional_type(V), V -> V',
      (a, b) => (hasValue(a) ? contentOf(a) : b),
    ]),
    declare('last', ['list_last', '.list(V) -> optional_type(V)', (list) => endOf(list, (size) => size - 1)]),
    declare('first', ['list_first', '.list(V) -> optional_type(V)', (list) => endOf(list, () => 0)]),
    declare('optional.unwrap', ['optional_unwrap', 'list(optional_type(V)) -> list(V)', unwrap]),
    declare('unwrapOpt', ['optional_unwrapOpt', '.list(optional_type(V)) -> list(V)', unwrap]),
  ],
};

import { type CelLibrary, declare, declareAll, type FunctionDecl, type Implementation } from '../check/declarations.js';
import type { Expr } from '../syntax/expr.js';
import { type Macro, MacroFault } from '../syntax/macro.js';
import { CelError, INT_OVERFLOW, NO_SUCH_OVERLOAD } from '../values/cel-error.js';
import { compare } from '../values/compare.js';
import { numeric } from '../values/equal.js';
import { CelDouble, CelUint, checkedInt, checkedUint, INT_MIN, normalInt, UINT_MAX } from '../values/number.js';
import { CelList, type CelValue } from '../values/value.js';

const TYPES = ['double', 'int', 'uint'];

function extreme(name: string, wins: (order: number) => boolean): FunctionDecl {
  const pair: Implementation = (a, b) => {
    const order = compare(a, b);
    if (order instanceof CelError) return new CelError(`${order.message}: math.@${name}`);
    return wins(order) ? b : a;
  };
  const ofList: Implementation = (list) => {
    if (!(list instanceof CelList)) return NO_SUCH_OVERLOAD;
    if (list.size === 0) return new CelError(`math.@${name}(list) argument must not be empty`);
    const best = list.toArray().reduce((one, other) => (one instanceof CelError ? one : pair(one, other, null, null)));
    return best instanceof CelError || numeric(best) !== undefined
      ? best
      : new CelError(`no such overload: math.@${name}`);
  };
  const pairs = TYPES.flatMap((a) =>
    TYPES.map((b): [string, string, Implementation] => [
      `math_@${name}_${a}_${b}`,
      `${a}, ${b} -> ${a === b ? a : 'dyn'}`,
      pair,
    ]),
  );
  return declare(
    `math.@${name}`,
    ...TYPES.map((type): [string, string, Implementation] => [`math_@${name}_${type}`, `${type} -> ${type}`, (a) => a]),
    ...pairs.filter(([id]) => TYPES.some((type) => id.endsWith(`_${type}_${type}`))),
    ...pairs.filter(([id]) => !TYPES.some((type) => id.endsWith(`_${type}_${type}`))),
    ...TYPES.map((type): [string, string, Implementation] => [
      `math_@${name}_list_${type}`,
      `list(${type}) -> ${type}`,
      ofList,
    ]),
  );
}

function isNumericArgument(arg: Expr): boolean {
  if (arg.kind === 'literal') {
    return (
      typeof arg.value === 'number' ||
      typeof arg.value === 'bigint' ||
      arg.value instanceof CelDouble ||
      arg.value instanceof CelUint
    );
  }
  return arg.kind !== 'list' && arg.kind !== 'map' && arg.kind !== 'struct';
}

function extremeMacro(name: string, to: string): Macro {
  return {
    name,
    arity: undefined,
    receiver: true,
    expand: (build, target, args) => {
      if (target.kind !== 'ident' || target.name !== 'math') return undefined;
      const [first, second] = args;
      if (first === undefined) return new MacroFault(target, `math.${name}() requires at least one argument`);
      if (second === undefined) {
        const list = first.kind === 'list' && first.elements.length > 0 && first.elements.every(isNumericArgument);
        if (list || isNumericArgument(first)) return build.call(to, first);
        return new MacroFault(first, `math.${name}() invalid single argument value`);
      }
      const wrong = args.find((arg) => !isNumericArgument(arg));
      if (wrong !== undefined) return new MacroFault(wrong, `math.${name}() simple literal arguments must be numeric`);
      return args.length === 2 ? build.call(to, first, second) : build.call(to, build.list(...args));
    },
  };
}

function ofDouble(name: string, result: string, run: (value: number) => CelValue): FunctionDecl {
  return declare(`math.${name}`, [
    `math_${name}_double`,
    `double -> ${result}`,
    (value) => (value instanceof CelDouble ? run(value.value) : NO_SUCH_OVERLOAD),
  ]);
}

const round = (value: number): number => Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
const asDouble =
  (run: (value: number) => number): ((value: number) => CelValue) =>
  (value) =>
    new CelDouble(run(value));

const sign: Implementation = (value) => {
  if (value instanceof CelDouble) return new CelDouble(Math.sign(value.value));
  if (value instanceof CelUint) return new CelUint(value.value === 0 ? 0 : 1);
  const number = numeric(value);
  return number === undefined ? NO_SUCH_OVERLOAD : number > 0 ? 1 : number < 0 ? -1 : 0;
};
const abs: Implementation = (value) => {
  if (value instanceof CelDouble) return new CelDouble(Math.abs(value.value));
  if (value instanceof CelUint) return value;
  const number = numeric(value);
  if (number === undefined) return NO_SUCH_OVERLOAD;
  return number < 0 ? (checkedInt(-BigInt(number)) ?? INT_OVERFLOW) : value;
};
const sqrt: Implementation = (value) => new CelDouble(Math.sqrt(Number(numeric(value) ?? Number.NaN)));

/** Bits of two numbers of the same type. */
function bits(name: string, run: (a: bigint, b: bigint) => bigint): FunctionDecl {
  const apply: Implementation = (a, b) => {
    const [left, right] = [numeric(a), numeric(b)];
    if (left === undefined || right === undefined) return NO_SUCH_OVERLOAD;
    const result = run(BigInt(left), BigInt(right));
    return a instanceof CelUint ? (checkedUint(result) ?? NO_SUCH_OVERLOAD) : normalInt(result);
  };
  return declare(
    `math.${name}`,
    [`math_${name}_int_int`, 'int, int -> int', apply],
    [`math_${name}_uint_uint`, 'uint, uint -> uint', apply],
  );
}

function shift(name: string, run: (value: bigint, by: bigint) => bigint): FunctionDecl {
  const apply: Implementation = (value, by) => {
    const [number, count] = [numeric(value), numeric(by)];
    if (number === undefined || count === undefined) return NO_SUCH_OVERLOAD;
    if (count < 0) return new CelError(`math.${name}() negative offset: ${count}`);
    const shifted = count >= 64 ? 0n : run(BigInt.asUintN(64, BigInt(number)), BigInt(count));
    if (value instanceof CelUint) return new CelUint(normalInt(BigInt.asUintN(64, shifted)));
    return normalInt(BigInt.asIntN(64, shifted));
  };
  return declare(
    `math.${name}`,
    [`math_${name}_int_int`, 'int, int -> int', apply],
    [`math_${name}_uint_int`, 'uint, int -> uint', apply],
  );
}

const bitNot: Implementation = (value) => {
  if (value instanceof CelUint) return new CelUint(normalInt(UINT_MAX ^ BigInt(value.value)));
  return normalInt(~BigInt(numeric(value) ?? INT_MIN));
};

/** Mathematics extension. Kubernetes does not have it. */
export const MATH_LIBRARY: CelLibrary = {
  macros: [extremeMacro('least', 'math.@min'), extremeMacro('greatest', 'math.@max')],
  functions: [
    extreme('min', (order) => order > 0),
    extreme('max', (order) => order < 0),
    ofDouble('ceil', 'double', asDouble(Math.ceil)),
    ofDouble('floor', 'double', asDouble(Math.floor)),
    ofDouble('round', 'double', asDouble(round)),
    ofDouble('trunc', 'double', asDouble(Math.trunc)),
    ofDouble('isInf', 'bool', (value) => value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY),
    ofDouble('isNaN', 'bool', Number.isNaN),
    ofDouble('isFinite', 'bool', Number.isFinite),
    declareAll('math.abs', abs, ...TYPES.map((type): [string, string] => [`math_abs_${type}`, `${type} -> ${type}`])),
    declareAll(
      'math.sign',
      sign,
      ...TYPES.map((type): [string, string] => [`math_sign_${type}`, `${type} -> ${type}`]),
    ),
    declareAll('math.sqrt', sqrt, ...TYPES.map((type): [string, string] => [`math_sqrt_${type}`, `${type} -> double`])),
    bits('bitAnd', (a, b) => a & b),
    bits('bitOr', (a, b) => a | b),
    bits('bitXor', (a, b) => a ^ b),
    declare(
      'math.bitNot',
      ['math_bitNot_int_int', 'int -> int', bitNot],
      ['math_bitNot_uint_uint', 'uint -> uint', bitNot],
    ),
    shift('bitShiftLeft', (value, by) => value << by),
    shift('bitShiftRight', (value, by) => value >> by),
  ],
};

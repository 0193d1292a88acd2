import { declareAll, type FunctionDecl, type Implementation } from '../check/declarations.js';
import { contains, indexOptional, indexValue } from '../eval/access.js';
import { add, divide, modulo, multiply, negate, subtract, unsupported } from '../values/arithmetic.js';
import { CelError, NO_SUCH_OVERLOAD } from '../values/cel-error.js';
import { compare } from '../values/compare.js';
import { equal, numeric } from '../values/equal.js';
import { CelDuration, CelTimestamp } from '../values/time.js';
import type { CelValue } from '../values/value.js';

type Declared = readonly (readonly [id: string, signature: string])[];

const NUMBERS = ['int', 'uint', 'double'] as const;
const ID: Readonly<Record<string, string>> = { int: 'int64', uint: 'uint64', double: 'double' };

/** `_<_` and its kin: the same type on both sides, or two types of numbers. */
function ordering(name: string, id: string, accepts: (order: number) => boolean): FunctionDecl {
  const run: Implementation = (a, b) => {
    if (!isOrdered(a)) return unsupported(name, a);
    const order = compare(a, b);
    return order instanceof CelError ? order : accepts(order);
  };
  const numbers = NUMBERS.flatMap((left) => {
    const others =
      left === 'int'
        ? ['int', 'double', 'uint']
        : left === 'uint'
          ? ['uint', 'double', 'int']
          : ['double', 'int', 'uint'];
    return others.map((right): [string, string] => [
      left === right ? `${id}_${ID[left]}` : `${id}_${ID[left]}_${ID[right]}`,
      `${left}, ${right} -> bool`,
    ]);
  });
  const others = ['string', 'bytes', 'timestamp', 'duration'].map((type): [string, string] => [
    `${id}_${type}`,
    `${type}, ${type} -> bool`,
  ]);
  return declareAll(name, run, [`${id}_bool`, 'bool, bool -> bool'], ...numbers, ...others);
}

function isOrdered(value: CelValue): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || numeric(value) !== undefined) return true;
  return value instanceof Uint8Array || value instanceof CelTimestamp || value instanceof CelDuration;
}

const ADD: Declared = [
  ['add_bytes', 'bytes, bytes -> bytes'],
  ['add_double', 'double, double -> double'],
  ['add_duration_duration', 'duration, duration -> duration'],
  ['add_duration_timestamp', 'duration, timestamp -> timestamp'],
  ['add_timestamp_duration', 'timestamp, duration -> timestamp'],
  ['add_int64', 'int, int -> int'],
  ['add_list', 'list(A), list(A) -> list(A)'],
  ['add_string', 'string, string -> string'],
  ['add_uint64', 'uint, uint -> uint'],
];
const SUBTRACT: Declared = [
  ['subtract_double', 'double, double -> double'],
  ['subtract_duration_duration', 'duration, duration -> duration'],
  ['subtract_int64', 'int, int -> int'],
  ['subtract_timestamp_duration', 'timestamp, duration -> timestamp'],
  ['subtract_timestamp_timestamp', 'timestamp, timestamp -> duration'],
  ['subtract_uint64', 'uint, uint -> uint'],
];

function arithmetic(id: string, types: readonly string[]): Declared {
  return types.map((type): [string, string] => [`${id}_${ID[type]}`, `${type}, ${type} -> ${type}`]);
}

const not: Implementation = (value) => (typeof value === 'boolean' ? !value : NO_SUCH_OVERLOAD);
const never: Implementation = () => NO_SUCH_OVERLOAD;

/** The operators of the language as functions. Logical ones and selections are evaluated by their own rules. */
export const OPERATORS: readonly FunctionDecl[] = [
  declareAll('_?_:_', never, ['conditional', 'bool, A, A -> A']),
  declareAll('_&&_', never, ['logical_and', 'bool, bool -> bool']),
  declareAll('_||_', never, ['logical_or', 'bool, bool -> bool']),
  declareAll('!_', not, ['logical_not', 'bool -> bool']),
  declareAll('@not_strictly_false', (value) => value !== false, ['not_strictly_false', 'bool -> bool']),
  declareAll('_==_', (a, b) => equal(a, b), ['equals', 'A, A -> bool']),
  declareAll('_!=_', (a, b) => !equal(a, b), ['not_equals', 'A, A -> bool']),
  declareAll('_+_', add, ...ADD),
  declareAll('_-_', subtract, ...SUBTRACT),
  declareAll('_*_', multiply, ...arithmetic('multiply', ['double', 'int', 'uint'])),
  declareAll('_/_', divide, ...arithmetic('divide', ['double', 'int', 'uint'])),
  declareAll('_%_', modulo, ...arithmetic('modulo', ['int', 'uint'])),
  declareAll('-_', negate, ['negate_double', 'double -> double'], ['negate_int64', 'int -> int']),
  ordering('_<_', 'less', (order) => order < 0),
  ordering('_<=_', 'less_equals', (order) => order <= 0),
  ordering('_>_', 'greater', (order) => order > 0),
  ordering('_>=_', 'greater_equals', (order) => order >= 0),
  declareAll('_[_]', indexValue, ['index_list', 'list(A), int -> A'], ['index_map', 'map(A, B), A -> B']),
  declareAll('@in', (a, b) => contains(b, a), ['in_list', 'A, list(A) -> bool'], ['in_map', 'A, map(A, B) -> bool']),
];

/** Operators on optional values. */
export const OPTIONAL_OPERATORS: readonly FunctionDecl[] = [
  declareAll('_?._', never, ['select_optional_field', 'dyn, string -> optional_type(V)']),
  declareAll(
    '_[?_]',
    indexOptional,
    ['list_optindex_optional_int', 'list(V), int -> optional_type(V)'],
    ['optional_list_optindex_optional_int', 'optional_type(list(V)), int -> optional_type(V)'],
    ['map_optindex_optional_value', 'map(K, V), K -> optional_type(V)'],
    ['optional_map_optindex_optional_value', 'optional_type(map(K, V)), K -> optional_type(V)'],
  ),
  declareAll(
    '_[_]',
    indexValue,
    ['optional_list_index_int', 'optional_type(list(V)), int -> optional_type(V)'],
    ['optional_map_index_value', 'optional_type(map(K, V)), K -> optional_type(V)'],
  ),
];

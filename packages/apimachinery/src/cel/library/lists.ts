import { type CelLibrary, declare, declareAll, type Implementation } from '../check/declarations.js';
import { MacroFault, receiverMacro, variableName } from '../syntax/macro.js';
import { ACCUMULATOR } from '../syntax/operators.js';
import { appendStep } from '../syntax/standard-macros.js';
import { CelError, NO_SUCH_OVERLOAD } from '../values/cel-error.js';
import { compare } from '../values/compare.js';
import { equal } from '../values/equal.js';
import { typeOf } from '../values/type-of.js';
import { ArrayList, CelList, type CelValue } from '../values/value.js';
import { bindingLoop } from './optional.js';

/** Types with an order, by their name in overload ids. */
const ORDERED: Readonly<Record<string, string>> = {
  int: 'int',
  uint: 'uint',
  double: 'double',
  bool: 'bool',
  'google.protobuf.Duration': 'duration',
  'google.protobuf.Timestamp': 'timestamp',
  string: 'string',
  bytes: 'bytes',
};
/** Most items that `lists.range` makes: what the budget of one call would allow. */
const RANGE_MAX = 1_000_000;

type OnList = (list: CelList, ...rest: readonly CelValue[]) => CelValue;

function onList(run: OnList): Implementation {
  return (list, b, c, d) => (list instanceof CelList ? run(list, b, c, d) : NO_SUCH_OVERLOAD);
}

const slice: OnList = (list, start, end) => {
  const [from, to] = [Number(start), Number(end)];
  const call = `cannot slice(${from}, ${to})`;
  if (from < 0 || to < 0) return new CelError(`${call}, negative indexes not supported`);
  if (from > to) return new CelError(`${call}, start index must be less than or equal to end index`);
  if (list.size < to) return new CelError(`${call}, list is length ${list.size}`);
  return new ArrayList(list.toArray().slice(from, to));
};

function flatten(list: CelList, depth: number): CelValue[] {
  return list.toArray().flatMap((item) => (item instanceof CelList && depth > 0 ? flatten(item, depth - 1) : [item]));
}

function flattenTo(list: CelList, depth: CelValue): CelValue {
  if (Number(depth) < 0) return new CelError('level must be non-negative');
  return new ArrayList(flatten(list, Number(depth)));
}

/** Without a depth, one level. */
const flattenAny: Implementation = (list, depth) => {
  if (list instanceof CelList) return flattenTo(list, depth ?? 1);
  return new CelError(`no such overload: ${typeOf(list)}.flatten(${depth === null ? '' : typeOf(depth)})`);
};

function sortBy(list: CelList, keys: CelList): CelValue {
  if (list.size !== keys.size) {
    return new CelError(
      '@sortByAssociatedKeys() expected a list of the same size as the associated keys list, ' +
        `but got ${list.size} and ${keys.size} elements respectively`,
    );
  }
  const values = keys.toArray();
  const [first] = values;
  if (first === undefined) return list;
  if (values.some((key) => typeOf(key).name !== typeOf(first).name)) {
    return new CelError('list elements must have the same type');
  }
  const items = list.toArray().map((item, i) => ({ item, key: values[i] ?? null }));
  items.sort((a, b) => {
    const order = compare(a.key, b.key);
    return order instanceof CelError ? 0 : order;
  });
  return new ArrayList(items.map(({ item }) => item));
}

const distinct: OnList = (list) => {
  const kept: CelValue[] = [];
  for (const item of list.toArray()) if (!kept.some((one) => equal(item, one))) kept.push(item);
  return new ArrayList(kept);
};

function range(count: CelValue): CelValue {
  const size = Number(count);
  if (size > RANGE_MAX) return new CelError(`lists.range(${size}) is too large`);
  return new ArrayList(Array.from({ length: Math.max(size, 0) }, (_, i) => i));
}

const INPUT = '@__sortBy_input__';

/** Lists extension of cel-go, version 3: `slice`, `flatten`, `sort`, `sortBy`, `lists.range`, `reverse`, `distinct`. */
export const LISTS_LIBRARY: CelLibrary = {
  macros: [
    receiverMacro('sortBy', 2, (build, target, [first, key]) => {
      if (target.kind === 'literal' || target.kind === 'map' || target.kind === 'struct') {
        return new MacroFault(
          target,
          'sortBy can only be applied to a list, identifier, comprehension, call or select expression',
        );
      }
      const variable = variableName(first, 'argument is not an identifier');
      if (variable instanceof MacroFault) return variable;
      if (key === undefined) return undefined;
      const keys = build.loop({
        range: build.ident(INPUT),
        variable,
        variable2: undefined,
        accumulator: ACCUMULATOR,
        init: build.list(),
        condition: build.literal(true),
        step: appendStep(build, key, undefined),
        result: build.accumulator(),
      });
      const sorted = build.memberCall('@sortByAssociatedKeys', build.ident(INPUT), keys);
      return bindingLoop(build, INPUT, target, sorted);
    }),
  ],
  functions: [
    declare('slice', ['list_slice', '.list(T), int, int -> list(T)', onList(slice)]),
    declareAll(
      'flatten',
      flattenAny,
      ['list_flatten', '.list(list(T)) -> list(T)'],
      ['list_flatten_int', '.list(dyn), int -> list(dyn)'],
    ),
    declare(
      'sort',
      ...Object.entries(ORDERED).map(
        ([id, type]) =>
          [`list_${id}_sort`, `.list(${type}) -> list(${type})`, onList((list) => sortBy(list, list))] as const,
      ),
    ),
    declare(
      '@sortByAssociatedKeys',
      ...Object.entries(ORDERED).map(
        ([id, type]) =>
          [
            `list_${id}_sortByAssociatedKeys`,
            `.list(T), list(${type}) -> list(T)`,
            onList((list, keys) => (keys instanceof CelList ? sortBy(list, keys) : NO_SUCH_OVERLOAD)),
          ] as const,
      ),
    ),
    declare('lists.range', ['lists_range', 'int -> list(int)', range]),
    declare('reverse', [
      'list_reverse',
      '.list(T) -> list(T)',
      onList((list) => new ArrayList([...list.toArray()].reverse())),
    ]),
    declare('distinct', ['list_distinct', '.list(T) -> list(T)', onList(distinct)]),
  ],
};

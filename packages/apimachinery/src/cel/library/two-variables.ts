import { type CelLibrary, declare } from '../check/declarations.js';
import type { MacroBuilder } from '../syntax/builder.js';
import type { Expr } from '../syntax/expr.js';
import { type Macro, MacroFault, receiverMacro } from '../syntax/macro.js';
import { ACCUMULATOR, OLD_ACCUMULATOR } from '../syntax/operators.js';
import {
  allQuantifier,
  appendStep,
  existsOneQuantifier,
  existsQuantifier,
  filtered,
  type Quantifier,
} from '../syntax/standard-macros.js';
import { CelError, NO_SUCH_OVERLOAD } from '../values/cel-error.js';
import { showValue } from '../values/show.js';
import { CelMap, type CelValue } from '../values/value.js';
import { MapBuilder, ValueMap } from '../values/value-map.js';

const MAP_INSERT = 'cel.@mapInsert';

type Body = (build: MacroBuilder, key: string, rest: readonly Expr[]) => Quantifier | undefined;

/** A macro with an index or key variable and a value variable. */
function twoVariables(name: string, arity: number, body: Body): Macro {
  return receiverMacro(name, arity, (build, range, [first, second, ...rest]) => {
    if (second === undefined) return undefined;
    const names = [first, second].map((arg) => (arg.kind === 'ident' ? arg.name : undefined));
    const [variable, variable2] = names;
    if (variable === undefined) return new MacroFault(first, 'argument must be a simple name');
    if (variable2 === undefined) return new MacroFault(second, 'argument must be a simple name');
    if (variable === variable2) return new MacroFault(second, `duplicate variable name: ${variable}`);
    for (const arg of [first, second]) {
      if (arg.kind === 'ident' && (arg.name === ACCUMULATOR || arg.name === OLD_ACCUMULATOR)) {
        return new MacroFault(arg, 'iteration variable overwrites accumulator variable');
      }
    }
    const loop = body(build, variable, rest);
    return loop === undefined
      ? undefined
      : build.loop({ range, variable, variable2, accumulator: ACCUMULATOR, ...loop });
  });
}

function quantifier(name: string, make: (build: MacroBuilder, predicate: Expr) => Quantifier): Macro {
  return twoVariables(name, 3, (build, _key, [predicate]) =>
    predicate === undefined ? undefined : make(build, predicate),
  );
}

/** A macro that gathers something, where the filter holds when there are four arguments. */
function transform(
  name: string,
  init: (build: MacroBuilder) => Expr,
  step: (build: MacroBuilder, key: string, item: Expr, filter: Expr | undefined) => Expr,
): readonly Macro[] {
  const body: Body = (build, key, rest) => {
    const item = rest.at(-1);
    if (item === undefined) return undefined;
    return {
      init: init(build),
      condition: build.literal(true),
      step: step(build, key, item, rest.length === 2 ? rest[0] : undefined),
      result: build.accumulator(),
    };
  };
  return [twoVariables(name, 3, body), twoVariables(name, 4, body)];
}

function insert(map: CelValue, key: CelValue, value: CelValue): CelValue {
  if (!(map instanceof CelMap)) return NO_SUCH_OVERLOAD;
  if (map.get(key) !== undefined) return new CelError(`insert failed: key ${showValue(key)} already exists`);
  if (map instanceof ValueMap) return map.with(key, value) ?? new CelError('unsupported key type');
  const builder = new MapBuilder();
  for (const known of map.keys()) builder.set(known, map.get(known) ?? null);
  builder.set(key, value);
  return builder.build();
}

function insertAll(map: CelValue, more: CelValue): CelValue {
  if (!(more instanceof CelMap)) return NO_SUCH_OVERLOAD;
  let result = map;
  for (const key of more.keys()) {
    result = insert(result, key, more.get(key) ?? null);
    if (result instanceof CelError) return result;
  }
  return result;
}

/** Comprehensions with two variables: `m.all(k, v, …)`, `transformList`, `transformMap`, `transformMapEntry`. */
export const TWO_VARIABLES_LIBRARY: CelLibrary = {
  macros: [
    quantifier('all', allQuantifier),
    quantifier('exists', existsQuantifier),
    quantifier('existsOne', existsOneQuantifier),
    quantifier('exists_one', existsOneQuantifier),
    ...transform(
      'transformList',
      (build) => build.list(),
      (build, _key, item, filter) => appendStep(build, item, filter),
    ),
    ...transform(
      'transformMap',
      (build) => build.emptyMap(),
      (build, key, item, filter) =>
        filtered(build, build.call(MAP_INSERT, build.accumulator(), build.ident(key), item), filter),
    ),
    ...transform(
      'transformMapEntry',
      (build) => build.emptyMap(),
      (build, _key, item, filter) => filtered(build, build.call(MAP_INSERT, build.accumulator(), item), filter),
    ),
  ],
  functions: [
    declare(
      MAP_INSERT,
      ['@mapInsert_map_key_value', 'map(K, V), K, V -> map(K, V)', insert],
      ['@mapInsert_map_map', 'map(K, V), map(K, V) -> map(K, V)', insertAll],
    ),
  ],
};

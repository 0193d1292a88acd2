import { type CelLibrary, declare, type FunctionDecl, type Implementation } from '../../check/declarations.js';
import { add } from '../../values/arithmetic.js';
import { CelError, NO_SUCH_OVERLOAD } from '../../values/cel-error.js';
import { compare } from '../../values/compare.js';
import { equal } from '../../values/equal.js';
import { CelDouble, CelUint } from '../../values/number.js';
import { CelDuration } from '../../values/time.js';
import { CelList, type CelValue } from '../../values/value.js';

const COMPARABLE = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes'];
const ZEROS: readonly [type: string, zero: CelValue][] = [
  ['int', 0],
  ['uint', new CelUint(0)],
  ['double', new CelDouble(0)],
  ['duration', new CelDuration(0n)],
];

const isSorted: Implementation = (list) => {
  if (!(list instanceof CelList)) return NO_SUCH_OVERLOAD;
  const items = list.toArray();
  return items.every((item, i) => {
    const next = items[i + 1];
    const order = next === undefined ? 0 : compare(item, next);
    return order instanceof CelError || order <= 0;
  });
};

function sum(zero: CelValue): Implementation {
  return (list) => {
    if (!(list instanceof CelList)) return NO_SUCH_OVERLOAD;
    return list.toArray().reduce((total, item) => (total instanceof CelError ? total : add(total, item)), zero);
  };
}

function extreme(name: string, better: (order: number) => boolean): FunctionDecl {
  const run: Implementation = (list) => {
    if (!(list instanceof CelList)) return NO_SUCH_OVERLOAD;
    let best: CelValue | undefined;
    for (const item of list.toArray()) {
      const order = best === undefined ? undefined : compare(best, item);
      if (order === undefined || (typeof order === 'number' && better(order))) best = item;
    }
    return best === undefined ? new CelError(`${name} called on empty list`) : best;
  };
  return declare(
    name,
    ...COMPARABLE.map((type) => [`list_${type}_${name}_${type}`, `.list(${type}) -> ${type}`, run] as const),
  );
}

function position(find: (items: readonly CelValue[], item: CelValue) => number): Implementation {
  return (list, item) => (list instanceof CelList ? find(list.toArray(), item) : NO_SUCH_OVERLOAD);
}

/** Kubernetes' functions of lists. */
export const LIST_FUNCTIONS: CelLibrary = {
  functions: [
    declare(
      'isSorted',
      ...COMPARABLE.map((type) => [`list_${type}_is_sorted_bool`, `.list(${type}) -> bool`, isSorted] as const),
    ),
    declare(
      'sum',
      ...ZEROS.map(([type, zero]) => [`list_${type}_sum_${type}`, `.list(${type}) -> ${type}`, sum(zero)] as const),
    ),
    extreme('max', (order) => order < 0),
    extreme('min', (order) => order > 0),
    declare('indexOf', [
      'list_a_index_of_int',
      '.list(A), A -> int',
      position((items, item) => items.findIndex((one) => equal(one, item))),
    ]),
    declare('lastIndexOf', [
      'list_a_last_index_of_int',
      '.list(A), A -> int',
      position((items, item) => items.findLastIndex((one) => equal(one, item))),
    ]),
  ],
};

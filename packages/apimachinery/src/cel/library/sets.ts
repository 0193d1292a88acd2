import { type CelLibrary, declare } from '../check/declarations.js';
import { contains } from '../eval/access.js';
import { NO_SUCH_OVERLOAD } from '../values/cel-error.js';
import { CelList, type CelValue } from '../values/value.js';

function containsAll(list: CelValue, part: CelValue): CelValue {
  if (!(part instanceof CelList)) return NO_SUCH_OVERLOAD;
  return part.toArray().every((item) => contains(list, item) === true);
}

function intersects(a: CelValue, b: CelValue): CelValue {
  return a instanceof CelList ? a.toArray().some((item) => contains(b, item) === true) : NO_SUCH_OVERLOAD;
}

/** Lists as sets. */
export const SETS_LIBRARY: CelLibrary = {
  functions: [
    declare('sets.contains', ['list_sets_contains_list', 'list(T), list(T) -> bool', containsAll]),
    declare('sets.equivalent', [
      'list_sets_equivalent_list',
      'list(T), list(T) -> bool',
      (a, b) => containsAll(a, b) === true && containsAll(b, a) === true,
    ]),
    declare('sets.intersects', ['list_sets_intersects_list', 'list(T), list(T) -> bool', intersects]),
  ],
};

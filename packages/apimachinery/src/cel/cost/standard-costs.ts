import type { CelValue } from '../values/value.js';
import { type CallCost, type CallCosts, REGEX_LENGTH, STRING_TRAVERSAL } from './call-costs.js';
import { sizeOf } from './size.js';

const firstTraversal: CallCost = ([a]) => Math.ceil(sizeOf(a) * STRING_TRAVERSAL);
const smallerTraversal: CallCost = ([a, b]) => {
  if (typeof a === 'number' || typeof b === 'number') return Math.min(sizeOf(a), sizeOf(b)) === 0 ? 0 : 1;
  return Math.ceil(Math.min(sizeOf(a), sizeOf(b)) * STRING_TRAVERSAL);
};
const bothTraversed: CallCost = ([a, b]) => Math.ceil((sizeOf(a) + sizeOf(b)) * STRING_TRAVERSAL);

/** The cost of matching a text of `size` against a pattern of `length` characters. */
export function matchCost(size: number, length: number): number {
  return Math.ceil((1 + size) * STRING_TRAVERSAL) * Math.ceil(length * REGEX_LENGTH);
}

const ORDERS = ['less', 'greater', 'less_equals', 'greater_equals'];

/** Costs by overload that are not 1, as cel-go's `interpreter/runtimecost.go` has them. */
const COSTS: ReadonlyMap<string, CallCost> = new Map<string, CallCost>([
  ['starts_with_string', firstTraversal],
  ['ends_with_string', firstTraversal],
  ['string_to_bytes', firstTraversal],
  ['bytes_to_string', firstTraversal],
  ['strings_quote', firstTraversal],
  ['string_format', firstTraversal],
  ['in_list', ([, list]) => sizeOf(list)],
  ...ORDERS.flatMap((order): [string, CallCost][] => [
    [`${order}_string`, smallerTraversal],
    [`${order}_bytes`, smallerTraversal],
  ]),
  ['equals', smallerTraversal],
  ['not_equals', smallerTraversal],
  ['add_string', bothTraversed],
  ['add_bytes', bothTraversed],
  ['matches_string', ([text, pattern]: readonly CelValue[]) => matchCost(sizeOf(text), sizeOf(pattern))],
  [
    'contains_string',
    ([text, part]: readonly CelValue[]) =>
      Math.ceil(sizeOf(text) * STRING_TRAVERSAL) * Math.ceil(sizeOf(part) * STRING_TRAVERSAL),
  ],
]);

/** Costs of cel-go itself, without those of Kubernetes' libraries. */
export const STANDARD_COSTS: CallCosts = { costOf: (_name, overloadId) => COSTS.get(overloadId) ?? 1 };

import type { JsonArray, JsonValue } from '../json/value.js';
import type { ListMergeType } from '../merge-type/merge-type.js';
import { itemElement, type PathElement } from './path-element.js';

/**
 * The items of a list map or set by their path element. A list from before its type was tightened may hold a key twice;
 * such items are kept together.
 * @throws UntypedValueError for an item without keys.
 */
export function indexItems(type: ListMergeType, items: JsonArray): Map<PathElement, JsonValue[]> {
  const index = new Map<PathElement, JsonValue[]>();
  for (const item of items) {
    const element = itemElement(type, item);
    const same = index.get(element);
    if (same === undefined) index.set(element, [item]);
    else same.push(item);
  }
  return index;
}

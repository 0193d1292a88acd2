import { getOwn, isObject, type JsonArray, type JsonObject, type JsonValue } from '../json/value.js';
import type { MergeType } from '../merge-type/merge-type.js';
import { PATCH_DIRECTIVE, withoutDirectives } from './strategic-merge-directive.js';
import {
  listOfLists,
  mixedElements,
  noMergeKey,
  StrategicMergePatchError,
  unknownPatchType,
} from './strategic-merge-error.js';
import { identityOf, orderElements, Positions } from './strategic-merge-order.js';

/** How a list merges: not at all (`replace`), as a set of primitives, or by a key of its elements. */
export type ListStrategy =
  | { readonly kind: 'replace' }
  | { readonly kind: 'primitives' }
  | { readonly kind: 'by-key'; readonly key: string; readonly element: MergeType };

/** Merges one map; handed in, so that lists and maps can nest in each other. */
export type MergeElement = (original: JsonObject, patch: JsonObject, type: MergeType) => JsonObject;

/** Merges a patch list into a list, elements of the patch in front unless they are there already. */
export function mergeList(
  original: JsonArray,
  patch: JsonArray,
  strategy: ListStrategy,
  mergeElement: MergeElement,
): JsonArray {
  if (strategy.kind === 'replace') return cleanReplacement(patch);
  if (elementKind(original, patch) === 'map') return mergeMaps(original, patch, strategy, mergeElement);
  const merged = withoutDuplicates([...original, ...patch]);
  return orderElements(merged, patch, original, undefined);
}

/** `$deleteFromPrimitiveList`: the list without those values. */
export function deleteFromList(list: JsonArray, values: JsonArray): JsonArray {
  elementKind(list, values);
  const gone = new Positions(values, undefined);
  return list.filter((item) => gone.of(item) < 0);
}

export function isDeletion(item: JsonObject): boolean {
  return getOwn(item, PATCH_DIRECTIVE) === 'delete';
}

function cleanReplacement(patch: JsonArray): JsonArray {
  const clean = withoutDirectives(patch);
  return Array.isArray(clean) ? clean : [];
}

function mergeMaps(
  original: JsonArray,
  patch: JsonArray,
  strategy: ListStrategy,
  mergeElement: MergeElement,
): JsonArray {
  if (strategy.kind !== 'by-key') {
    throw new StrategicMergePatchError(500, 'cannot merge lists without merge key');
  }
  const { live, changes } = applyElementDirectives(original, patch, strategy.key);
  const merged = mergeByKey(live, changes, strategy.key, strategy.element, mergeElement);
  return orderElements(merged, changes, live, strategy.key);
}

/** Carries out `$patch` in elements: `live` is what is left of the original, `changes` the elements to merge. */
function applyElementDirectives(
  original: JsonArray,
  patch: JsonArray,
  key: string,
): { readonly live: JsonArray; readonly changes: readonly JsonObject[] } {
  const changes: JsonObject[] = [];
  const deleted: JsonValue[] = [];
  let replace = false;
  for (const item of patch) {
    if (!isObject(item)) throw mixedElements([original, patch]);
    const directive = getOwn(item, PATCH_DIRECTIVE);
    if (directive === undefined) changes.push(item);
    else if (directive === 'replace') replace = true;
    else if (directive === 'delete') deleted.push(identityOf(item, key));
    else if (directive === 'merge') {
      throw new StrategicMergePatchError(500, 'merging lists cannot yet be specified in the patch');
    } else throw unknownPatchType(directive, item);
  }
  if (replace) return { live: cleanReplacement(changes), changes: [] };
  if (deleted.length === 0) return { live: original, changes };
  const gone = new Positions(deleted, undefined);
  const live = original.filter((item) => !isObject(item) || gone.of(getOwn(item, key) ?? null) < 0);
  return { live, changes };
}

function mergeByKey(
  live: JsonArray,
  changes: readonly JsonObject[],
  key: string,
  type: MergeType,
  mergeElement: MergeElement,
): JsonArray {
  const merged = [...live];
  const positions = new Map<JsonValue, number>();
  for (const [i, item] of live.entries()) {
    const identity = identityOf(item, key);
    if (!positions.has(identity)) positions.set(identity, i);
  }
  for (const change of changes) {
    const identity = getOwn(change, key);
    if (identity === undefined) throw noMergeKey(change, key);
    const at = positions.get(identity);
    const existing = at === undefined ? undefined : merged[at];
    if (at !== undefined && isObject(existing)) merged[at] = mergeElement(existing, change, type);
    else {
      positions.set(identity, merged.length);
      merged.push(withoutDirectives(change) ?? {});
    }
  }
  return merged;
}

function withoutDuplicates(items: JsonArray): JsonArray {
  return [...new Set(items)];
}

/** What the elements of the lists are; they must all be of one kind, and not lists. */
function elementKind(...lists: readonly JsonArray[]): 'map' | 'primitive' | 'none' {
  let found: string | undefined;
  for (const list of lists) {
    for (const item of list) {
      if (Array.isArray(item)) throw listOfLists();
      const kind = typeof item === 'bigint' ? 'number' : item === null ? 'null' : typeof item;
      if (found !== undefined && found !== kind) throw mixedElements(lists);
      found = kind;
    }
  }
  if (found === undefined) return 'none';
  return found === 'object' ? 'map' : 'primitive';
}

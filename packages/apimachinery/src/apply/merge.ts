import { getOwn, type JsonArray, type JsonObject, type JsonValue, setOwn } from '../json/value.js';
import type { ListMergeType, MergeType } from '../merge-type/merge-type.js';
import { itemElement, type PathElement } from './path-element.js';
import { type GranularMap, isEmptyMap, memberType, shapeOf } from './shape.js';

/**
 * The live object with everything from the applied one: its leaves win, maps, list maps and sets are united, and items
 * that are in both lists take the order of the applied one. Parts that only one of the two has are shared with it.
 * @throws UntypedValueError.
 */
export function mergeObjects(type: MergeType, live: JsonObject, applied: JsonObject): JsonObject {
  return mergeMembers(type.kind === 'map' ? type : undefined, live, applied);
}

function mergeMembers(type: GranularMap, live: JsonObject, applied: JsonObject): JsonObject {
  const result = { ...live };
  for (const name in applied) {
    const value = applied[name];
    if (value === undefined) continue;
    const present = getOwn(live, name);
    setOwn(result, name, present === undefined ? value : mergeValues(memberType(type, name), present, value));
  }
  return result;
}

function mergeValues(type: MergeType, live: JsonValue, applied: JsonValue): JsonValue {
  const left = shapeOf(type, live);
  const right = shapeOf(type, applied);
  if (left.kind === 'map' && right.kind === 'map') {
    if (isEmptyMap(left.members) && isEmptyMap(right.members)) return applied;
    return mergeMembers(left.type, left.members, right.members);
  }
  if (left.kind === 'list' && right.kind === 'list') {
    return left.items.length === 0 ? applied : mergeItems(left.type, left.items, right.items);
  }
  // Null stands for an empty map or list, which changes nothing about one that has something.
  const nothing = applied === null && type.kind !== 'deduced';
  return nothing && (left.kind === 'list' || left.kind === 'map') ? keepUnlessEmpty(live, applied) : applied;
}

function keepUnlessEmpty(live: JsonValue, applied: JsonValue): JsonValue {
  for (const _ in Object(live)) return live;
  return applied;
}

interface Item {
  readonly element: PathElement;
  readonly value: JsonValue;
}

function read(type: ListMergeType, items: JsonArray): readonly Item[] {
  return items.map((value) => ({ element: itemElement(type, value), value }));
}

/** Of a key that stands twice in the live list nothing is merged: the applied item replaces all of them. */
function firstValues(items: readonly Item[]): Map<PathElement, JsonValue | undefined> {
  const values = new Map<PathElement, JsonValue | undefined>();
  for (const { element, value } of items) values.set(element, values.has(element) ? undefined : value);
  return values;
}

/**
 * Walks both lists at once. Live items that are not applied keep their places; an item in both lists is put where the
 * order of the applied list wants it, and a live item that is not its turn yet is passed over.
 */
function mergeItems(type: ListMergeType, liveItems: JsonArray, appliedItems: JsonArray): JsonArray {
  const live = read(type, liveItems);
  const applied = read(type, appliedItems);
  const liveValues = firstValues(live);
  const appliedElements = new Set(applied.map((item) => item.element));
  const shared = applied.filter((item) => liveValues.has(item.element)).map((item) => item.element);
  const placed = new Set<PathElement>();
  const result: JsonArray = [];
  let turn = 0;
  const place = ({ element, value }: Item): void => {
    const present = liveValues.get(element);
    result.push(present === undefined ? value : mergeValues(type.element, present, value));
    placed.add(element);
    if (shared[turn] === element) turn++;
  };
  let l = 0;
  let a = 0;
  while (l < live.length || a < applied.length) {
    const mine = live[l];
    const theirs = applied[a];
    if (mine !== undefined && !appliedElements.has(mine.element)) {
      result.push(mine.value);
      l++;
    } else if (mine !== undefined && (theirs === undefined || placed.has(mine.element))) {
      l++;
    } else if (mine !== undefined && theirs?.element !== mine.element && mine.element !== shared[turn]) {
      l++;
    } else if (theirs !== undefined) {
      place(theirs);
      if (mine?.element === theirs.element) l++;
      a++;
    }
  }
  return result;
}

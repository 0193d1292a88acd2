import { deepEqual, getOwn, isObject, type JsonObject, type JsonValue } from '../json/value.js';
import type { ListMergeType, MergeType } from '../merge-type/merge-type.js';
import { EMPTY_SET, type FieldNode, type FieldSet, inOrder, LEAF, SELF } from './field-set.js';
import { indexItems } from './list-items.js';
import { UNTRACKED_MEMBERS, UNTRACKED_METADATA } from './never-tracked.js';
import { fieldElement, type PathElement } from './path-element.js';
import { type GranularMap, isEmptyMap, memberType, shapeOf } from './shape.js';

/** What differs between two objects; no path is in more than one of the sets. Their order is not canonical. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

export const NO_CHANGES: Comparison = { added: EMPTY_SET, modified: EMPTY_SET, removed: EMPTY_SET };

interface Changes {
  added?: FieldNode;
  modified?: FieldNode;
  removed?: FieldNode;
}

/**
 * Compares two API objects of one type, leaving out what is never tracked. What is the same object on both sides is not
 * looked into. @throws UntypedValueError.
 */
export function compare(type: MergeType, before: JsonObject, after: JsonObject): Comparison {
  if (before === after) return NO_CHANGES;
  const changes: Changes = {};
  const root = type.kind === 'map' ? type : undefined;
  compareMembers(root, before, after, changes, WITHOUT_METADATA);
  compareMetadata(memberType(root, 'metadata'), before.metadata, after.metadata, changes);
  return {
    added: changes.added ?? EMPTY_SET,
    modified: changes.modified ?? EMPTY_SET,
    removed: changes.removed ?? EMPTY_SET,
  };
}

const WITHOUT_METADATA: ReadonlySet<string> = new Set([...UNTRACKED_MEMBERS, 'metadata']);
const NOTHING: ReadonlySet<string> = new Set();

function compareMetadata(
  type: MergeType,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  changes: Changes,
): void {
  const inner: Changes = {};
  const members = isObject(before) ? before : {};
  const others = isObject(after) ? after : {};
  compareMembers(type.kind === 'map' ? type : undefined, members, others, inner, UNTRACKED_METADATA);
  putParts(changes, 'f:metadata', inner);
}

function putParts(changes: Changes, element: PathElement, { added, removed, modified }: Changes): void {
  if (added !== undefined) put(changes, 'added', element, added);
  if (removed !== undefined) put(changes, 'removed', element, removed);
  if (modified !== undefined) put(changes, 'modified', element, asNode(modified));
}

function put(changes: Changes, kind: 'added' | 'modified' | 'removed', element: PathElement, node: FieldSet): void {
  const set = changes[kind];
  if (set === undefined) changes[kind] = { [element]: node };
  else set[element] = node;
}

function compareMembers(
  type: GranularMap,
  before: JsonObject,
  after: JsonObject,
  changes: Changes,
  skip = NOTHING,
): void {
  for (const name in before) {
    const value = before[name];
    if (value !== undefined && !skip.has(name)) {
      compareValue(memberType(type, name), value, getOwn(after, name), changes, fieldElement(name));
    }
  }
  for (const name in after) {
    const value = after[name];
    if (value === undefined || skip.has(name) || getOwn(before, name) !== undefined) continue;
    put(changes, 'added', fieldElement(name), wholeNode(memberType(type, name), value));
  }
}

function compareValue(
  type: MergeType,
  before: JsonValue,
  after: JsonValue | undefined,
  changes: Changes,
  element: PathElement,
): void {
  if (before === after) return;
  if (after === undefined) {
    put(changes, 'removed', element, wholeNode(type, before));
    return;
  }
  const inner: Changes = {};
  if (!compareParts(type, before, after, inner)) {
    if (!deepEqual(before, after)) put(inner, 'modified', SELF, LEAF);
  }
  putParts(changes, element, inner);
}

/** `{'.': {}}` alone is written `{}`. */
function asNode(node: FieldNode): FieldSet {
  for (const element in node) if (element !== SELF) return node;
  return LEAF;
}

/** Compares part by part; false when the two are to be compared as one piece. Null stands for a map without members. */
function compareParts(type: MergeType, before: JsonValue, after: JsonValue, changes: Changes): boolean {
  const left = shapeOf(type, before);
  const right = shapeOf(type, after);
  if (left.kind === 'list' || right.kind === 'list') {
    const items = left.kind === 'list' ? left.items : [];
    const others = right.kind === 'list' ? right.items : [];
    if (type.kind !== 'list' || (items.length === 0 && others.length === 0)) return false;
    compareItems(type, indexItems(type, items), indexItems(type, others), changes);
    return true;
  }
  if (left.kind === 'leaf' && right.kind === 'leaf') return false;
  const members = left.kind === 'map' ? left.members : {};
  const others = right.kind === 'map' ? right.members : {};
  if (isEmptyMap(members) && isEmptyMap(others)) return false;
  compareMembers(type.kind === 'map' ? type : undefined, members, others, changes);
  return (left.kind === 'map' || before === null) && (right.kind === 'map' || after === null);
}

type Items = ReadonlyMap<PathElement, readonly JsonValue[]>;

function compareItems(type: ListMergeType, before: Items, after: Items, changes: Changes): void {
  for (const [element, items] of before) compareItem(type, items, after.get(element) ?? [], changes, element);
  for (const [element, items] of after) {
    if (!before.has(element)) put(changes, 'added', element, itemsNode(type, items));
  }
}

/** Items of one key: one by one where there is one on each side, else what was goes and what is comes. */
function compareItem(
  type: ListMergeType,
  before: readonly JsonValue[],
  after: readonly JsonValue[],
  changes: Changes,
  element: PathElement,
): void {
  const [left] = before;
  const [right] = after;
  if (left === undefined || right === undefined) {
    put(changes, 'removed', element, itemsNode(type, before));
  } else if (before.length === 1 && after.length === 1) {
    compareValue(type.element, left, right, changes, element);
  } else if (before.length > 1 && after.length > 1) {
    if (!deepEqual([...before], [...after])) put(changes, 'modified', element, LEAF);
  } else {
    put(changes, 'removed', element, itemsNode(type, before));
    put(changes, 'added', element, itemsNode(type, after));
  }
}

/** Items that share a key have no parts. */
function itemsNode(type: ListMergeType, items: readonly JsonValue[]): FieldSet {
  const [item] = items;
  return items.length > 1 || item === undefined ? LEAF : wholeNode(type.element, item);
}

/** A value that comes or goes: itself and every part of it. */
function wholeNode(type: MergeType, value: JsonValue): FieldSet {
  const shape = shapeOf(type, value);
  if (shape.kind === 'leaf') return LEAF;
  const node: FieldNode = { [SELF]: LEAF };
  if (shape.kind === 'list') {
    for (const [element, items] of indexItems(shape.type, shape.items)) node[element] = itemsNode(shape.type, items);
  } else {
    for (const name in shape.members) {
      const member = shape.members[name];
      if (member !== undefined) node[fieldElement(name)] = wholeNode(memberType(shape.type, name), member);
    }
  }
  const whole = asNode(node);
  return whole === LEAF ? whole : inOrder(whole);
}

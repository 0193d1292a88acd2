import { type JsonArray, type JsonObject, type JsonValue, setOwn } from '../json/value.js';
import type { MergeType } from '../merge-type/merge-type.js';
import { below, type FieldSet, hasElement } from './field-set.js';
import { fieldElement, itemElement } from './path-element.js';
import { memberType, type Shape, shapeOf } from './shape.js';

type MapShape = Extract<Shape, { kind: 'map' }>;
type ListShape = Extract<Shape, { kind: 'list' }>;

/**
 * The object without the members and items in the set. A map or list of which nothing is left goes too; parts that are
 * not touched are shared. @throws UntypedValueError.
 */
export function removeItems(type: MergeType, object: JsonObject, set: FieldSet): JsonObject {
  const shape = shapeOf(type, object);
  return shape.kind === 'map' ? removeMembers(shape, set) : object;
}

/** Undefined when nothing is left. */
function removeFrom(type: MergeType, value: JsonValue, set: FieldSet): JsonValue | undefined {
  const shape = shapeOf(type, value);
  if (shape.kind === 'leaf') return value;
  const left = shape.kind === 'map' ? removeMembers(shape, set) : removeListItems(shape, set);
  return Object.keys(left).length > 0 ? left : undefined;
}

function removeMembers({ members, type }: MapShape, set: FieldSet): JsonObject {
  const result: JsonObject = {};
  for (const name in members) {
    const value = members[name];
    const element = fieldElement(name);
    if (value === undefined || hasElement(set, element)) continue;
    const inner = below(set, element);
    const kept = inner === undefined ? value : removeFrom(memberType(type, name), value, inner);
    if (kept !== undefined) setOwn(result, name, kept);
  }
  return result;
}

function removeListItems({ items, type }: ListShape, set: FieldSet): JsonArray {
  const result: JsonArray = [];
  for (const item of items) {
    const element = itemElement(type, item);
    if (hasElement(set, element)) continue;
    const inner = below(set, element);
    const kept = inner === undefined ? item : removeFrom(type.element, item, inner);
    if (kept !== undefined) result.push(kept);
  }
  return result;
}

/**
 * Only the members and items in the set, with what leads to them; a list item keeps its keys. What `kubectl` and
 * client-go call extracting an apply configuration. @throws UntypedValueError.
 */
export function extractItems(type: MergeType, object: JsonObject, set: FieldSet): JsonObject {
  const shape = shapeOf(type, object);
  return shape.kind === 'map' ? extractMembers(shape, set) : object;
}

function extractFrom(type: MergeType, value: JsonValue, set: FieldSet | undefined): JsonValue {
  const shape = shapeOf(type, value);
  if (shape.kind === 'leaf' || set === undefined) return shape.kind === 'map' ? {} : shape.kind === 'list' ? [] : value;
  if (shape.kind === 'map') return extractMembers(shape, set);
  const result: JsonArray = [];
  for (const item of shape.items) {
    const node = set[itemElement(shape.type, item)];
    if (node !== undefined) result.push(extractFrom(shape.type.element, item, node));
  }
  return result;
}

function extractMembers({ members, type }: MapShape, set: FieldSet): JsonObject {
  const result: JsonObject = {};
  for (const name in members) {
    const value = members[name];
    const element = fieldElement(name);
    if (value === undefined || set[element] === undefined) continue;
    setOwn(result, name, extractFrom(memberType(type, name), value, below(set, element)));
  }
  return result;
}

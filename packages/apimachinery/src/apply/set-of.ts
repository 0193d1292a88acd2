import { isObject, type JsonValue } from '../json/value.js';
import type { MergeType } from '../merge-type/merge-type.js';
import { EMPTY_SET, type FieldNode, type FieldSet, inOrder, isEmptySet, LEAF, SELF } from './field-set.js';
import { indexItems } from './list-items.js';
import { fieldElement } from './path-element.js';
import { isDeclared, isEmptyMap, memberType, type Shape, shapeOf } from './shape.js';

/**
 * The fields that an applied object names, and thereby claims: every leaf, every list item, every member of a map that
 * is not declared by name. @throws UntypedValueError.
 */
export function setOf(type: MergeType, value: JsonValue): FieldSet {
  const node = nodeOf(shapeOf(type, value));
  return node === undefined || node === LEAF ? EMPTY_SET : node;
}

/** What is in the set below a value: LEAF when that is the value itself, undefined when nothing. */
function nodeOf(shape: Shape): FieldSet | undefined {
  if (shape.kind === 'leaf') return LEAF;
  const node: FieldNode = {};
  if (shape.kind === 'list') {
    for (const [element, items] of indexItems(shape.type, shape.items)) {
      const [item] = items;
      node[element] =
        items.length > 1 || item === undefined ? LEAF : claimed(nodeOf(shapeOf(shape.type.element, item)));
    }
  } else {
    for (const name in shape.members) {
      const value = shape.members[name];
      if (value === undefined) continue;
      const type = memberType(shape.type, name);
      const child = nodeOf(shapeOf(type, value));
      const claims = value === null || (isObject(value) && isEmptyMap(value)) || !isDeclared(shape.type, name);
      if (claims) node[fieldElement(name)] = claimed(child);
      else if (child !== undefined) node[fieldElement(name)] = child;
    }
  }
  return isEmptySet(node) ? undefined : inOrder(node);
}

/** The same node with itself in the set. */
function claimed(node: FieldSet | undefined): FieldSet {
  if (node === undefined || isEmptySet(node)) return LEAF;
  return node[SELF] === undefined ? { [SELF]: LEAF, ...node } : node;
}

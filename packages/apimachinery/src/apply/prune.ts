import type { JsonObject } from '../json/value.js';
import type { MergeType } from '../merge-type/merge-type.js';
import {
  EMPTY_SET,
  type FieldNode,
  type FieldSet,
  intersectSets,
  isEmptySet,
  LEAF,
  SELF,
  subtractSet,
  unionSets,
} from './field-set.js';
import { removeItems } from './remove-items.js';
import { setOf } from './set-of.js';

/**
 * Removes what the applier claimed last time and nobody claims now. What is left of it in the object because another
 * manager has something below it stays. The merged object itself when nothing goes.
 * @param last what the applier claimed before
 * @param claimed what all managers claim now, the applier included
 * @throws UntypedValueError.
 */
export function prune(type: MergeType, merged: JsonObject, last: FieldSet, claimed: FieldSet): JsonObject {
  if (isEmptySet(last)) return merged;
  const all = withNamedFields(type, setOf(type, merged));
  const before = withNamedFields(type, last);
  const withoutLast = remaining(type, removeItems(type, merged, before));
  const unclaimed = subtractSet(all, unionSets(withoutLast, withNamedFields(type, claimed)));
  const afterwards = remaining(type, removeItems(type, merged, unclaimed));
  const gone = intersectSets(subtractSet(all, afterwards), before);
  return isEmptySet(gone) ? merged : removeItems(type, merged, gone);
}

function remaining(type: MergeType, object: JsonObject): FieldSet {
  return withNamedFields(type, setOf(type, object));
}

/** The set with every declared member in it that has something in the set below it. */
function withNamedFields(type: MergeType, set: FieldSet): FieldSet {
  if (isEmptySet(set)) return EMPTY_SET;
  const node: FieldNode = {};
  for (const element in set) {
    const child = set[element];
    if (child === undefined) continue;
    if (element === SELF || isEmptySet(child)) {
      node[element] = LEAF;
      continue;
    }
    const inner = withNamedFields(stepInto(type, element), child);
    const named = type.kind === 'map' && element.startsWith('f:') && type.field(element.slice(2)) !== undefined;
    node[element] = named && inner[SELF] === undefined ? { [SELF]: LEAF, ...inner } : inner;
  }
  return node;
}

const UNKNOWN: MergeType = { kind: 'deduced' };

function stepInto(type: MergeType, element: string): MergeType {
  if (type.kind === 'list') return type.element;
  if (type.kind !== 'map') return UNKNOWN;
  return type.field(element.slice(2)) ?? type.element ?? UNKNOWN;
}

import { isObject, type JsonArray, type JsonObject, type JsonValue } from '../json/value.js';
import { DEDUCED, type ListMergeType, type MapMergeType, type MergeType } from '../merge-type/merge-type.js';

/** A value as tracking sees it under its type: one piece, members with a path each, or items with a path each. */
export type Shape =
  | { readonly kind: 'leaf' }
  | { readonly kind: 'map'; readonly members: JsonObject; readonly type: GranularMap }
  | { readonly kind: 'list'; readonly items: JsonArray; readonly type: ListMergeType };

/** A map whose members are tracked one by one; `undefined` where everything is deduced from the values. */
export type GranularMap = MapMergeType | undefined;

const LEAF_SHAPE: Shape = { kind: 'leaf' };

/** The shape of a value; a value that does not fit its type is a leaf. */
export function shapeOf(type: MergeType, value: JsonValue | undefined): Shape {
  if (isObject(value)) {
    if (type.kind === 'deduced') return { kind: 'map', members: value, type: undefined };
    if (type.kind === 'map' && type.relationship === 'granular') return { kind: 'map', members: value, type };
  } else if (Array.isArray(value) && type.kind === 'list' && type.relationship !== 'atomic') {
    return { kind: 'list', items: value, type };
  }
  return LEAF_SHAPE;
}

/** The type of a member; of one that is not declared the type that the values themselves show. */
export function memberType(type: GranularMap, name: string): MergeType {
  if (type === undefined) return DEDUCED;
  return type.field(name) ?? type.element ?? DEDUCED;
}

/** Whether the member is declared by name: such a member is in a set only through what is below it. */
export function isDeclared(type: GranularMap, name: string): boolean {
  return type?.field(name) !== undefined;
}

/** Members that are there; one whose value is `undefined` is not. */
export function isEmptyMap(members: JsonObject): boolean {
  for (const name in members) if (members[name] !== undefined) return false;
  return true;
}

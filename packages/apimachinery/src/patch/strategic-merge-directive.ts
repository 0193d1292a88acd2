import { getOwn, isObject, type JsonArray, type JsonObject, type JsonValue, setOwn } from '../json/value.js';

/** In a map or list element: `replace`, `merge` or `delete`. */
export const PATCH_DIRECTIVE = '$patch';
/** In a map: the list of members that stay. */
export const RETAIN_KEYS_DIRECTIVE = '$retainKeys';
const DELETE_FROM_LIST_PREFIX = '$deleteFromPrimitiveList/';
const ELEMENT_ORDER_PREFIX = '$setElementOrder/';

/** What a member of a patch means: itself, or a directive about the member `field`. */
export type PatchMember =
  | { readonly kind: 'plain' }
  | { readonly kind: 'retainKeys' }
  | { readonly kind: 'deleteFromList' | 'elementOrder'; readonly field: string };

const PLAIN: PatchMember = { kind: 'plain' };

export function readPatchMember(key: string): PatchMember {
  if (!key.startsWith('$')) return PLAIN;
  if (key === RETAIN_KEYS_DIRECTIVE) return { kind: 'retainKeys' };
  if (key.startsWith(DELETE_FROM_LIST_PREFIX)) {
    return { kind: 'deleteFromList', field: key.slice(DELETE_FROM_LIST_PREFIX.length) };
  }
  if (key.startsWith(ELEMENT_ORDER_PREFIX)) {
    return { kind: 'elementOrder', field: key.slice(ELEMENT_ORDER_PREFIX.length) };
  }
  return PLAIN;
}

/**
 * What a patch means where there is nothing to merge it into: without directives and nulls. Undefined for a map that
 * carries `$patch`, which then stands for nothing.
 */
export function withoutDirectives(value: JsonValue): JsonValue | undefined {
  if (Array.isArray(value)) return cleanList(value);
  return isObject(value) ? cleanMap(value) : value;
}

function cleanList(list: JsonArray): JsonArray {
  return list.map(withoutDirectives).filter((item) => item !== undefined);
}

function cleanMap(map: JsonObject): JsonObject | undefined {
  if (getOwn(map, PATCH_DIRECTIVE) !== undefined) return undefined;
  const result: JsonObject = {};
  for (const key of Object.keys(map)) {
    const value = map[key];
    if (value === undefined || value === null || readPatchMember(key).kind !== 'plain') continue;
    const clean = withoutDirectives(value);
    if (clean !== undefined) setOwn(result, key, clean);
  }
  return result;
}

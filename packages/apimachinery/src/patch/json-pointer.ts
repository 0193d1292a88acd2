import { getOwn, isObject, type JsonArray, type JsonObject, type JsonValue } from '../json/value.js';

/**
 * Splits an RFC 6901 pointer into its decoded tokens; undefined when it is not empty and has no `/`. Upstream's library
 * does not look at what stands before the first one.
 */
export function parsePointer(pointer: string): readonly string[] | undefined {
  if (pointer === '') return [];
  const start = pointer.indexOf('/');
  return start < 0
    ? undefined
    : pointer
        .slice(start + 1)
        .split('/')
        .map(decodeToken);
}

function decodeToken(token: string): string {
  return token.includes('~') ? token.replaceAll('~1', '/').replaceAll('~0', '~') : token;
}

const INDEX = /^[+-]?[0-9]{1,10}$/;

/**
 * The index that `token` means in a list of `length` places; a negative one counts from the end, as upstream's library
 * does. Undefined when it is no index or out of bounds.
 */
export function resolveIndex(token: string, length: number): number | undefined {
  if (!INDEX.test(token)) return undefined;
  const index = Number(token);
  const resolved = index < 0 ? index + length : index;
  return resolved >= 0 && resolved < length ? resolved : undefined;
}

/** One step down; undefined when there is nothing. */
export function childAt(node: JsonValue, token: string): JsonValue | undefined {
  if (isObject(node)) return getOwn(node, token);
  if (!Array.isArray(node)) return undefined;
  const index = resolveIndex(token, node.length);
  return index === undefined ? undefined : node[index];
}

export function isContainer(node: JsonValue | undefined): node is JsonObject | JsonArray {
  return typeof node === 'object' && node !== null;
}

import { getOwn, isObject, type JsonArray, type JsonObject, type JsonValue } from '../json/value.js';
import type { SchemaNode } from './node.js';

/**
 * Finds items of a list of type map by the keys of another item: the first one that has the same. Items whose keys are
 * missing or no scalars are never found.
 */
export function keyedItems(schema: SchemaNode, items: JsonArray): (item: JsonValue) => JsonObject | undefined {
  const { listMapKeys } = schema;
  const byKey = new Map<string, JsonObject>();
  for (const item of items) {
    const key = isObject(item) ? keyOf(listMapKeys, item) : undefined;
    if (isObject(item) && key !== undefined && !byKey.has(key)) byKey.set(key, item);
  }
  return (item) => {
    const key = isObject(item) ? keyOf(listMapKeys, item) : undefined;
    return key === undefined ? undefined : byKey.get(key);
  };
}

function keyOf(names: readonly string[], item: JsonObject): string | undefined {
  const parts: string[] = [];
  for (const name of names) {
    const value = getOwn(item, name);
    if (value === undefined || value === null || typeof value === 'object') return undefined;
    parts.push(typeof value === 'string' ? JSON.stringify(value) : String(value));
  }
  return parts.join('\0');
}

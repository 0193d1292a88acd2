import { isObject, type JsonObject } from '../json/value.js';
import { readList, readObject, readObjectMap, readObjects } from '../schema/read.js';

/** Whether the predicate holds for the schema or any schema inside it, however deep. */
export function schemaHas(schema: JsonObject, predicate: (schema: JsonObject) => boolean): boolean {
  const waiting = [schema];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (predicate(next)) return true;
    for (const inner of innerSchemas(next).reverse()) waiting.push(inner);
  }
  return false;
}

/** Depth of nesting, at most `limit + 1`. */
export function schemaDepth(schema: JsonObject, limit: number): number {
  if (limit < 0) return 1;
  return 1 + innerSchemas(schema).reduce((deepest, inner) => Math.max(deepest, schemaDepth(inner, limit - 1)), 0);
}

function innerSchemas(schema: JsonObject): JsonObject[] {
  const inner: JsonObject[] = [];
  for (const name of ['items', 'not', 'additionalProperties', 'additionalItems']) {
    const found = readObject(schema, name);
    if (found !== undefined) inner.push(found);
  }
  inner.push(...readList(schema, 'items').filter(isObject));
  for (const name of ['allOf', 'anyOf', 'oneOf']) inner.push(...readObjects(schema, name));
  for (const name of ['properties', 'patternProperties', 'definitions', 'dependencies']) {
    for (const [, found] of readObjectMap(schema, name)) inner.push(found);
  }
  return inner;
}

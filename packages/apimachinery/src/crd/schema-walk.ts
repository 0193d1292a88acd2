import { isObject, type JsonObject } from '../json/value.js';
import { readList, readObject, readObjectMap, readObjects } from '../schema/read.js';
import { isRestDue, type Work } from '../turns/work.js';

/** Whether the predicate holds for the schema or any schema inside it, however deep. */
export function* schemaHas(schema: JsonObject, predicate: (schema: JsonObject) => boolean): Work<boolean> {
  const waiting = [schema];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (isRestDue()) yield;
    if (predicate(next)) return true;
    for (const inner of innerSchemas(next).reverse()) waiting.push(inner);
  }
  return false;
}

/** Whether it holds for one of several. */
export function* someHas(schemas: readonly JsonObject[], predicate: (schema: JsonObject) => boolean): Work<boolean> {
  for (const schema of schemas) if (yield* schemaHas(schema, predicate)) return true;
  return false;
}

/** Depth of nesting, at most `limit + 1`. */
export function* schemaDepth(schema: JsonObject, limit: number): Work<number> {
  if (limit < 0) return 1;
  if (isRestDue()) yield;
  let deepest = 0;
  for (const inner of innerSchemas(schema)) deepest = Math.max(deepest, yield* schemaDepth(inner, limit - 1));
  return 1 + deepest;
}

const SINGLE = ['items', 'not', 'additionalProperties', 'additionalItems'];
const LISTS = ['allOf', 'anyOf', 'oneOf'];
const MAPS = ['properties', 'patternProperties', 'definitions', 'dependencies'];

function innerSchemas(schema: JsonObject): JsonObject[] {
  const inner: JsonObject[] = [];
  for (const name of SINGLE) {
    const found = readObject(schema, name);
    if (found !== undefined) inner.push(found);
  }
  for (const found of readList(schema, 'items')) if (isObject(found)) inner.push(found);
  for (const name of LISTS) for (const found of readObjects(schema, name)) inner.push(found);
  for (const name of MAPS) for (const [, found] of readObjectMap(schema, name)) inner.push(found);
  return inner;
}

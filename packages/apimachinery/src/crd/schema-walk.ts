import { isObject, type JsonObject } from '../json/value.js';
import { objectMembers, readList, readObject, readObjects } from '../schema/read.js';
import { isRestDue, type Work } from '../turns/work.js';

/** Whether the predicate holds for the schema or any schema inside it, however deep. */
export function* schemaHas(schema: JsonObject, predicate: (schema: JsonObject) => boolean): Work<boolean> {
  const path: Iterator<JsonObject, void>[] = [[schema].values()];
  for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
    const next = at.next();
    if (next.done === true) {
      path.pop();
      continue;
    }
    if (isRestDue()) yield;
    if (predicate(next.value)) return true;
    path.push(innerSchemas(next.value));
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

function* innerSchemas(schema: JsonObject): Generator<JsonObject, void, void> {
  for (const name of SINGLE) {
    const found = readObject(schema, name);
    if (found !== undefined) yield found;
  }
  for (const found of readList(schema, 'items')) if (isObject(found)) yield found;
  for (const name of LISTS) yield* readObjects(schema, name);
  for (const name of MAPS) for (const [, found] of objectMembers(schema, name)) yield found;
}

import { isObject, type JsonObject } from '../json/value.js';
import { objectMembers, readList, readObject, readObjects } from '../schema/read.js';
import { isRestDue, type Work } from '../turns/work.js';

/** What is looked for: it is here, it is not, or neither here nor inside. */
export type Predicate = (schema: JsonObject) => boolean | 'skip';

/** Whether the predicate holds for the schema or any schema inside it, however deep. */
export function* schemaHas(schema: JsonObject, predicate: Predicate): Work<boolean> {
  const path: Iterator<JsonObject, void>[] = [[schema].values()];
  for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
    const next = at.next();
    if (next.done === true) {
      path.pop();
      continue;
    }
    if (isRestDue()) yield;
    const found = predicate(next.value);
    if (found === true) return true;
    if (found !== 'skip') path.push(innerSchemas(next.value));
  }
  return false;
}

/** Whether it holds for one of several. */
export function* someHas(schemas: readonly JsonObject[], predicate: Predicate): Work<boolean> {
  for (const schema of schemas) if (yield* schemaHas(schema, predicate)) return true;
  return false;
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

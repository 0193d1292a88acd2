import { isObject, type JsonObject, type JsonValue } from '../json/value.js';
import { isRestDue, type Work } from '../turns/work.js';

/**
 * Applies `change` to the schemas directly inside a schema: properties, items, additionalProperties. Gives the same
 * object when none of them changed.
 */
export function* mapSchemas(schema: JsonObject, change: (schema: JsonObject) => Work<JsonObject>): Work<JsonObject> {
  if (isRestDue()) yield;
  const changed: JsonObject = {};
  const keep = (name: string, value: JsonValue): void => {
    if (value !== schema[name]) changed[name] = value;
  };
  if (isObject(schema.items)) keep('items', yield* change(schema.items));
  if (isObject(schema.additionalProperties)) keep('additionalProperties', yield* change(schema.additionalProperties));
  if (isObject(schema.properties)) keep('properties', yield* mapMembers(schema.properties, change));
  return Object.keys(changed).length === 0 ? schema : { ...schema, ...changed };
}

function* mapMembers(members: JsonObject, change: (schema: JsonObject) => Work<JsonObject>): Work<JsonObject> {
  let anyChanged = false;
  const entries: [string, JsonValue | undefined][] = [];
  for (const name of Object.keys(members)) {
    const schema = members[name];
    const made = isObject(schema) ? yield* change(schema) : schema;
    if (made !== schema) anyChanged = true;
    entries.push([name, made]);
  }
  return anyChanged ? Object.fromEntries(entries) : members;
}

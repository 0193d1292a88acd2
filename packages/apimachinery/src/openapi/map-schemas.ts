import { isObject, type JsonObject, type JsonValue } from '../json/value.js';

/**
 * Applies `change` to the schemas directly inside a schema: properties, items, additionalProperties. Gives the same
 * object when none of them changed.
 */
export function mapSchemas(schema: JsonObject, change: (schema: JsonObject) => JsonObject): JsonObject {
  const changed: JsonObject = {};
  const keep = (name: string, value: JsonValue): void => {
    if (value !== schema[name]) changed[name] = value;
  };
  if (isObject(schema.items)) keep('items', change(schema.items));
  if (isObject(schema.additionalProperties)) keep('additionalProperties', change(schema.additionalProperties));
  if (isObject(schema.properties)) keep('properties', mapMembers(schema.properties, change));
  return Object.keys(changed).length === 0 ? schema : { ...schema, ...changed };
}

function mapMembers(members: JsonObject, change: (schema: JsonObject) => JsonObject): JsonObject {
  let anyChanged = false;
  const entries = Object.entries(members).map(([name, schema]): [string, JsonValue | undefined] => {
    const made = isObject(schema) ? change(schema) : schema;
    if (made !== schema) anyChanged = true;
    return [name, made];
  });
  return anyChanged ? Object.fromEntries(entries) : members;
}

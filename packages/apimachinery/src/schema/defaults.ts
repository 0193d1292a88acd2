import { deepClone, isObject, type JsonObject, type JsonValue, setOwn } from '../json/value.js';
import type { SchemaNode } from './node.js';

/**
 * Fills in the schema's defaults, in place, so the object must be the caller's own: where a member is missing, or null
 * though it is not nullable. Nothing is filled in below a missing parent unless the parent has a default. Nulls that are
 * not allowed and have no default are dropped.
 */
export function applyDefaults(schema: SchemaNode, object: JsonValue): void {
  fillIn(schema, object);
}

function fillIn(schema: SchemaNode | undefined, value: JsonValue | undefined): void {
  if (schema === undefined) return;
  if (Array.isArray(value)) fillInList(schema.items, value);
  else if (isObject(value)) fillInObject(schema, value);
}

function fillInObject(schema: SchemaNode, value: JsonObject): void {
  if (schema.hasDefaults) addMissing(schema, value);
  for (const key of Object.keys(value)) {
    const property = schema.properties.get(key) ?? schema.additionalProperties?.schema;
    if (property === undefined) continue;
    if (isForbiddenNull(property, value[key])) replaceNull(property, value, key);
    if (typeof value[key] === 'object') fillIn(property, value[key]);
  }
}

function addMissing(schema: SchemaNode, object: JsonObject): void {
  for (const [name, property] of schema.properties) {
    if (property.default === undefined) continue;
    const present = Object.hasOwn(object, name) && object[name] !== undefined;
    if (!present || isForbiddenNull(property, object[name])) setOwn(object, name, deepClone(property.default));
  }
}

function replaceNull(schema: SchemaNode, object: JsonObject, key: string): void {
  if (schema.default === undefined) delete object[key];
  else setOwn(object, key, deepClone(schema.default));
}

function fillInList(schema: SchemaNode | undefined, items: JsonValue[]): void {
  if (schema === undefined) return;
  for (let index = 0; index < items.length; index++) {
    if (isForbiddenNull(schema, items[index]) && schema.default !== undefined) items[index] = deepClone(schema.default);
    if (typeof items[index] === 'object') fillIn(schema, items[index]);
  }
}

function isForbiddenNull(schema: SchemaNode, value: JsonValue | undefined): boolean {
  return value === null && !schema.nullable;
}

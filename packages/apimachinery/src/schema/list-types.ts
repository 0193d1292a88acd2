import { duplicate, type FieldError, invalid } from '../errors/field-error.js';
import { sortedText } from '../json/sorted-text.js';
import { getOwn, isObject, type JsonArray, type JsonObject, type JsonValue, setOwn } from '../json/value.js';
import { childPath, indexPath, keyPath } from '../validation/field-path.js';
import type { SchemaNode } from './node.js';

/** Finds duplicates in lists of type set and map, anywhere in the value. `path` is that of the value. */
export function validateListTypes(schema: SchemaNode, value: JsonValue | undefined, path = ''): FieldError[] {
  const errors: FieldError[] = [];
  visit(schema, value, path, errors);
  return errors;
}

function visit(schema: SchemaNode, value: JsonValue | undefined, path: string, errors: FieldError[]): void {
  if (!schema.hasListTypes) return;
  if (Array.isArray(value)) visitList(schema, value, path, errors);
  else if (isObject(value)) visitObject(schema, value, path, errors);
}

function visitObject(schema: SchemaNode, object: JsonObject, path: string, errors: FieldError[]): void {
  const additional = schema.additionalProperties?.schema;
  if (additional !== undefined) {
    for (const key of Object.keys(object)) visit(additional, object[key], keyPath(path, key), errors);
  }
  for (const [name, property] of schema.properties)
    visit(property, getOwn(object, name), childPath(path, name), errors);
}

function visitList(schema: SchemaNode, items: JsonArray, path: string, errors: FieldError[]): void {
  if (schema.listType === 'set') errors.push(...duplicates(items, path));
  else if (schema.listType === 'map') errors.push(...duplicateKeys(schema, items, path));
  const { items: itemSchema } = schema;
  if (itemSchema?.hasListTypes !== true) return;
  for (const [index, item] of items.entries()) visit(itemSchema, item, indexPath(path, index), errors);
}

function duplicateKeys(schema: SchemaNode, items: JsonArray, path: string): FieldError[] {
  const wrong = items.findIndex((item) => item !== null && !isObject(item));
  if (wrong >= 0) {
    return [invalid(indexPath(path, wrong), items[wrong], 'must be an object for an array of list-type map')];
  }
  return duplicates(
    items.map((item) => keyOf(schema.listMapKeys, item)),
    path,
  );
}

/** The key members that an item has, as an object. */
function keyOf(names: readonly string[], item: JsonValue): JsonObject {
  const key: JsonObject = {};
  if (!isObject(item)) return key;
  for (const name of [...names].sort()) {
    const value = getOwn(item, name);
    if (value !== undefined) setOwn(key, name, value);
  }
  return key;
}

/** The second occurrence of each value is reported, further ones are not. */
function duplicates(values: readonly JsonValue[], path: string): FieldError[] {
  const seen = new Map<string, number>();
  const errors: FieldError[] = [];
  for (const [index, value] of values.entries()) {
    const text = sortedText(value);
    const times = seen.get(text) ?? 0;
    seen.set(text, times + 1);
    if (times === 1) errors.push(duplicate(indexPath(path, index), value));
  }
  return errors;
}

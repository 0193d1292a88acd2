import { newUntyped } from '../errors/status-error.js';
import { stringify } from '../json/stringify.js';
import { deepClone, isObject, type JsonObject, type JsonValue, setOwn } from '../json/value.js';
import type { SchemaNode } from './node.js';

/**
 * Most characters of defaults that one object is given: more than any object that can be stored has. A short list of
 * empty objects could ask for gigabytes.
 */
export const DEFAULTS_LENGTH_MAX = 16_000_000;

/**
 * Fills in the schema's defaults, in place, so the object must be the caller's own: where a member is missing, or null
 * though it is not nullable. Nothing is filled in below a missing parent unless the parent has a default. Nulls that are
 * not allowed and have no default are dropped. Throws the Status of an object that is too large when that is too much.
 */
export function applyDefaults(schema: SchemaNode, object: JsonValue): void {
  new Filling().fillIn(schema, object);
}

/** What each takes besides, at least in time. */
const MEMBER_LENGTH = 60;

/** Lengths of defaults, by the nodes that have them. */
const lengths = new WeakMap<SchemaNode, number>();

class Filling {
  #left = DEFAULTS_LENGTH_MAX;

  fillIn(schema: SchemaNode | undefined, value: JsonValue | undefined): void {
    if (schema === undefined) return;
    if (Array.isArray(value)) this.#list(schema.items, value);
    else if (isObject(value)) this.#object(schema, value);
  }

  #object(schema: SchemaNode, value: JsonObject): void {
    if (schema.hasDefaults) this.#addMissing(schema, value);
    for (const key of Object.keys(value)) {
      const property = schema.properties.get(key) ?? schema.additionalProperties?.schema;
      if (property === undefined) continue;
      if (isForbiddenNull(property, value[key])) this.#replaceNull(property, value, key);
      if (typeof value[key] === 'object') this.fillIn(property, value[key]);
    }
  }

  #addMissing(schema: SchemaNode, object: JsonObject): void {
    for (const [name, property] of schema.properties) {
      if (property.default === undefined) continue;
      const present = Object.hasOwn(object, name) && object[name] !== undefined;
      if (!present || isForbiddenNull(property, object[name]))
        setOwn(object, name, this.#copy(property, property.default));
    }
  }

  #replaceNull(schema: SchemaNode, object: JsonObject, key: string): void {
    if (schema.default === undefined) delete object[key];
    else setOwn(object, key, this.#copy(schema, schema.default));
  }

  #list(schema: SchemaNode | undefined, items: JsonValue[]): void {
    if (schema === undefined) return;
    for (let index = 0; index < items.length; index++) {
      if (isForbiddenNull(schema, items[index]) && schema.default !== undefined) {
        items[index] = this.#copy(schema, schema.default);
      }
      if (typeof items[index] === 'object') this.fillIn(schema, items[index]);
    }
  }

  #copy(schema: SchemaNode, value: JsonValue): JsonValue {
    const length = lengths.get(schema) ?? stringify(value).length + MEMBER_LENGTH;
    lengths.set(schema, length);
    this.#left -= length;
    if (this.#left < 0) throw newUntyped('etcdserver: request is too large');
    return deepClone(value);
  }
}

function isForbiddenNull(schema: SchemaNode, value: JsonValue | undefined): boolean {
  return value === null && !schema.nullable;
}

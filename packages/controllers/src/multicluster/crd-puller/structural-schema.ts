import { isObject, type JsonObject, type JsonValue, setOwn } from '@kcp/apimachinery/json/value';
import { readObject, readObjectMap, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { referenceOf, type SchemaSet } from './published-schemas.js';
import { intOrString, isIntOrString, openObject, specialSchema } from './special-schemas.js';

/** Values of a schema that mean the same in a definition. */
const COPIED = [
  'format',
  'enum',
  'pattern',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'nullable',
  'x-kubernetes-map-type',
  'x-kubernetes-validations',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
] as const;

/**
 * The structural schema of a kind, made of what its cluster publishes. Every type comes out, also one that refers to
 * itself: where it does so, the recursion is cut by an object that keeps what it is given.
 */
export function structuralSchema(set: SchemaSet, name: string): JsonObject {
  const whole = new Converter(set).named(name, undefined);
  const properties = readObject(whole, 'properties');
  // The server knows these of every object.
  if (properties?.metadata !== undefined) properties.metadata = { type: 'object' };
  return whole;
}

class Converter {
  readonly #set: SchemaSet;
  /** The types that are being converted, outermost first. */
  readonly #open: string[] = [];

  constructor(set: SchemaSet) {
    this.#set = set;
  }

  /** A type by its published name; a field's own description goes before the type's. */
  named(name: string, description: string | undefined): JsonObject {
    const target = this.#set[name];
    const special = specialSchema(name);
    const about = description ?? readString(target ?? {}, 'description');
    const described = about === '' ? {} : { description: about };
    if (special !== undefined) return { ...described, ...special };
    if (target === undefined || this.#open.includes(name)) return { ...described, ...openObject() };
    this.#open.push(name);
    const made = this.#convert(target);
    this.#open.pop();
    return { ...made, ...described };
  }

  #convert(schema: JsonObject): JsonObject {
    const reference = referenceOf(schema);
    const own = readString(schema, 'description');
    if (reference !== undefined) return this.named(reference, own === '' ? undefined : own);
    const described = own === '' ? {} : { description: own };
    if (isIntOrString(schema)) return { ...described, ...intOrString() };
    const copied = { ...described, ...this.#copied(schema) };
    switch (readString(schema, 'type')) {
      case 'object':
        return { ...copied, ...this.#object(schema) };
      case 'array':
        return { ...copied, ...this.#array(schema) };
      case '':
        // Fields alone say that it is an object.
        if (isObject(schema.properties)) return { ...copied, ...this.#object(schema) };
        return { ...copied, 'x-kubernetes-preserve-unknown-fields': true };
      default:
        return { ...copied, type: readString(schema, 'type') };
    }
  }

  #copied(schema: JsonObject): JsonObject {
    const copied: JsonObject = {};
    for (const key of COPIED) if (schema[key] !== undefined) copied[key] = schema[key];
    return copied;
  }

  #object(schema: JsonObject): JsonObject {
    const fields = readObjectMap(schema, 'properties');
    const values = schema.additionalProperties;
    if (fields.length > 0) return this.#fields(schema, fields);
    if (isObject(values)) return { type: 'object', additionalProperties: this.#convert(values) };
    return openObject();
  }

  #fields(schema: JsonObject, fields: readonly [string, JsonObject][]): JsonObject {
    const properties: JsonObject = {};
    for (const [name, field] of fields) {
      const made = this.#convert(field);
      const fallback = statedDefault(field);
      if (fallback !== undefined) made.default = fallback;
      setOwn(properties, name, made);
    }
    const required = readStrings(schema, 'required').filter((name) => Object.hasOwn(properties, name));
    return { type: 'object', ...(required.length === 0 ? {} : { required }), properties };
  }

  #array(schema: JsonObject): JsonObject {
    const source = readObject(schema, 'items') ?? {};
    const items = this.#convert(source);
    const keys = listKeys(schema, items);
    const type = listType(schema, items, keys);
    if (type !== 'map') return { type: 'array', items, 'x-kubernetes-list-type': type };
    const reference = referenceOf(source);
    const published = reference === undefined ? source : (this.#set[reference] ?? {});
    requireKeys(items, keys, readObject(published, 'properties') ?? {});
    return { type: 'array', items, 'x-kubernetes-list-type': type, 'x-kubernetes-list-map-keys': [...keys] };
  }
}

/** A default that somebody stated; the empty ones follow from Go's types and would make every field appear. */
function statedDefault(field: JsonObject): JsonValue | undefined {
  const value = field.default;
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return undefined;
  return isObject(value) && Object.keys(value).length === 0 ? undefined : structuredClone(value);
}

function listKeys(schema: JsonObject, items: JsonObject): readonly string[] {
  const stated = readStrings(schema, 'x-kubernetes-list-map-keys');
  const merge = readString(schema, 'x-kubernetes-patch-merge-key');
  const keys = stated.length > 0 ? stated : merge === '' ? [] : [merge];
  const properties = readObject(items, 'properties') ?? {};
  return keys.every((key) => isScalar(readObject(properties, key))) ? keys : [];
}

function isScalar(schema: JsonObject | undefined): boolean {
  const type = schema === undefined ? '' : readString(schema, 'type');
  return type !== '' && type !== 'object' && type !== 'array';
}

/** How the list merges: as stated, or as its patch strategy says; whole when nothing can tell its items apart. */
function listType(schema: JsonObject, items: JsonObject, keys: readonly string[]): 'map' | 'set' | 'atomic' {
  const stated = readString(schema, 'x-kubernetes-list-type');
  const merges = readString(schema, 'x-kubernetes-patch-strategy').split(',').includes('merge');
  const byKey = keys.length > 0 && readString(items, 'type') === 'object';
  if (stated === 'map' || (stated === '' && (merges || keys.length > 0) && byKey)) return byKey ? 'map' : 'atomic';
  return (stated === 'set' || (stated === '' && merges)) && isScalar(items) ? 'set' : 'atomic';
}

/** Keys must be there: by a default, be it an empty one, or because they are required. */
function requireKeys(items: JsonObject, keys: readonly string[], published: JsonObject): void {
  const properties = readObject(items, 'properties') ?? {};
  const required = readStrings(items, 'required');
  for (const key of keys) {
    const property = readObject(properties, key);
    if (property === undefined || required.includes(key)) continue;
    const fallback = readObject(published, key)?.default;
    if (property.default === undefined && fallback !== undefined) property.default = structuredClone(fallback);
    if (property.default === undefined) required.push(key);
  }
  if (required.length > 0) items.required = required;
}

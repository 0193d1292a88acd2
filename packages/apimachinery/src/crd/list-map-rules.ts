import { type FieldError, forbidden, invalid, notSupported, required } from '../errors/field-error.js';
import { getOwn, type JsonObject } from '../json/value.js';
import { readBoolean, readObject, readOptionalString, readString, readStrings } from '../schema/read.js';
import { childPath, keyPath } from '../validation/field-path.js';
import { hasDefault } from './validate-defaults.js';

const LIST_TYPE = 'x-kubernetes-list-type';
const LIST_KEYS = 'x-kubernetes-list-map-keys';
const MAP_TYPE = 'x-kubernetes-map-type';
/** Faults of the keys of one list that are told. */
const KEY_FAULTS_MAX = 1_000;

/** Rules about `x-kubernetes-map-type`, `x-kubernetes-list-type` and `x-kubernetes-list-map-keys` of one schema. */
export function listAndMapErrors(schema: JsonObject, field: string, requireAtomicSets: boolean): FieldError[] {
  const errors = [
    ...typeErrors(schema, MAP_TYPE, 'object', field),
    ...oneOf(schema, MAP_TYPE, ['atomic', 'granular'], field),
    ...typeErrors(schema, LIST_TYPE, 'array', field),
  ];
  if (readString(schema, 'type') === 'array' && requireAtomicSets) {
    const member = setItemFault(schema);
    const text = 'must be atomic as item of a list with x-kubernetes-list-type=set';
    const value = member === LIST_TYPE ? readOptionalString(readObject(schema, 'items') ?? {}, LIST_TYPE) : undefined;
    if (member !== undefined) errors.push(invalid(childPath(childPath(field, 'items'), member), value, text));
  }
  errors.push(...oneOf(schema, LIST_TYPE, ['atomic', 'set', 'map'], field));
  errors.push(...keysWithoutMap(schema, field));
  if (readOptionalString(schema, LIST_TYPE) === 'map') errors.push(...mapErrors(schema, field));
  return errors;
}

/** Items of a set must be scalar or atomic: the extension of the items that is wrong, if any. */
export function setItemFault(schema: JsonObject): typeof LIST_TYPE | typeof MAP_TYPE | undefined {
  const items = readObject(schema, 'items');
  if (readOptionalString(schema, LIST_TYPE) !== 'set' || items === undefined) return undefined;
  const listType = readOptionalString(items, LIST_TYPE) ?? 'atomic';
  switch (readString(items, 'type')) {
    case 'array':
      return listType === 'atomic' ? undefined : LIST_TYPE;
    case 'object':
      return readOptionalString(items, MAP_TYPE) === 'atomic' ? undefined : MAP_TYPE;
    default:
      return undefined;
  }
}

/** Items of sets and maps are not nullable; keys of maps are required or have a default. */
export function mapListFaults(schema: JsonObject, field: string): FieldError[] {
  const items = readObject(schema, 'items');
  const listType = readOptionalString(schema, LIST_TYPE);
  if (items === undefined || (listType !== 'set' && listType !== 'map')) return [];
  const errors: FieldError[] = [];
  const at = childPath(field, 'items');
  if (readBoolean(items, 'nullable')) {
    errors.push(forbidden(childPath(at, 'nullable'), `cannot be nullable when ${LIST_TYPE} is ${listType}`));
  }
  return listType === 'set' ? errors : [...errors, ...keyFaults(schema, items, at)];
}

function keyFaults(schema: JsonObject, items: JsonObject, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const properties = readObject(items, 'properties') ?? {};
  const requiredNames = new Set(readStrings(items, 'required'));
  for (const key of readStrings(schema, LIST_KEYS)) {
    const property = readObject(properties, key);
    if (property === undefined) continue;
    const at = keyPath(childPath(field, 'properties'), key);
    if (!requiredNames.has(key) && !hasDefault(property)) {
      const text = `this property is in ${LIST_KEYS}, so it must have a default or be a required property`;
      errors.push(required(childPath(at, 'default'), text));
    }
    if (readBoolean(property, 'nullable')) {
      errors.push(forbidden(childPath(at, 'nullable'), `this property is in ${LIST_KEYS}, so it cannot be nullable`));
    }
  }
  return errors;
}

function typeErrors(schema: JsonObject, extension: string, wanted: string, field: string): FieldError[] {
  const type = readString(schema, 'type');
  if (readOptionalString(schema, extension) === undefined || type === wanted) return [];
  const text = `must be ${wanted} if ${extension} is specified`;
  const at = childPath(field, 'type');
  return [type === '' ? required(at, text) : invalid(at, type, text)];
}

function oneOf(schema: JsonObject, extension: string, allowed: readonly string[], field: string): FieldError[] {
  const value = readOptionalString(schema, extension);
  return value === undefined || allowed.includes(value)
    ? []
    : [notSupported(childPath(field, extension), value, allowed)];
}

function keysWithoutMap(schema: JsonObject, field: string): FieldError[] {
  const listType = readOptionalString(schema, LIST_TYPE);
  if (readStrings(schema, LIST_KEYS).length === 0 || listType === 'map') return [];
  const text = `must be map if ${LIST_KEYS} is non-empty`;
  const at = childPath(field, LIST_TYPE);
  return [listType === undefined ? required(at, text) : invalid(at, listType, text)];
}

function mapErrors(schema: JsonObject, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const keys = readStrings(schema, LIST_KEYS);
  if (keys.length === 0) errors.push(required(childPath(field, LIST_KEYS), `must not be empty if ${LIST_TYPE} is map`));
  const given = getOwn(schema, 'items') ?? undefined;
  const items = readObject(schema, 'items');
  const at = childPath(field, 'items');
  if (given === undefined) errors.push(required(at, `must have a schema if ${LIST_TYPE} is map`));
  else if (items === undefined)
    errors.push(invalid(at, given, `must only have a single schema if ${LIST_TYPE} is map`));
  if (items === undefined) return errors;
  const type = readString(items, 'type');
  if (type === 'object') return [...errors, ...keyErrors(keys, items, field)];
  return [...errors, invalid(childPath(at, 'type'), type, `must be object if parent array's ${LIST_TYPE} is map`)];
}

function keyErrors(keys: readonly string[], items: JsonObject, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const properties = readObject(items, 'properties') ?? {};
  const seen = new Set<string>();
  // Both show all keys, whichever is at fault: one says it for all.
  const fault = (text: string): (() => FieldError) =>
    lazily(() => invalid(childPath(field, LIST_KEYS), [...keys], text));
  const unknown = fault('entries must all be names of item properties');
  const repeated = fault('must not contain duplicate entries');
  for (const key of keys) {
    if (errors.length >= KEY_FAULTS_MAX) break;
    const property = readObject(properties, key);
    if (property === undefined) {
      errors.push(unknown());
    } else if (['array', 'object'].includes(readString(property, 'type'))) {
      const at = childPath(keyPath(childPath(childPath(field, 'items'), 'properties'), key), 'type');
      // upstream shows the type of the item, not of the property
      errors.push(invalid(at, 'object', `must be a scalar type if parent array's ${LIST_TYPE} is map`));
    }
    if (seen.has(key)) errors.push(repeated());
    seen.add(key);
  }
  return errors;
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

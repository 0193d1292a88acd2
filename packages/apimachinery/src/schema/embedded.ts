import { type FieldError, invalid, required } from '../errors/field-error.js';
import { jsonTypeName } from '../json/type-name.js';
import { getOwn, isObject, type JsonObject, type JsonValue } from '../json/value.js';
import type { ObjectMeta } from '../meta/object.js';
import { parseApiVersion } from '../meta/resource.js';
import { childPath, indexPath, keyPath } from '../validation/field-path.js';
import { dns1035Label, nameIsPathSegment } from '../validation/names.js';
import { validateObjectMeta } from '../validation/object-meta.js';
import type { SchemaNode } from './node.js';
import { coerceFields, OBJECT_META } from './object-meta-fields.js';

export interface MetadataCoercion {
  /** Paths of unknown metadata members that were removed, sorted. */
  readonly dropped: readonly string[];
  /** The first member of a wrong type, if any; then the object cannot be decoded. */
  readonly error: FieldError | undefined;
}

/**
 * Brings the metadata of the object (with `isResourceRoot`) and of all resources embedded in it to the known members of
 * ObjectMeta, in place, so the object must be the caller's own.
 */
export function coerceMetadata(schema: SchemaNode, object: JsonValue, isResourceRoot = true): MetadataCoercion {
  const dropped: string[] = [];
  let error: FieldError | undefined;
  eachResource(schema, object, '', isResourceRoot, (resource, path) => {
    for (const name of ['apiVersion', 'kind']) {
      const value = getOwn(resource, name);
      if (value !== undefined && typeof value !== 'string') {
        error ??= invalid(childPath(path, name), value, 'must be a string');
      }
    }
    const metadata = getOwn(resource, 'metadata');
    if (!isObject(metadata)) {
      if (metadata !== undefined && metadata !== null) error ??= wrongMetadata(path, metadata, notAnObject(metadata));
      return;
    }
    const coerced = coerceFields(OBJECT_META, metadata, childPath(path, 'metadata'));
    if (coerced.fault !== undefined) error ??= wrongMetadata(path, metadata, coerced.fault);
    dropped.push(...coerced.dropped);
    resource.metadata = coerced.value;
  });
  return { dropped: dropped.sort(), error };
}

function notAnObject(value: JsonValue): string {
  return `json: cannot unmarshal ${jsonTypeName(value)} into Go value of type v1.ObjectMeta`;
}

function wrongMetadata(path: string, metadata: JsonValue, text: string): FieldError {
  return invalid(childPath(path, 'metadata'), metadata, text);
}

/** Validates apiVersion, kind and metadata of all resources embedded in an object. */
export function validateEmbedded(schema: SchemaNode, object: JsonValue, path = ''): FieldError[] {
  const errors: FieldError[] = [];
  eachResource(schema, object, path, schema.embeddedResource, (resource, at) => {
    errors.push(...resourceErrors(resource, at));
  });
  return errors;
}

function resourceErrors(resource: JsonObject, path: string): FieldError[] {
  const apiVersion = getOwn(resource, 'apiVersion');
  const kind = getOwn(resource, 'kind');
  const metadata = getOwn(resource, 'metadata');
  const errors: FieldError[] = [];
  for (const [name, value] of [
    ['apiVersion', apiVersion],
    ['kind', kind],
  ] as const) {
    if (value === undefined) errors.push(required(childPath(path, name)));
  }
  if (apiVersion !== undefined) errors.push(...apiVersionErrors(apiVersion, childPath(path, 'apiVersion')));
  if (kind !== undefined) errors.push(...kindErrors(kind, childPath(path, 'kind')));
  if (isObject(metadata)) errors.push(...metadataErrors(metadata, childPath(path, 'metadata')));
  return errors;
}

function apiVersionErrors(value: JsonValue, field: string): FieldError[] {
  if (typeof value !== 'string') return [invalid(field, value, 'must be a string')];
  if (value === '') return [invalid(field, value, 'must not be empty')];
  return parseApiVersion(value) === undefined
    ? [invalid(field, value, `unexpected GroupVersion string: ${value}`)]
    : [];
}

function kindErrors(value: JsonValue, field: string): FieldError[] {
  if (typeof value !== 'string') return [invalid(field, value, 'must be a string')];
  if (value === '') return [invalid(field, value, 'must not be empty')];
  const texts = dns1035Label(value.toLowerCase());
  if (texts.length === 0) return [];
  return [invalid(field, value, `may have mixed case, but should otherwise match: ${texts.join(',')}`)];
}

function metadataErrors(metadata: JsonObject, field: string): FieldError[] {
  const coerced = coerceFields(OBJECT_META, metadata, field);
  if (coerced.fault !== undefined) return [invalid(field, metadata, coerced.fault)];
  // every embedded object counts as named: only what is given is judged
  const meta: ObjectMeta = { name: 'fakename', ...coerced.value };
  if (meta.name === '') meta.name = 'fakename';
  const namespaced = (meta.namespace ?? '') !== '';
  return validateObjectMeta(meta, { namespaced, nameValidator: nameIsPathSegment, fieldPath: field });
}

type Visit = (resource: JsonObject, path: string) => void;

function eachResource(
  schema: SchemaNode | undefined,
  value: JsonValue | undefined,
  path: string,
  isResource: boolean,
  visit: Visit,
): void {
  if (isResource && isObject(value)) visit(value, path);
  if (schema?.hasEmbedded !== true) return;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      eachResource(schema.items, item, indexPath(path, index), schema.items?.embeddedResource ?? false, visit);
    }
  } else if (isObject(value)) eachMember(schema, value, path, visit);
}

function eachMember(schema: SchemaNode, object: JsonObject, path: string, visit: Visit): void {
  for (const key of Object.keys(object)) {
    const property = schema.properties.get(key);
    const additional = schema.additionalProperties?.schema;
    const inner = property ?? additional;
    if (inner === undefined) continue;
    const at = property === undefined ? keyPath(path, key) : childPath(path, key);
    eachResource(inner, object[key], at, inner.embeddedResource, visit);
  }
}

import { type FieldError, forbidden, invalid, notSupported } from '../errors/field-error.js';
import { getOwn, isObject, type JsonObject, type JsonValue } from '../json/value.js';
import { SCHEMA_MAX_DEPTH } from '../schema/node.js';
import { readBoolean, readList, readObject, readObjectMap, readObjects, readString } from '../schema/read.js';
import { childPath, indexPath, keyPath } from '../validation/field-path.js';
import { goDump } from './go-dump.js';
import { listAndMapErrors, mapListFaults } from './list-map-rules.js';
import { type Rules, SCHEMA_TYPES } from './ratchet.js';
import { ruleShapeErrors } from './rule-shape.js';
import { schemaDepth } from './schema-walk.js';
import { unsupportedFault, validateStructural } from './structural.js';
import { hasDefault, validateDefaults } from './validate-defaults.js';

const META_FIELDS = new Set(['metadata', 'kind', 'apiVersion']);
/** Fields that a root schema may have beside the status subresource, by their names in Go and in JSON. */
const ROOT_FIELDS = [
  'Description',
  'Type',
  'Format',
  'Title',
  'Maximum',
  'ExclusiveMaximum',
  'Minimum',
  'ExclusiveMinimum',
  'MaxLength',
  'MinLength',
  'Pattern',
  'MaxItems',
  'MinItems',
  'UniqueItems',
  'MultipleOf',
  'Required',
  'Items',
  'Properties',
  'ExternalDocs',
  'Example',
  'XPreserveUnknownFields',
  'XValidations',
];
const ROOT_KEYS = new Set([
  ...ROOT_FIELDS.map((name) => name.charAt(0).toLowerCase() + name.slice(1)),
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
]);

/** Validates one `schema` or `validation` of a definition; `field` is its path. Rules in CEL are not compiled. */
export function validateSchema(schema: JsonObject, statusEnabled: boolean, field: string, rules: Rules): FieldError[] {
  const at = childPath(field, 'openAPIV3Schema');
  if (schemaDepth(schema, SCHEMA_MAX_DEPTH) > SCHEMA_MAX_DEPTH) {
    return [invalid(at, '', `must not be nested deeper than ${SCHEMA_MAX_DEPTH} levels`)];
  }
  const errors = statusEnabled ? rootErrors(schema, at) : [];
  if (readBoolean(schema, 'nullable'))
    errors.push(forbidden(childPath(at, 'nullable'), 'nullable cannot be true at the root'));
  const unsupported = rules.requireStructural ? unsupportedAnywhere(schema) : undefined;
  if (rules.requireStructural && unsupported === undefined) {
    const structural = validateStructural(schema, at);
    errors.push(...(structural.length > 0 ? structural : validateDefaults(schema, at, rules.requirePrunedDefaults)));
  }
  const context: Context = { rules, isRoot: true, insideMeta: false, forbidDefaults: undefined };
  errors.push(...schemaErrors(schema, at, context));
  if (errors.length === 0 && unsupported !== undefined) errors.push(invalid(at, '', unsupported));
  return errors;
}

function unsupportedAnywhere(schema: JsonObject): string | undefined {
  let fault: string | undefined;
  const visit = (inner: JsonObject): void => {
    fault ??= unsupportedFault(inner);
    if (fault === undefined) for (const child of children(inner)) visit(child.schema);
  };
  visit(schema);
  return fault;
}

function rootErrors(schema: JsonObject, field: string): FieldError[] {
  const type = readString(schema, 'type');
  if (type !== '' && type !== 'object') {
    const text = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    return [invalid(childPath(field, 'type'), type, text)];
  }
  const other = Object.keys(schema).find((key) => !ROOT_KEYS.has(key) && !isZero(getOwn(schema, key)));
  if (other === undefined) return [];
  const text = `only [${ROOT_FIELDS.join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`;
  return [invalid(field, goDump(schema), text)];
}

function isZero(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === false || value === '';
}

interface Context {
  readonly rules: Rules;
  readonly isRoot: boolean;
  /** Inside metadata, kind or apiVersion of a resource. */
  readonly insideMeta: boolean;
  /** Why no default may stand here. */
  readonly forbidDefaults: string | undefined;
}

function schemaErrors(schema: JsonObject, field: string, context: Context): FieldError[] {
  const errors = keywordErrors(schema, field, context);
  if (readBoolean(schema, 'uniqueItems')) {
    const text = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbidden(childPath(field, 'uniqueItems'), text));
  }
  const additional = getOwn(schema, 'additionalProperties');
  const hasProperties = Object.keys(readObject(schema, 'properties') ?? {}).length > 0;
  if (hasProperties && (additional === false || isObject(additional))) {
    const text = 'additionalProperties and properties are mutual exclusive';
    errors.push(forbidden(childPath(field, 'additionalProperties'), text));
  }
  const isResource = context.isRoot || readBoolean(schema, 'x-kubernetes-embedded-resource');
  for (const child of children(schema)) {
    errors.push(...schemaErrors(child.schema, child.path(field), innerContext(context, child, isResource)));
  }
  if (getOwn(schema, 'x-kubernetes-preserve-unknown-fields') === false) {
    const at = childPath(field, 'x-kubernetes-preserve-unknown-fields');
    errors.push(invalid(at, false, 'must be true or undefined'));
  }
  errors.push(...listAndMapErrors(schema, field, context.rules.requireAtomicSets));
  if (context.rules.requireMapListKeys) errors.push(...mapListFaults(schema, field));
  errors.push(...ruleShapeErrors(schema, field));
  return errors;
}

interface Child {
  readonly kind: 'property' | 'additional' | 'other';
  readonly name: string;
  readonly schema: JsonObject;
  path(field: string): string;
}

/** Schemas inside a schema, in the order in which upstream reports their errors. */
function children(schema: JsonObject): Child[] {
  const found: Child[] = [];
  const add = (kind: Child['kind'], name: string, inner: JsonObject, path: (field: string) => string): void => {
    found.push({ kind, name, schema: inner, path });
  };
  const single = (name: string, kind: Child['kind'] = 'other'): void => {
    const inner = readObject(schema, name);
    if (inner !== undefined) add(kind, name, inner, (field) => childPath(field, name));
  };
  single('additionalProperties', 'additional');
  for (const [name, inner] of readObjectMap(schema, 'properties')) {
    add('property', name, inner, (field) => keyPath(childPath(field, 'properties'), name));
  }
  single('not');
  for (const name of ['allOf', 'oneOf', 'anyOf']) {
    for (const [index, inner] of readObjects(schema, name).entries()) {
      add('other', name, inner, (field) => indexPath(childPath(field, name), index));
    }
  }
  for (const [name, inner] of readObjectMap(schema, 'definitions')) {
    add('other', name, inner, (field) => keyPath(childPath(field, 'definitions'), name));
  }
  single('items');
  for (const [index, inner] of readList(schema, 'items').entries()) {
    if (isObject(inner)) add('other', 'items', inner, (field) => indexPath(childPath(field, 'items'), index));
  }
  return found;
}

function innerContext(context: Context, child: Child, isResource: boolean): Context {
  const base = { ...context, isRoot: false };
  if (child.kind === 'additional' && context.insideMeta) {
    return { ...base, forbidDefaults: 'inside additionalProperties applying to object metadata' };
  }
  if (child.kind !== 'property' || !isResource || !META_FIELDS.has(child.name)) return base;
  return {
    ...base,
    insideMeta: true,
    forbidDefaults: context.isRoot ? `in top-level ${child.name}` : context.forbidDefaults,
  };
}

/** Keywords of JSON Schema that are not for CustomResourceDefinitions. */
function keywordErrors(schema: JsonObject, field: string, context: Context): FieldError[] {
  const errors: FieldError[] = [];
  const type = readString(schema, 'type');
  if (context.rules.requireValidTypes && type !== '' && !SCHEMA_TYPES.includes(type)) {
    errors.push(notSupported(childPath(field, 'type'), type, SCHEMA_TYPES));
  }
  if (context.forbidDefaults !== undefined && hasDefault(schema)) {
    errors.push(forbidden(childPath(field, 'default'), `must not be set ${context.forbidDefaults}`));
  }
  for (const name of ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref']) {
    const value = getOwn(schema, name);
    const empty =
      name === 'patternProperties' || name === 'definitions'
        ? isObject(value) && Object.keys(value).length === 0
        : value === '';
    if (value !== undefined && value !== null && !empty)
      errors.push(forbidden(childPath(field, name), `${name} is not supported`));
  }
  if (type === 'null') {
    errors.push(forbidden(childPath(field, 'type'), 'type cannot be set to null, use nullable as an alternative'));
  }
  if (readList(schema, 'items').length > 0) {
    errors.push(forbidden(childPath(field, 'items'), 'items must be a schema object and not an array'));
  }
  if (context.insideMeta && readBoolean(schema, 'x-kubernetes-embedded-resource')) {
    errors.push(
      forbidden(childPath(field, 'x-kubernetes-embedded-resource'), 'must not be used inside of resource meta'),
    );
  }
  return errors;
}

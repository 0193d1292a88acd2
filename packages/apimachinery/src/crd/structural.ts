import { type FieldError, fieldErrorText, forbidden, invalid, required } from '../errors/field-error.js';
import { deepEqual, getOwn, isObject, type JsonObject } from '../json/value.js';
import { patternFault } from '../schema/pattern.js';
import { objectMembers, readBoolean, readObject, readObjects, readString, readStrings } from '../schema/read.js';
import { atOnce, isRestDue, type Work } from '../turns/work.js';
import { childPath, indexPath, keyPath } from '../validation/field-path.js';
import { type Survey, surveyOf } from './schema-survey.js';
import { completenessErrors } from './structural-completeness.js';

type Level = 'root' | 'item' | 'field';

const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }];
const EMPTY_TYPE: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

/**
 * What makes a schema structural: a type everywhere, and within allOf, anyOf, oneOf and not nothing but value
 * validations of what is specified outside. Errors are sorted by text, as upstream sorts them.
 */
export function validateStructural(schema: JsonObject, field: string): FieldError[] {
  return atOnce(structuralJudgement(schema, field));
}

/** `validateStructural` as work that may be put aside. */
export function* structuralJudgement(schema: JsonObject, field: string): Work<FieldError[]> {
  const { toJudge } = yield* surveyOf(schema);
  const invariants = yield* invariantErrors(schema, 'root', field, toJudge);
  const errors = [...invariants, ...(yield* completenessErrors(schema, field))];
  return errors
    .map((error) => ({ error, text: fieldErrorText(error) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ error }) => error);
}

/** Why a schema cannot be read as a structural one at all; undefined when it can. */
export function unsupportedFault(schema: JsonObject): string | undefined {
  for (const name of ['id', '$schema', '$ref', 'patternProperties', 'dependencies', 'additionalItems', 'definitions']) {
    const value = getOwn(schema, name);
    const absent = value === undefined || value === null || value === '' || (isObject(value) && isEmpty(value));
    if (!absent) return `OpenAPIV3Schema '${name.replace('$schema', 'schema')}' is not supported`;
  }
  if (Array.isArray(getOwn(schema, 'items'))) return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  if (getOwn(schema, 'x-kubernetes-preserve-unknown-fields') === false) {
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
  }
  return undefined;
}

function isEmpty(object: JsonObject): boolean {
  return Object.keys(object).length === 0;
}

type ToJudge = Survey['toJudge'];

function* invariantErrors(schema: JsonObject, level: Level, field: string, toJudge: ToJudge): Work<FieldError[]> {
  if (!toJudge.has(schema)) return [];
  if (isRestDue()) yield;
  const errors: FieldError[] = [];
  const type = readString(schema, 'type');
  const items = readObject(schema, 'items');
  if (type === 'array' && items === undefined) errors.push(required(childPath(field, 'items'), 'must be specified'));
  if (items !== undefined) errors.push(...(yield* invariantErrors(items, 'item', childPath(field, 'items'), toJudge)));
  for (const [name, property] of objectMembers(schema, 'properties')) {
    if (!toJudge.has(property)) continue;
    errors.push(...(yield* invariantErrors(property, 'field', keyPath(childPath(field, 'properties'), name), toJudge)));
  }
  errors.push(...(yield* additionalErrors(schema, level, childPath(field, 'additionalProperties'), toJudge)));
  errors.push(...intOrStringErrors(schema, field));
  errors.push(...(yield* valueErrors(schema, field, isIntOrString(schema), isIntOrStringAllOf(schema))));
  errors.push(...typeErrors(schema, type, level, field));
  errors.push(...metaErrors(schema, level, field));
  return errors;
}

function* additionalErrors(schema: JsonObject, level: Level, field: string, toJudge: ToJudge): Work<FieldError[]> {
  const value = getOwn(schema, 'additionalProperties');
  if (value === undefined || value === null) return [];
  const errors = level === 'root' ? [forbidden(field, 'must not be used at the root')] : [];
  return isObject(value) ? [...errors, ...(yield* invariantErrors(value, 'field', field, toJudge))] : errors;
}

function intOrStringErrors(schema: JsonObject, field: string): FieldError[] {
  if (!readBoolean(schema, 'x-kubernetes-int-or-string')) return [];
  return ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource']
    .filter((name) => readBoolean(schema, name))
    .map((name) => invalid(childPath(field, name), true, 'must be false if x-kubernetes-int-or-string is true'));
}

function typeErrors(schema: JsonObject, type: string, level: Level, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const at = childPath(field, 'type');
  const embedded = readBoolean(schema, 'x-kubernetes-embedded-resource');
  const preserve = readBoolean(schema, 'x-kubernetes-preserve-unknown-fields');
  if (embedded && type !== 'object') {
    const text = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type === '' ? required(at, text) : invalid(at, type, text));
  } else if (type === '' && !preserve && !readBoolean(schema, 'x-kubernetes-int-or-string')) {
    errors.push(required(at, EMPTY_TYPE[level]));
  }
  if (embedded && (getOwn(schema, 'additionalProperties') ?? null) !== null) {
    errors.push(
      forbidden(childPath(field, 'additionalProperties'), 'must not be used if x-kubernetes-embedded-resource is set'),
    );
  }
  if (level === 'root' && type !== '' && type !== 'object')
    errors.push(invalid(at, type, 'must be object at the root'));
  return errors;
}

function metaErrors(schema: JsonObject, level: Level, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const embedded = readBoolean(schema, 'x-kubernetes-embedded-resource');
  const properties = readObject(schema, 'properties') ?? {};
  const checked = level === 'root' || embedded;
  const path = (name: string): string => keyPath(childPath(field, 'properties'), name);
  for (const name of checked ? ['kind', 'apiVersion'] : []) {
    const property = readObject(properties, name);
    const type = property === undefined ? 'string' : readString(property, 'type');
    if (type !== 'string') errors.push(invalid(childPath(path(name), 'type'), type, 'must be string'));
  }
  const metadata = readObject(properties, 'metadata');
  if (metadata !== undefined) errors.push(...metadataErrors(metadata, checked, level, path('metadata')));
  if (embedded && !readBoolean(schema, 'x-kubernetes-preserve-unknown-fields') && isEmpty(properties)) {
    const text =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(required(childPath(field, 'properties'), text));
  }
  return errors;
}

function metadataErrors(metadata: JsonObject, checked: boolean, level: Level, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const type = readString(metadata, 'type');
  if (checked && type !== 'object') errors.push(invalid(childPath(field, 'type'), type, 'must be object'));
  if (level === 'root' && !onlyNames(metadata)) {
    errors.push(
      forbidden(
        field,
        'must not specify anything other than name and generateName, but metadata is implicitly specified',
      ),
    );
  }
  return errors;
}

/** Nothing but a type, a default (judged elsewhere) and properties for name or generateName. */
function onlyNames(metadata: JsonObject): boolean {
  return Object.entries(metadata).every(([key, value]) => {
    if (key === 'type' || key === 'default') return true;
    if (key === 'properties' && isObject(value)) {
      return Object.keys(value).every((name) => name === 'name' || name === 'generateName');
    }
    return value === undefined || value === null || value === false || value === '' || isEmptyList(value);
  });
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function isIntOrString(schema: JsonObject): boolean {
  return deepEqual(getOwn(schema, 'anyOf'), INT_OR_STRING);
}

function isIntOrStringAllOf(schema: JsonObject): boolean {
  const [first] = readObjects(schema, 'allOf');
  return first !== undefined && isIntOrString(first);
}

function* valueErrors(
  schema: JsonObject,
  field: string,
  skipAnyOf: boolean,
  skipFirstAllOf: boolean,
): Work<FieldError[]> {
  const errors: FieldError[] = [];
  for (const name of skipAnyOf ? ['allOf', 'oneOf'] : ['anyOf', 'allOf', 'oneOf']) {
    for (const [index, nested] of readObjects(schema, name).entries()) {
      const skip = name === 'allOf' && skipFirstAllOf && index === 0;
      errors.push(...(yield* nestedErrors(nested, indexPath(childPath(field, name), index), skip)));
    }
  }
  const not = readObject(schema, 'not');
  if (not !== undefined) errors.push(...(yield* nestedErrors(not, childPath(field, 'not'), false)));
  const pattern = readString(schema, 'pattern');
  if (pattern !== '') yield;
  const fault = pattern === '' ? undefined : patternFault(pattern);
  if (fault !== undefined) {
    errors.push(
      invalid(childPath(field, 'pattern'), pattern, `must be a valid regular expression, but isn't: ${fault}`),
    );
  }
  return errors;
}

const EMPTY = 'must be empty to be structural';
const UNDEFINED = 'must be undefined to be structural';
const FALSE = 'must be false to be structural';
const FORBIDDEN: readonly (readonly [string, string])[] = [
  ['type', EMPTY],
  ['additionalProperties', UNDEFINED],
  ['default', UNDEFINED],
  ['title', EMPTY],
  ['description', EMPTY],
  ['nullable', FALSE],
  ['externalDocs', UNDEFINED],
  ['x-kubernetes-preserve-unknown-fields', FALSE],
  ['x-kubernetes-embedded-resource', FALSE],
  ['x-kubernetes-int-or-string', FALSE],
  ['x-kubernetes-list-map-keys', EMPTY],
  ['x-kubernetes-list-type', UNDEFINED],
  ['x-kubernetes-map-type', UNDEFINED],
  ['x-kubernetes-validations', EMPTY],
];

function* nestedErrors(schema: JsonObject, field: string, skipAnyOf: boolean): Work<FieldError[]> {
  if (isRestDue()) yield;
  const errors = yield* valueErrors(schema, field, skipAnyOf, false);
  const items = readObject(schema, 'items');
  if (items !== undefined) errors.push(...(yield* nestedErrors(items, childPath(field, 'items'), false)));
  for (const [name, property] of objectMembers(schema, 'properties')) {
    errors.push(...(yield* nestedErrors(property, keyPath(childPath(field, 'properties'), name), false)));
  }
  for (const [name, text] of FORBIDDEN) {
    if (isSet(schema, name)) errors.push(forbidden(childPath(field, name), text));
  }
  if (readObject(readObject(schema, 'properties') ?? {}, 'metadata') !== undefined) {
    const at = keyPath(childPath(field, 'properties'), 'metadata');
    errors.push(forbidden(at, 'must not be specified in a nested context'));
  }
  return errors;
}

/** Present and not the zero of its type; `additionalProperties: false` counts as absent. */
function isSet(schema: JsonObject, name: string): boolean {
  const value = getOwn(schema, name);
  if (name === 'x-kubernetes-list-map-keys') return readStrings(schema, name).length > 0;
  return value !== undefined && value !== null && value !== false && value !== '' && !isEmptyList(value);
}

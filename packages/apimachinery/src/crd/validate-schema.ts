import { type FieldError, forbidden, invalid, notSupported } from '../errors/field-error.js';
import { getOwn, isObject, type JsonObject, type JsonValue } from '../json/value.js';
import { compilation } from '../schema/compile.js';
import { SCHEMA_MAX_DEPTH } from '../schema/node.js';
import { objectMembers, readBoolean, readList, readObject, readObjects, readString } from '../schema/read.js';
import { isRestDue, type Work } from '../turns/work.js';
import { childPath, indexPath, keyPath } from '../validation/field-path.js';
import { goDump } from './go-dump.js';
import { listAndMapErrors, mapListFaults } from './list-map-rules.js';
import { type Rules, SCHEMA_TYPES } from './ratchet.js';
import { innerContext, type RuleContext, rootContext } from './rule-context.js';
import { SchemaCost } from './rule-cost.js';
import { ruleShapeErrors } from './rule-shape.js';
import { type Survey, surveyOf } from './schema-survey.js';
import { structuralJudgement, unsupportedFault } from './structural.js';
import { hasDefault, validateDefaults } from './validate-defaults.js';
import { validateRules } from './validate-rules.js';

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

/** Validates one `schema` or `validation` of a definition; `field` is its path, `version` the first one it is for. */
export function* validateSchema(
  schema: JsonObject,
  statusEnabled: boolean,
  field: string,
  version: string,
  rules: Rules,
): Work<FieldError[]> {
  const at = childPath(field, 'openAPIV3Schema');
  const survey = yield* surveyOf(schema);
  if (survey.isTooDeep) {
    return [invalid(at, '', `must not be nested deeper than ${SCHEMA_MAX_DEPTH} levels`)];
  }
  const errors = statusEnabled ? rootErrors(schema, at) : [];
  if (readBoolean(schema, 'nullable'))
    errors.push(forbidden(childPath(at, 'nullable'), 'nullable cannot be true at the root'));
  const doubtful = rules.requireStructural && survey.hasUnsupported;
  const unsupported = doubtful ? yield* unsupportedAnywhere(schema) : undefined;
  let cost: SchemaCost | undefined;
  if (rules.requireStructural && unsupported === undefined) {
    let faults = yield* structuralJudgement(schema, at);
    if (faults.length === 0) faults = yield* validateDefaults(schema, at, rules.requirePrunedDefaults);
    errors.push(...faults);
    if (faults.length === 0) cost = new SchemaCost();
  }
  const context: Context = {
    rules,
    isRoot: true,
    insideMeta: false,
    forbidDefaults: undefined,
    uncorrelated: undefined,
    anyCost: rules.unchangedSchemas.has(version),
    toJudge: survey.toJudge,
    cel: cost === undefined || !survey.hasRules ? undefined : rootContext(yield* compilation(schema), cost),
    celErrors: [],
  };
  errors.push(...(yield* schemaErrors(schema, at, context)), ...context.celErrors);
  if (cost !== undefined) errors.push(...cost.errors(at));
  if (errors.length === 0 && unsupported !== undefined) errors.push(invalid(at, '', unsupported));
  return errors;
}

function* unsupportedAnywhere(schema: JsonObject): Work<string | undefined> {
  if (isRestDue()) yield;
  const own = unsupportedFault(schema);
  if (own !== undefined) return own;
  for (const child of children(schema)) {
    const fault = yield* unsupportedAnywhere(child.schema);
    if (fault !== undefined) return fault;
  }
  return undefined;
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
  /** Path of the list or map whose parts correspond to nothing after a change, so that rules cannot compare them. */
  readonly uncorrelated: string | undefined;
  readonly anyCost: boolean;
  readonly toJudge: Survey['toJudge'];
  /** Undefined where rules are not compiled: in combined schemas, and when the schema is wrong anyway. */
  readonly cel: RuleContext | undefined;
  /** Faults of rules; upstream tells them after all others. */
  readonly celErrors: FieldError[];
}

function hasRule(schema: JsonObject): boolean {
  return readObjects(schema, 'x-kubernetes-validations').length > 0;
}

function* schemaErrors(schema: JsonObject, field: string, context: Context): Work<FieldError[]> {
  if (isRestDue()) yield;
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
    if (!context.toJudge.has(child.schema)) continue;
    const inside = contextOf(context, schema, child, isResource, field);
    errors.push(...(yield* schemaErrors(child.schema, child.path(field), inside)));
  }
  if (getOwn(schema, 'x-kubernetes-preserve-unknown-fields') === false) {
    const at = childPath(field, 'x-kubernetes-preserve-unknown-fields');
    errors.push(invalid(at, false, 'must be true or undefined'));
  }
  errors.push(...listAndMapErrors(schema, field, context.rules.requireAtomicSets));
  if (context.rules.requireMapListKeys) errors.push(...mapListFaults(schema, field));
  errors.push(...ruleShapeErrors(schema, field));
  // On a faulty schema the compiler would only say what nobody can act upon.
  if (errors.length === 0 && context.cel !== undefined && hasRule(schema)) {
    context.celErrors.push(...(yield* validateRules(context.cel, field, context)));
  }
  return errors;
}

interface Child {
  readonly kind: 'property' | 'additional' | 'items' | 'other';
  readonly name: string;
  readonly schema: JsonObject;
  path(field: string): string;
}

/** Schemas inside a schema, in the order in which upstream reports their errors. */
function* children(schema: JsonObject): Generator<Child, void, void> {
  yield* single(schema, 'additionalProperties', 'additional');
  yield* named(schema, 'properties', 'property');
  yield* single(schema, 'not', 'other');
  for (const list of ['allOf', 'oneOf', 'anyOf']) {
    for (const [index, inner] of readObjects(schema, list).entries()) {
      yield { kind: 'other', name: list, schema: inner, path: (field) => indexPath(childPath(field, list), index) };
    }
  }
  yield* named(schema, 'definitions', 'other');
  yield* single(schema, 'items', 'items');
  for (const [index, inner] of readList(schema, 'items').entries()) {
    if (!isObject(inner)) continue;
    yield { kind: 'other', name: 'items', schema: inner, path: (field) => indexPath(childPath(field, 'items'), index) };
  }
}

function* single(schema: JsonObject, name: string, kind: Child['kind']): Generator<Child, void, void> {
  const inner = readObject(schema, name);
  if (inner !== undefined) yield { kind, name, schema: inner, path: (field) => childPath(field, name) };
}

function* named(schema: JsonObject, map: string, kind: Child['kind']): Generator<Child, void, void> {
  for (const [name, inner] of objectMembers(schema, map)) {
    yield { kind, name, schema: inner, path: (field) => keyPath(childPath(field, map), name) };
  }
}

function contextOf(context: Context, schema: JsonObject, child: Child, isResource: boolean, field: string): Context {
  // The outermost place is the one to name.
  const uncorrelated = context.uncorrelated ?? (isCorrelated(schema, child) ? undefined : field);
  const base = { ...context, isRoot: false, uncorrelated, cel: ruleContextOf(context.cel, child) };
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

function ruleContextOf(outer: RuleContext | undefined, { kind, name }: Child): RuleContext | undefined {
  if (outer === undefined) return undefined;
  const { properties, items, additionalProperties } = outer.node;
  if (kind === 'property') return innerContext(outer, properties.get(name), name);
  if (kind === 'items') return innerContext(outer, items, undefined);
  return kind === 'additional' ? innerContext(outer, additionalProperties?.schema, undefined) : undefined;
}

/** Only items of lists of type map are found again after a change. */
function isCorrelated(schema: JsonObject, { kind }: Child): boolean {
  return kind !== 'items' || readString(schema, 'x-kubernetes-list-type') === 'map';
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

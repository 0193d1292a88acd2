import type { FieldNode, FieldSet } from '@kcp/apimachinery/apply/field-set';
import { type FieldError, type FieldErrorReason, invalid } from '@kcp/apimachinery/errors/field-error';
import { newForbidden } from '@kcp/apimachinery/errors/status-error';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { hasRules } from '@kcp/apimachinery/rules/rule-tree';
import { runRules } from '@kcp/apimachinery/rules/run-rules';
import { validate, validateStatus } from '@kcp/apimachinery/schema/validate-object';
import { finalizerWarnings } from '@kcp/apimachinery/validation/finalizers';
import { nameIsDnsSubdomain } from '@kcp/apimachinery/validation/names';
import { validateObjectMetaUpdate } from '@kcp/apimachinery/validation/object-meta';
import type { Strategy, StrategyContext } from '../registry/strategy.js';
import type { VersionSchema } from './version-schema.js';

/** The main endpoint of a custom resource. */
export function customStrategy(schema: VersionSchema): Strategy {
  const { hasStatus } = schema.version;
  return {
    validateName: nameIsDnsSubdomain,
    createOnUpdate: false,
    unconditionalUpdate: false,
    deleteReturnsObject: false,
    generation: hasStatus ? 'spec' : 'allButMetadata',
    ...(hasStatus ? { resetFields: { 'f:status': {} } } : {}),
    default: (object) => schema.fillIn(object),
    prepareForCreate(object) {
      refuseWhileTerminating(schema, object);
      if (hasStatus) delete object.status;
    },
    prepareForUpdate(object, old) {
      if (hasStatus) takeOver('status', object, old);
    },
    validateCreate: (object) =>
      withRules(schema, validate(schema.structural, object, undefined, schema.version.scale), object),
    validateUpdate: (object, old, context) => [
      ...validateObjectMetaUpdate(object.metadata, old.metadata),
      ...withRules(schema, validate(schema.structural, object, old, schema.version.scale), object, old, context),
    ],
    warnings: (object, old) => newFinalizerWarnings(object, old),
  };
}

/** The `/status` endpoint: of what is sent, only the status counts, not even metadata does. */
export function customStatusStrategy(schema: VersionSchema, main: Strategy): Strategy {
  return {
    ...main,
    generation: 'none',
    get resetFields() {
      return allButStatus(schema);
    },
    prepareForUpdate: (object, old) => keepOnlyStatus(object, old),
    validateUpdate: (object, old, context) => [
      ...validateObjectMetaUpdate(object.metadata, old.metadata),
      ...withRules(schema, validateStatus(schema.structural, object, old, schema.version.scale), object, old, context),
    ],
  };
}

function refuseWhileTerminating({ definition }: VersionSchema, { metadata }: KubeObject): void {
  if (!definition.terminating) return;
  const resource = { group: definition.group, resource: definition.names.plural };
  const why = 'create not allowed while custom resource definition is terminating';
  throw newForbidden(resource, metadata.name ?? '', why);
}

/** What the written object decides itself; the version it is stored in may be another than the one that is shown. */
const OWN_MEMBERS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'status']);

function keepOnlyStatus(object: KubeObject, old: KubeObject): void {
  const { managedFields, resourceVersion } = object.metadata;
  for (const key of new Set([...Object.keys(object), ...Object.keys(old)])) {
    if (!OWN_MEMBERS.has(key)) takeOver(key, object, old);
  }
  object.metadata = { ...old.metadata };
  delete object.metadata.managedFields;
  if (managedFields !== undefined) object.metadata.managedFields = managedFields;
  if (resourceVersion !== undefined) object.metadata.resourceVersion = resourceVersion;
}

function takeOver(key: string, object: KubeObject, old: KubeObject): void {
  if (Object.hasOwn(old, key) && old[key] !== undefined) object[key] = old[key];
  else delete object[key];
}

function allButStatus({ structural }: VersionSchema): FieldSet {
  const fields: FieldNode = { 'f:metadata': {}, 'f:spec': {} };
  for (const name of structural.properties.keys()) if (name !== 'status') fields[`f:${name}`] = {};
  return fields;
}

/** Faults with which rules would only say what nobody can act upon, as the object is not what they expect. */
const BLOCKING: ReadonlySet<FieldErrorReason> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);
const NOT_CHECKED =
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

/** Adds what the rules of the schema say, if it has any, also of the main object on its status endpoint. */
function withRules(
  { structural }: VersionSchema,
  errors: readonly FieldError[],
  object: KubeObject,
  old?: KubeObject,
  context?: StrategyContext,
): readonly FieldError[] {
  if (!hasRules(structural)) return errors;
  if (errors.some(({ reason }) => BLOCKING.has(reason))) return [...errors, invalid('<nil>', null, NOT_CHECKED)];
  const warn = context && ((text: string): void => context.warn(text));
  return [...errors, ...runRules(structural, true, object, { old, warn }).errors];
}

/** An update warns of what it adds. */
function newFinalizerWarnings(object: KubeObject, old: KubeObject | undefined): readonly string[] {
  const known = old?.metadata.finalizers ?? [];
  return finalizerWarnings((object.metadata.finalizers ?? []).filter((name) => !known.includes(name)));
}

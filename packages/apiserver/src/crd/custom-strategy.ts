import type { FieldNode, FieldSet } from '@kcp/apimachinery/apply/field-set';
import type { FieldError } from '@kcp/apimachinery/errors/field-error';
import { newForbidden } from '@kcp/apimachinery/errors/status-error';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { validateScale } from '@kcp/apimachinery/schema/scale';
import { validate, validateStatus } from '@kcp/apimachinery/schema/validate-object';
import { finalizerWarnings } from '@kcp/apimachinery/validation/finalizers';
import { nameIsDnsSubdomain } from '@kcp/apimachinery/validation/names';
import type { Strategy } from '../registry/strategy.js';
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
    validateCreate: (object) => [...validate(schema.structural, object), ...scaleErrors(schema, object, 'all')],
    validateUpdate: (object, old) => [
      ...validate(schema.structural, object, old),
      ...scaleErrors(schema, object, 'all'),
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
    validateUpdate: (object, old) => [
      ...validateStatus(schema.structural, object, old),
      ...scaleErrors(schema, object, 'status'),
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

function scaleErrors({ version }: VersionSchema, object: KubeObject, part: 'all' | 'status'): readonly FieldError[] {
  return version.scale === undefined ? [] : validateScale(version.scale, object, part);
}

/** An update warns of what it adds. */
function newFinalizerWarnings(object: KubeObject, old: KubeObject | undefined): readonly string[] {
  const known = old?.metadata.finalizers ?? [];
  return finalizerWarnings((object.metadata.finalizers ?? []).filter((name) => !known.includes(name)));
}

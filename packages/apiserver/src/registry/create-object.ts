import { required } from '@kcp/apimachinery/errors/field-error';
import {
  newAlreadyExists,
  newBadRequest,
  newBeingDeleted,
  newGenerateNameConflict,
  newInvalid,
  newUntyped,
} from '@kcp/apimachinery/errors/status-error';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { anotherTurn } from '@kcp/apimachinery/turns/turn';
import { isStorageError, StorageError } from '@kcp/storage/errors';
import { withResourceVersion, withStatedVersion } from '@kcp/storage/watch-cache/resource-version';
import type { AdmissionAttributes } from '../admission/admission.js';
import { GENERATE_NAME_ATTEMPTS_MAX } from '../limits.js';
import { admitDistinct, distinctOwners } from './distinct-owners.js';
import { fillSystemFields, generateName, wipeSystemFields } from './object-meta.js';
import type { Registry } from './registry.js';
import { statusOfStorageError } from './storage-status.js';
import { encodeForStorage, readStored } from './stored-form.js';
import { trackFields } from './track-fields.js';
import { validateNewObject } from './validate-object.js';
import {
  admissionAttributes,
  resourceName,
  storeKeyOf,
  strategyContext,
  type WriteResult,
  type WriteScope,
} from './write-scope.js';

const UINT64_MAX = 2n ** 64n - 1n;

/** How a creation came about; an apply has made the managedFields already. */
export interface CreateOptions {
  readonly tracked?: boolean;
}

/**
 * The one way an object comes into being. `object` is in the storage version and belongs to this function. Throws
 * StatusErrors.
 */
export async function createObject(
  registry: Registry,
  scope: WriteScope,
  object: KubeObject,
  options: CreateOptions = {},
): Promise<WriteResult> {
  checkCreatable(scope, object);
  wipeSystemFields(object);
  if (!scope.dryRun) await registry.clusters.ensure(scope.cluster);
  const attributes = await admitCreation(registry, scope, object, options);
  const base = object.metadata.name ? '' : (object.metadata.generateName ?? '');
  for (let attempt = 1; ; attempt++) {
    if (base !== '') object.metadata.name = generateName(base);
    try {
      return await attemptCreation(registry, scope, object, attributes);
    } catch (error) {
      const name = object.metadata.name ?? '';
      const taken = isStorageError(error, 'exists');
      if (!taken) throw statusOfStorageError(error, resourceName(scope.type), name);
      if (base === '' || attempt === GENERATE_NAME_ATTEMPTS_MAX) throw await statusOfTaken(registry, scope, object);
    }
  }
}

/** Mutating admission, once and before a name is generated. Fields that it sets belong to nobody, as upstream. */
async function admitCreation(
  registry: Registry,
  scope: WriteScope,
  object: KubeObject,
  options: CreateOptions,
): Promise<AdmissionAttributes> {
  distinctOwners(scope, object);
  const tracking = anotherTurn();
  if (tracking !== undefined) await tracking;
  if (!options.tracked) trackFields(scope, undefined, object, registry.clock.now());
  const attributes = admissionAttributes(scope, 'CREATE', object, undefined);
  await admitDistinct(registry, scope, attributes);
  if (scope.type.namespaced) checkNamespace(scope, object);
  return attributes;
}

function checkCreatable(scope: WriteScope, object: KubeObject): void {
  const { metadata } = object;
  const blocked = scope.type.createBlocked?.();
  if (blocked) throw blocked;
  if (scope.type.namespaced) {
    metadata.namespace ??= scope.namespace;
    checkNamespace(scope, object);
  } else delete metadata.namespace;
  scope.type.strategy.nameNew?.(object);
  if (!metadata.name && !metadata.generateName) {
    const fault = required('metadata.name', 'name or generateName is required');
    throw newInvalid(scope.type.storageKind, '', [fault]);
  }
}

function checkNamespace(scope: WriteScope, { metadata }: KubeObject): void {
  if (metadata.namespace === scope.namespace) return;
  throw newBadRequest('the namespace of the provided object does not match the namespace sent on the request');
}

async function attemptCreation(
  registry: Registry,
  scope: WriteScope,
  object: KubeObject,
  attributes: AdmissionAttributes,
): Promise<WriteResult> {
  const now = registry.clock.now();
  const { strategy } = scope;
  fillSystemFields(object, now, strategy.generation !== 'none');
  strategy.default?.(object);
  strategy.prepareForCreate?.(object, strategyContext(scope, now));
  const judged = validateNewObject(scope, object, now);
  if (judged !== undefined) await judged;
  const { name = '' } = object.metadata;
  await registry.admission.validate(attributes.name === name ? attributes : { ...attributes, name });
  if (!scope.dryRun) refuseRevision(object);
  const encoding = anotherTurn();
  if (encoding !== undefined) await encoding;
  const value = await encodeForStorage(scope.type, object);
  const storing = anotherTurn();
  if (storing !== undefined) await storing;
  if (scope.dryRun) {
    await refuseTaken(registry, scope, name);
    return { object, bytes: asStated(value, object), revision: undefined, outcome: 'created' };
  }
  const revision = await registry.store.create(storeKeyOf(scope, name), value);
  return { object, bytes: withResourceVersion(value, revision), revision, outcome: 'created' };
}

/** What is new has no revision. Upstream's store says so, which a dry run never reaches; what is no number it overlooks. */
function refuseRevision({ metadata }: KubeObject): void {
  const { resourceVersion = '' } = metadata;
  const revision = /^\d{1,20}$/.test(resourceVersion) ? BigInt(resourceVersion) : 0n;
  if (revision === 0n || revision > UINT64_MAX) return;
  throw newUntyped('resourceVersion should not be set on objects to be created');
}

/** A trial shows the resourceVersion that its client stated, as upstream's. */
function asStated(value: Buffer, { metadata: { resourceVersion } }: KubeObject): Buffer {
  return resourceVersion === undefined ? value : withStatedVersion(value, resourceVersion);
}

async function refuseTaken(registry: Registry, scope: WriteScope, name: string): Promise<void> {
  const key = storeKeyOf(scope, name);
  const found = await registry.store.get(key);
  if (found === undefined) return;
  await registry.store.durable(found.modRevision);
  throw new StorageError('exists', 'key exists', { key });
}

/** An object that asks for a generated name hears that there was none, even when it has a name as well. */
async function statusOfTaken(registry: Registry, scope: WriteScope, { metadata }: KubeObject): Promise<Error> {
  const { name = '', generateName } = metadata;
  const resource = resourceName(scope.type);
  const found = await registry.store.get(storeKeyOf(scope, name));
  const taken = found === undefined ? undefined : await readStored(scope.type, found.value);
  if (taken?.object.metadata.deletionTimestamp !== undefined) return newBeingDeleted(resource, name);
  return generateName ? newGenerateNameConflict(resource, name) : newAlreadyExists(resource, name);
}

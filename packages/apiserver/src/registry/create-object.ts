import { required } from '@kcp/apimachinery/errors/field-error';
import { newBadRequest, newGenerateNameConflict, newInvalid, newUntyped } from '@kcp/apimachinery/errors/status-error';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { isStorageError, StorageError } from '@kcp/storage/errors';
import { withResourceVersion } from '@kcp/storage/watch-cache/resource-version';
import { GENERATE_NAME_ATTEMPTS_MAX } from '../limits.js';
import { encodeForStore } from './encode-object.js';
import { fillSystemFields, generateName } from './object-meta.js';
import type { Registry } from './registry.js';
import { statusOfStorageError } from './storage-status.js';
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
  if (!scope.dryRun) await registry.clusters.ensure(scope.cluster);
  const { metadata } = object;
  const base = metadata.name ? '' : (metadata.generateName ?? '');
  for (let attempt = 1; ; attempt++) {
    if (base !== '') metadata.name = generateName(base);
    try {
      return await attemptCreation(registry, scope, object, options);
    } catch (error) {
      const name = metadata.name ?? '';
      const taken = isStorageError(error, 'exists');
      if (!taken || base === '') throw statusOfStorageError(error, resourceName(scope.type), name);
      if (attempt === GENERATE_NAME_ATTEMPTS_MAX) throw newGenerateNameConflict(resourceName(scope.type), name);
    }
  }
}

function checkCreatable(scope: WriteScope, object: KubeObject): void {
  const { metadata } = object;
  const blocked = scope.type.createBlocked?.();
  if (blocked) throw blocked;
  if (scope.type.namespaced) {
    if (metadata.namespace !== undefined && metadata.namespace !== scope.namespace) {
      throw newBadRequest('the namespace of the provided object does not match the namespace sent on the request');
    }
    metadata.namespace = scope.namespace;
  } else if (metadata.namespace !== undefined) {
    throw newBadRequest('namespace is not allowed on this type');
  }
  if (metadata.resourceVersion !== undefined) {
    throw newUntyped('resourceVersion should not be set on objects to be created');
  }
  if (!metadata.name && !metadata.generateName) {
    const fault = required('metadata.name', 'name or generateName is required');
    throw newInvalid(scope.type.gvk, '', [fault]);
  }
}

async function attemptCreation(
  registry: Registry,
  scope: WriteScope,
  object: KubeObject,
  options: CreateOptions,
): Promise<WriteResult> {
  const now = registry.clock.now();
  const { strategy } = scope;
  if (!options.tracked) trackFields(scope, undefined, object, now);
  const attributes = admissionAttributes(scope, 'CREATE', object, undefined);
  await registry.admission.admit(attributes);
  strategy.default?.(object);
  strategy.prepareForCreate?.(object, strategyContext(scope, now));
  fillSystemFields(object, now, strategy.generation !== 'none');
  validateNewObject(scope, object, now);
  await registry.admission.validate(attributes);
  const value = encodeForStore(object);
  if (scope.dryRun) {
    await refuseTaken(registry, scope, object.metadata.name ?? '');
    return { object, bytes: value, revision: undefined, outcome: 'created' };
  }
  const revision = await registry.store.create(storeKeyOf(scope, object.metadata.name ?? ''), value);
  return { object, bytes: withResourceVersion(value, revision), revision, outcome: 'created' };
}

async function refuseTaken(registry: Registry, scope: WriteScope, name: string): Promise<void> {
  const key = storeKeyOf(scope, name);
  if ((await registry.store.get(key)) !== undefined) throw statusOfTaken(scope, key, name);
}

function statusOfTaken(scope: WriteScope, key: string, name: string): unknown {
  return statusOfStorageError(new StorageError('exists', 'key exists', { key }), resourceName(scope.type), name);
}

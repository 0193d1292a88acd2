import { newConflict, newForbidden, newNotFound } from '@kcp/apimachinery/errors/status-error';
import { deepClone, deepEqual } from '@kcp/apimachinery/json/value';
import type { KubeObject, ObjectMeta } from '@kcp/apimachinery/meta/object';
import { isStorageError } from '@kcp/storage/errors';
import type { StoredValue } from '@kcp/storage/store';
import { withResourceVersion } from '@kcp/storage/watch-cache/resource-version';
import { formatTime } from '../clock.js';
import { UPDATE_CONFLICT_RETRIES_MAX } from '../limits.js';
import { atRevision } from './object-meta.js';
import type { Registry } from './registry.js';
import { statusOfStorageError } from './storage-status.js';
import { encodeForStorage, readStored } from './stored-form.js';
import {
  admissionAttributes,
  resourceName,
  storeKeyOf,
  strategyContext,
  type WriteResult,
  type WriteScope,
} from './write-scope.js';

export type PropagationPolicy = 'Orphan' | 'Background' | 'Foreground';

/** What a DELETE asks for, checked. */
export interface DeletePlan {
  readonly propagationPolicy: PropagationPolicy | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  /** How long whoever runs the object may take to end it. */
  readonly gracePeriodSeconds: number | undefined;
}

const POLICY_FINALIZERS: Readonly<Record<PropagationPolicy, string | undefined>> = {
  Orphan: 'orphan',
  Foreground: 'foregroundDeletion',
  Background: undefined,
};

/**
 * The one way an object goes: at once, or marked with a deletionTimestamp while finalizers hold it (outcome
 * `updated`, or `unchanged` when it was marked before). Throws StatusErrors.
 */
export async function deleteObject(registry: Registry, scope: WriteScope, plan: DeletePlan): Promise<WriteResult> {
  const refusal = scope.strategy.refusesDeletion?.(scope.name);
  if (refusal !== undefined) throw newForbidden(resourceName(scope.type), scope.name, refusal);
  for (let attempt = 1; ; attempt++) {
    if (attempt > 1) scope.request.signal.throwIfAborted();
    const stored = await registry.store.get(storeKeyOf(scope, scope.name));
    if (stored === undefined) throw newNotFound(resourceName(scope.type), scope.name);
    try {
      return await attemptDeletion(registry, scope, plan, stored);
    } catch (error) {
      const lost = isStorageError(error, 'conflict');
      if (lost && attempt < UPDATE_CONFLICT_RETRIES_MAX) continue;
      // As with updates: a refusal tells of what is there.
      await registry.store.durable(stored.modRevision);
      throw statusOfStorageError(error, resourceName(scope.type), scope.name);
    }
  }
}

async function attemptDeletion(
  registry: Registry,
  scope: WriteScope,
  plan: DeletePlan,
  stored: StoredValue,
): Promise<WriteResult> {
  const reading = readStored(scope.type, stored.value);
  const { object: old } = reading instanceof Promise ? await reading : reading;
  checkPreconditions(scope, plan, old, stored);
  const attributes = admissionAttributes(scope, 'DELETE', undefined, atRevision(old, stored.modRevision));
  await registry.admission.admit(attributes);
  await registry.admission.validate(attributes);
  const wanted = deepClone(old);
  const held = markDeleted(registry, scope, plan, wanted);
  return held ? keepMarked(registry, scope, wanted, old, stored) : remove(registry, scope, old, stored);
}

/** Marks the object as being deleted; false when nothing holds it and it can go at once. */
function markDeleted(registry: Registry, scope: WriteScope, plan: DeletePlan, object: KubeObject): boolean {
  const now = registry.clock.now();
  const { metadata } = object;
  const context = strategyContext(scope, now);
  const strategyHolds = scope.strategy.beginDeletion?.(object, context, plan.gracePeriodSeconds) ?? false;
  const policy = scope.strategy.hasNoDependents ? undefined : plan.propagationPolicy;
  const finalizers = finalizersAfter(metadata.finalizers ?? [], policy);
  if (finalizers.length === 0) delete metadata.finalizers;
  else metadata.finalizers = finalizers;
  if (!strategyHolds && finalizers.length === 0) return false;
  if (metadata.deletionTimestamp === undefined) {
    metadata.deletionTimestamp = formatTime(now);
    if (scope.strategy.beginDeletion === undefined) countDeletion(metadata);
  }
  return true;
}

function countDeletion(metadata: ObjectMeta): void {
  metadata.deletionGracePeriodSeconds = 0;
  if (metadata.generation !== undefined && metadata.generation > 0) metadata.generation += 1;
}

/** Each policy with a finalizer of its own takes the other's away; Background takes both (upstream's rule). */
function finalizersAfter(finalizers: readonly string[], policy: PropagationPolicy | undefined): string[] {
  if (policy === undefined) return [...finalizers];
  const own = POLICY_FINALIZERS[policy];
  const kept = finalizers.filter((name) => name === own || (name !== 'orphan' && name !== 'foregroundDeletion'));
  return own === undefined || kept.includes(own) ? kept : [...kept, own];
}

async function keepMarked(
  registry: Registry,
  scope: WriteScope,
  wanted: KubeObject,
  old: KubeObject,
  stored: StoredValue,
): Promise<WriteResult> {
  if (deepEqual(wanted, old)) {
    await registry.store.durable(stored.modRevision);
    const bytes = withResourceVersion(stored.value, stored.modRevision);
    return { object: old, bytes, revision: stored.modRevision, outcome: 'unchanged' };
  }
  const value = await encodeForStorage(scope.type, wanted);
  const revision = scope.dryRun
    ? stored.modRevision
    : await registry.store.update(stored.key, value, stored.modRevision);
  return { object: wanted, bytes: withResourceVersion(value, revision), revision, outcome: 'updated' };
}

async function remove(
  registry: Registry,
  scope: WriteScope,
  old: KubeObject,
  stored: StoredValue,
): Promise<WriteResult> {
  const revision = scope.dryRun ? stored.modRevision : await registry.store.delete(stored.key, stored.modRevision);
  const bytes = withResourceVersion(stored.value, stored.modRevision);
  return { object: old, bytes, revision, outcome: 'deleted' };
}

function checkPreconditions(scope: WriteScope, plan: DeletePlan, old: KubeObject, stored: StoredValue): void {
  const uid = old.metadata.uid ?? '';
  const resourceVersion = String(stored.modRevision);
  if (scope.strategy.beginDeletion !== undefined) {
    checkOwnPreconditions(scope, plan, uid, resourceVersion);
    return;
  }
  if (plan.uid !== undefined && plan.uid !== uid) {
    const text = `the UID in the precondition (${plan.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
    throw preconditionFailed(scope, text);
  }
  if (plan.resourceVersion !== undefined && plan.resourceVersion !== resourceVersion) {
    const text = `the ResourceVersion in the precondition (${plan.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`;
    throw preconditionFailed(scope, text);
  }
}

/** Types whose deletion is a process of its own word the same otherwise, as upstream's do. */
function checkOwnPreconditions(scope: WriteScope, plan: DeletePlan, uid: string, resourceVersion: string): void {
  const compare = (what: string, wanted: string | undefined, found: string): void => {
    if (wanted === undefined || wanted === found) return;
    const text = `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${found}`;
    throw newConflict(resourceName(scope.type), scope.name, text);
  };
  compare('UID', plan.uid, uid);
  compare('ResourceVersion', plan.resourceVersion, resourceVersion);
}

/** Upstream names the Kind here, not the resource. */
function preconditionFailed(scope: WriteScope, text: string): Error {
  const { group, kind } = scope.type.storageKind;
  return newConflict({ group, resource: kind }, scope.name, text);
}

import { invalid } from '@kcp/apimachinery/errors/field-error';
import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import {
  newConflict,
  newInvalid,
  newNotFound,
  newUntyped,
  OBJECT_MODIFIED,
} from '@kcp/apimachinery/errors/status-error';
import { deepClone } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { anotherTurn, turnFor } from '@kcp/apimachinery/turns/turn';
import { isStorageError } from '@kcp/storage/errors';
import type { StoredValue } from '@kcp/storage/store';
import { withResourceVersion } from '@kcp/storage/watch-cache/resource-version';
import { type CreateOptions, createObject } from './create-object.js';
import { admitDistinct, distinctOwners } from './distinct-owners.js';
import { nextGeneration } from './generation.js';
import { atRevision, restoreSystemFields } from './object-meta.js';
import type { Registry } from './registry.js';
import { sameObject } from './same-object.js';
import { statusOfStorageError } from './storage-status.js';
import { encodeForStorage, type FoundObject, readStored } from './stored-form.js';
import { trackFields } from './track-fields.js';
import { validateChangedObject } from './validate-object.js';
import {
  admissionAttributes,
  resourceName,
  storeKeyOf,
  strategyContext,
  upstreamKey,
  type WriteResult,
  type WriteScope,
} from './write-scope.js';

/** What an update wants, given what is there. */
export interface UpdatePlan extends CreateOptions {
  /**
   * Makes the wanted object in the storage version; what it returns belongs to the write path. `current` carries its
   * resourceVersion and may be changed and returned; it is undefined where nothing is stored. A resourceVersion in the
   * result is a precondition.
   */
  next(current: KubeObject | undefined): Promise<KubeObject> | KubeObject;
  /** Nothing stored: create, unless this throws, instead of 404. */
  readonly allowCreate: false | (() => Promise<void>);
  /** A result without resourceVersion overwrites whatever is there. */
  readonly allowUnconditional: boolean;
  /** A uid in the result names the object that is meant; else it may not be changed like other members. */
  readonly uidPrecondition?: true;
  /** Attempts against concurrent writers, as long as the plan itself states no resourceVersion. */
  readonly retries: number;
}

/** The one way an object changes: read, plan, check, compare-and-swap, again on a conflict. Throws StatusErrors. */
export async function updateObject(registry: Registry, scope: WriteScope, plan: UpdatePlan): Promise<WriteResult> {
  for (let attempt = 1; ; attempt++) {
    if (attempt > 1) scope.request.signal.throwIfAborted();
    const stored = await registry.store.get(storeKeyOf(scope, scope.name));
    if (stored === undefined) return await createInstead(registry, scope, plan);
    try {
      return await attemptUpdate(registry, scope, plan, stored);
    } catch (error) {
      const lost = isStorageError(error, 'conflict') || isStorageError(error, 'notFound');
      if (lost && attempt < plan.retries) continue;
      // A refusal lets the caller know what is there: not before a crash can no longer undo it.
      await registry.store.durable(stored.modRevision);
      throw statusOfStorageError(error, resourceName(scope.type), scope.name);
    }
  }
}

async function createInstead(registry: Registry, scope: WriteScope, plan: UpdatePlan): Promise<WriteResult> {
  if (!plan.allowCreate) throw newNotFound(resourceName(scope.type), scope.name);
  await plan.allowCreate();
  const object = await plan.next(undefined);
  const { uid } = object.metadata;
  if (uid) throw plan.uidPrecondition ? uidConflict(scope, uid, '') : uidOfNobody(scope, uid);
  delete object.metadata.resourceVersion;
  return createObject(registry, { ...scope, strategy: scope.type.strategy }, object, {
    tracked: plan.tracked === true,
  });
}

async function attemptUpdate(
  registry: Registry,
  scope: WriteScope,
  plan: UpdatePlan,
  stored: StoredValue,
): Promise<WriteResult> {
  const now = registry.clock.now();
  const room = turnFor(stored.value.length);
  if (room !== undefined) await room;
  const reading = readStored(scope.type, stored.value);
  const found = reading instanceof Promise ? await reading : reading;
  const old = found.object;
  const planning = anotherTurn();
  if (planning !== undefined) await planning;
  const current = deepClone(old);
  current.metadata.resourceVersion = String(stored.modRevision);
  const turn = anotherTurn();
  if (turn !== undefined) await turn;
  const wanted = await plan.next(current);
  checkPreconditions(scope, plan, wanted, old, stored);
  distinctOwners(scope, wanted);
  const tracking = anotherTurn();
  if (tracking !== undefined) await tracking;
  if (!plan.tracked) trackFields(scope, old, wanted, now);
  await prepare(registry, scope, wanted, old, stored, now);
  return commit(registry, scope, wanted, found, stored);
}

async function prepare(
  registry: Registry,
  scope: WriteScope,
  wanted: KubeObject,
  old: KubeObject,
  { modRevision }: StoredValue,
  now: number,
): Promise<void> {
  const attributes = admissionAttributes(scope, 'UPDATE', wanted, atRevision(old, modRevision));
  await admitDistinct(registry, scope, attributes);
  const preparing = anotherTurn();
  if (preparing !== undefined) await preparing;
  scope.strategy.default?.(wanted);
  restoreSystemFields(wanted, old);
  scope.strategy.prepareForUpdate?.(wanted, old, strategyContext(scope, now));
  nextGeneration(scope.strategy, wanted, old);
  const judged = validateChangedObject(scope, wanted, old, now);
  if (judged !== undefined) await judged;
  await registry.admission.validate(attributes);
}

async function commit(
  registry: Registry,
  scope: WriteScope,
  wanted: KubeObject,
  { object: old, isOutdated }: FoundObject,
  stored: StoredValue,
): Promise<WriteResult> {
  delete wanted.metadata.resourceVersion;
  if (isReleased(scope, wanted)) return removeReleased(registry, scope, wanted, stored);
  const comparing = anotherTurn();
  if (comparing !== undefined) await comparing;
  if (sameObject(wanted, old) && !isOutdated() && !stored.stale) {
    await registry.store.durable(stored.modRevision);
    const bytes = withResourceVersion(stored.value, stored.modRevision);
    return { object: old, bytes, revision: stored.modRevision, outcome: 'unchanged' };
  }
  const encoding = anotherTurn();
  if (encoding !== undefined) await encoding;
  const value = await encodeForStorage(scope.type, wanted);
  const storing = anotherTurn();
  if (storing !== undefined) await storing;
  const revision = scope.dryRun
    ? stored.modRevision
    : await registry.store.update(stored.key, value, stored.modRevision);
  return { object: wanted, bytes: withResourceVersion(value, revision), revision, outcome: 'updated' };
}

/** True when the object is being deleted and this write took the last thing away that held it. */
function isReleased(scope: WriteScope, wanted: KubeObject): boolean {
  if (wanted.metadata.deletionTimestamp === undefined) return false;
  const { mayRemove } = scope.type.strategy;
  const unheld = (wanted.metadata.finalizers ?? []).length === 0;
  return unheld && (mayRemove === undefined || mayRemove(wanted));
}

async function removeReleased(
  registry: Registry,
  scope: WriteScope,
  wanted: KubeObject,
  stored: StoredValue,
): Promise<WriteResult> {
  if (!scope.dryRun) await registry.store.delete(stored.key, stored.modRevision);
  const bytes = withResourceVersion(await encodeForStorage(scope.type, wanted), stored.modRevision);
  return { object: wanted, bytes, revision: stored.modRevision, outcome: 'deleted' };
}

function checkPreconditions(
  scope: WriteScope,
  plan: UpdatePlan,
  wanted: KubeObject,
  old: KubeObject,
  stored: StoredValue,
): void {
  const { uid, resourceVersion } = wanted.metadata;
  if (plan.uidPrecondition && uid && uid !== old.metadata.uid) throw uidConflict(scope, uid, old.metadata.uid ?? '');
  wanted.metadata.resourceVersion = String(stored.modRevision);
  if (resourceVersion === undefined || resourceVersion === '0') {
    if (plan.allowUnconditional) return;
    const { group, resource } = resourceName(scope.type);
    const fault = invalid('metadata.resourceVersion', 0, 'must be specified for an update');
    // Upstream puts the resource where the kind belongs.
    throw newInvalid({ group, kind: resource }, scope.name, [fault]);
  }
  if (!/^\d+$/.test(resourceVersion)) {
    throw newUntyped(`strconv.ParseUint: parsing ${goQuote(resourceVersion)}: invalid syntax`);
  }
  if (resourceVersion !== String(stored.modRevision)) {
    throw newConflict(resourceName(scope.type), scope.name, OBJECT_MODIFIED);
  }
}

function uidConflict(scope: WriteScope, wanted: string, found: string): Error {
  const why = `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${found}`;
  const text = `StorageError: invalid object, Code: 4, Key: ${upstreamKey(scope)}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`;
  return newConflict(resourceName(scope.type), scope.name, text);
}

function uidOfNobody({ type, name }: WriteScope, uid: string): Error {
  const text = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
  return newConflict(resourceName(type), name, text);
}

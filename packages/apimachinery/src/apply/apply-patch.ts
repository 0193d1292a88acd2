import { newBadRequest, newUntyped } from '../errors/status-error.js';
import { deepEqual, type JsonObject } from '../json/value.js';
import type { MergeType } from '../merge-type/merge-type.js';
import type { KubeObject, ManagedFieldsEntry } from '../meta/object.js';
import { parseApiVersion } from '../meta/resource.js';
import { atOnce, type Work } from '../turns/work.js';
import { checkingApplied, faultsText } from './check-applied.js';
import { type Conflict, conflictError } from './conflict.js';
import { EMPTY_SET, type FieldSet, isEmptySet, subtractSet, subtractTrees, unionSets } from './field-set.js';
import { fieldsOfLastApplied, KUBECTL, refreshLastApplied } from './last-applied.js';
import {
  decodeManagedFields,
  encodeManagedFields,
  type ManagerEntry,
  sameManager,
  withFields,
} from './managed-fields.js';
import { mergeObjects } from './merge.js';
import { NEVER_TRACKED } from './never-tracked.js';
import {
  type ConvertForFields,
  contested,
  NO_OBJECT,
  ObjectChange,
  releaseChanged,
  withoutManagedFields,
} from './ownership.js';
import { UntypedValueError } from './path-element.js';
import { prune } from './prune.js';
import { setOf } from './set-of.js';
import { recordUpdate } from './track-update.js';

export interface ApplyInput {
  readonly type: MergeType;
  /** Undefined when the apply creates the object. */
  readonly live: KubeObject | undefined;
  /** What the client applies, decoded; nulls are kept. */
  readonly applied: KubeObject;
  readonly manager: string;
  readonly apiVersion: string;
  /** Empty for the main resource. */
  readonly subresource: string;
  /** RFC 3339, UTC, whole seconds. */
  readonly now: string;
  readonly force: boolean;
  /** What the endpoint ignores and nobody gains there. */
  readonly resetFields?: FieldSet;
  readonly convert?: ConvertForFields;
}

/** Who has the fields of an object that nobody tracked, when it is first applied to. */
export const BEFORE_FIRST_APPLY = 'before-first-apply';

/**
 * Server-side apply. Returns the merged object with its managedFields, or undefined when nothing changes, not even
 * those. Defaults are not filled in and nothing is validated but the form.
 * @throws StatusError: 409 for conflicts, 400 for a wrong version or managedFields in the body, 500 without a reason
 * for a body that does not fit the type.
 */
export function applyPatch(input: ApplyInput): KubeObject | undefined {
  return atOnce(applying(input));
}

/** `applyPatch` as work that may be put aside between its passes over the objects. */
export function* applying(input: ApplyInput): Work<KubeObject | undefined> {
  const { live, applied } = input;
  yield* refuseWrongForm(input);
  yield;
  const present = live === undefined ? undefined : withoutManagedFields(live);
  try {
    const entries = presentEntries(input, present);
    yield;
    const outcome = yield* applyTo(input, present, entries);
    yield;
    return finish(input, outcome);
  } catch (error) {
    if (!(error instanceof UntypedValueError)) throw error;
    throw newUntyped(`failed to create typed live object (${describe(live ?? applied)}): ${error.message}`);
  }
}

function* refuseWrongForm({ applied, apiVersion, type }: ApplyInput): Work<void> {
  if (applied.apiVersion !== apiVersion) throw newBadRequest(`invalid object type: ${kindText(applied)}`);
  const tracked = applied.metadata?.managedFields;
  if (tracked !== undefined && tracked !== null) throw newBadRequest('metadata.managedFields must be nil');
  const faults = yield* checkingApplied(type, applied);
  if (faults.length > 0) {
    throw newUntyped(`failed to create typed patch object (${describe(applied)}): ${faultsText(faults)}`);
  }
}

function describe(object: KubeObject): string {
  const { namespace = '', name = '' } = object.metadata ?? {};
  return `${namespace}/${name}; ${kindText(object)}`;
}

/** As Go prints a GroupVersionKind: `group/version, Kind=K`. */
export function kindText({ apiVersion, kind }: JsonObject): string {
  const given = typeof apiVersion === 'string' ? apiVersion : '';
  const { group, version } = parseApiVersion(given) ?? { group: '', version: '' };
  return `${group}/${version}, Kind=${typeof kind === 'string' ? kind : ''}`;
}

/** The entries of the live object; where there are none, all it has belongs to `before-first-apply`. */
function presentEntries(input: ApplyInput, present: KubeObject | undefined): readonly ManagerEntry[] {
  const decoded = decodeManagedFields(input.live?.metadata.managedFields ?? []);
  if (typeof decoded === 'string') throw newUntyped(`failed to decode managed fields: ${decoded}`);
  if (decoded.length > 0 || present === undefined) return decoded;
  const change = changeOf(input, NO_OBJECT, present);
  return recordUpdate([], change, { ...input, manager: BEFORE_FIRST_APPLY });
}

function changeOf(input: ApplyInput, before: typeof NO_OBJECT, after: KubeObject): ObjectChange {
  const { type, apiVersion, resetFields, convert } = input;
  return new ObjectChange({ type, before, after, apiVersion, resetFields, convert });
}

interface Outcome {
  readonly object: KubeObject;
  readonly changed: boolean;
  readonly entries: readonly ManagerEntry[];
}

function* applyTo(input: ApplyInput, present: KubeObject | undefined, entries: readonly ManagerEntry[]): Work<Outcome> {
  const own = ownEntry(input);
  yield;
  const previous = entries.find((entry) => sameManager(entry, own));
  const others = entries.filter((entry) => entry !== previous);
  const object = yield* mergedObject(input, present, others, own.fields, previous?.fields ?? EMPTY_SET);
  yield;
  const change = changeOf(input, present ?? NO_OBJECT, object);
  yield;
  refuseConflicts(input, others, change);
  yield;
  const changed = present === undefined || !deepEqual(present, object);
  const time = changed ? input.now : previous?.time;
  const kept = withFields({ ...own, time }, subtractSet(own.fields, NEVER_TRACKED));
  const left = releaseChanged(others, change);
  return { object: changed ? object : present, changed, entries: kept === undefined ? left : [...left, kept] };
}

/** What the applier claims with this request. */
function ownEntry({ type, applied, manager, apiVersion, subresource, resetFields }: ApplyInput): ManagerEntry {
  const all = setOf(type, applied);
  const fields = resetFields === undefined ? all : subtractTrees(all, resetFields);
  return { manager, operation: 'Apply', apiVersion, subresource, time: undefined, fields };
}

function* mergedObject(
  { type, applied }: ApplyInput,
  present: KubeObject | undefined,
  others: readonly ManagerEntry[],
  own: FieldSet,
  last: FieldSet,
): Work<KubeObject> {
  const { apiVersion, kind } = applied;
  const base = present ?? { apiVersion, kind, metadata: {} };
  const claimed = others.map((entry) => entry.fields).reduce(unionSets, own);
  yield;
  const united = mergeObjects(type, base, applied);
  yield;
  const pruned = prune(type, united, last, claimed);
  yield;
  // Merging once more brings back a map or list that is applied as an empty one and lost its last part in pruning.
  const merged = pruned === united ? united : mergeObjects(type, pruned, applied);
  return { ...merged, apiVersion, kind, metadata: metadataOf(merged) };
}

function metadataOf(merged: { readonly metadata?: unknown }): KubeObject['metadata'] {
  const { metadata } = merged;
  return typeof metadata === 'object' && metadata !== null ? { ...metadata } : {};
}

/** An applier named kubectl takes over without conflict what client-side apply had set. */
function refuseConflicts(input: ApplyInput, others: readonly ManagerEntry[], change: ObjectChange): void {
  if (input.force) return;
  let conflicts: readonly Conflict[] = others.flatMap((owner) => {
    const fields = contested(owner, change);
    return fields === undefined ? [] : [{ owner, fields }];
  });
  if (conflicts.length === 0) return;
  if (input.manager === KUBECTL && input.live !== undefined) {
    const allowed = fieldsOfLastApplied(input.type, withoutManagedFields(input.live), input.apiVersion) ?? EMPTY_SET;
    conflicts = conflicts
      .map(({ owner, fields }) => ({ owner, fields: subtractSet(fields, allowed) }))
      .filter(({ fields }) => !isEmptySet(fields));
  }
  if (conflicts.length > 0) throw conflictError(conflicts);
}

function finish(input: ApplyInput, { object, changed, entries }: Outcome): KubeObject | undefined {
  const before = input.live?.metadata.managedFields;
  const managedFields = encodeManagedFields(entries, before);
  const refreshed = input.manager === KUBECTL ? refreshLastApplied(object, input.applied) : object;
  const same = !changed && deepEqual(refreshed, object) && deepEqual(managedFields, before);
  return same ? undefined : withManagedFields(refreshed, managedFields);
}

function withManagedFields(object: KubeObject, managedFields: ManagedFieldsEntry[] | undefined): KubeObject {
  if (managedFields === undefined) return object;
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

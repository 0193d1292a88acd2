import { isObject } from '../json/value.js';
import type { MergeType } from '../merge-type/merge-type.js';
import type { KubeObject, ManagedFieldsEntry } from '../meta/object.js';
import { capUpdateManagers } from './cap-managers.js';
import { type FieldSet, isEmptySet, unionSets } from './field-set.js';
import { decodeManagedFields, encodeManagedFields, type ManagerEntry, sameManager } from './managed-fields.js';
import { type ConvertForFields, NO_OBJECT, ObjectChange, releaseChanged } from './ownership.js';
import { UntypedValueError } from './path-element.js';

export interface TrackInput {
  readonly type: MergeType;
  /** Undefined for a creation. */
  readonly live: KubeObject | undefined;
  /** The object to be stored, with the managedFields the client sent or patched. */
  readonly next: KubeObject;
  readonly manager: string;
  readonly apiVersion: string;
  /** Empty for the main resource. */
  readonly subresource: string;
  /** RFC 3339, UTC, whole seconds. */
  readonly now: string;
  /** What the endpoint ignores (`status` at the main endpoint of a type with a status), and so nobody gains there. */
  readonly resetFields?: FieldSet;
  readonly convert?: ConvertForFields;
  /** What a creation starts from where that is not nothing: the empty structs that Go writes belong to nobody. */
  readonly unset?: KubeObject;
}

/**
 * The managedFields that `next` must carry after a create, update or patch (all but apply); undefined for none. Fields
 * that changed or came belong to the manager from now on, and to no other; fields that went belong to nobody. An object
 * whose managedFields were cleared stays untracked until the next apply. Odd managedFields from a client count as none
 * sent, and an object that does not fit its type keeps the live ones.
 */
export function trackUpdate(input: TrackInput): ManagedFieldsEntry[] | undefined {
  try {
    return track(input);
  } catch (error) {
    if (error instanceof UntypedValueError) return input.live?.metadata.managedFields;
    throw error;
  }
}

function track(input: TrackInput): ManagedFieldsEntry[] | undefined {
  const { live, next } = input;
  const entries = startingEntries(input);
  if (entries.length === 0 && live !== undefined) return undefined;
  const change = new ObjectChange({
    type: input.type,
    before: live ?? input.unset ?? NO_OBJECT,
    after: next,
    apiVersion: input.apiVersion,
    resetFields: input.resetFields,
    convert: input.convert,
  });
  const tracked = recordUpdate(entries, change, input);
  return encodeManagedFields(capUpdateManagers(tracked), live?.metadata.managedFields);
}

/** The entries from which to go on: those of the request where it may set them and they are valid, else the live ones. */
function startingEntries({ live, next, subresource }: TrackInput): readonly ManagerEntry[] {
  const sent = next.metadata.managedFields;
  const present = live?.metadata.managedFields;
  if (subresource === '' && sent !== undefined && sent !== present) {
    if (isReset(sent)) return [];
    const decoded = decodeManagedFields(sent);
    if (typeof decoded !== 'string') return decoded;
  }
  const decoded = decodeManagedFields(present ?? []);
  return typeof decoded === 'string' ? [] : decoded;
}

/** How a client clears managedFields: an empty list, or a list of one empty entry. */
function isReset(sent: readonly ManagedFieldsEntry[]): boolean {
  const [only] = sent;
  return only === undefined || (sent.length === 1 && isObject(only) && Object.keys(only).length === 0);
}

/** Who an update is by. */
export interface UpdateBy {
  readonly manager: string;
  readonly apiVersion: string;
  readonly subresource: string;
  readonly now: string;
}

/** The entries after an update: the changed fields move to its manager, whose entry gets the time of the update. */
export function recordUpdate(entries: readonly ManagerEntry[], change: ObjectChange, by: UpdateBy): ManagerEntry[] {
  const left = releaseChanged(entries, change);
  const { added, modified } = change.comparison;
  const gained = unionSets(modified, added);
  if (isEmptySet(gained)) return left;
  const own: ManagerEntry = {
    manager: by.manager === '' ? 'unknown' : by.manager,
    operation: 'Update',
    apiVersion: by.apiVersion,
    subresource: by.subresource,
    time: by.now,
    fields: gained,
  };
  const at = left.findIndex((entry) => sameManager(entry, own));
  const previous = left[at];
  if (previous === undefined) left.push(own);
  else left[at] = { ...own, fields: unionSets(previous.fields, gained) };
  return left;
}

import { type FieldSet, LEAF, SELF } from './field-set.js';

/** Members of an object that no manager has. */
export const UNTRACKED_MEMBERS: ReadonlySet<string> = new Set(['apiVersion', 'kind']);

/** Members of `metadata` that no manager has. */
export const UNTRACKED_METADATA: ReadonlySet<string> = new Set([
  'clusterName',
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'name',
  'namespace',
  'resourceVersion',
  'selfLink',
  'uid',
]);

/** What belongs to the server or identifies the object, and so to no manager (upstream's `stripmeta`). */
export const NEVER_TRACKED: FieldSet = {
  'f:apiVersion': LEAF,
  'f:kind': LEAF,
  'f:metadata': { [SELF]: LEAF, ...Object.fromEntries([...UNTRACKED_METADATA].map((name) => [`f:${name}`, LEAF])) },
};

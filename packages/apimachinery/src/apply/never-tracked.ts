import { type FieldSet, LEAF, SELF } from './field-set.js';

const METADATA = [
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
];

/** What belongs to the server or identifies the object, and so to no manager (upstream's `stripmeta`). */
export const NEVER_TRACKED: FieldSet = {
  'f:apiVersion': LEAF,
  'f:kind': LEAF,
  'f:metadata': { [SELF]: LEAF, ...Object.fromEntries(METADATA.map((name) => [`f:${name}`, LEAF])) },
};

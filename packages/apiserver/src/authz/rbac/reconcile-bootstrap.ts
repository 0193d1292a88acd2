import { deepClone, deepEqual, isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { AUTOUPDATE_ANNOTATION } from './bootstrap-roles.js';
import { missingRights } from './covers.js';
import { policyRule, rulesOf } from './policy-rule.js';

/** What a stored object of the bootstrap policy needs. */
export type Reconciliation =
  | { readonly action: 'none' }
  | { readonly action: 'create' | 'update' | 'recreate'; readonly object: KubeObject };

const NOTHING: Reconciliation = { action: 'none' };

/**
 * Brings a cluster role up to date: adds rights, labels and annotations that are missing and takes nothing away, as
 * upstream's reconciliation at start. Users opt out by the annotation.
 */
export function reconcileClusterRole(stored: KubeObject | undefined, wanted: KubeObject): Reconciliation {
  if (stored === undefined) return { action: 'create', object: wanted };
  if (isLeftAlone(stored)) return NOTHING;
  const object = withMetadata(stored, wanted);
  if (wanted.aggregationRule !== undefined) addSelectors(object, wanted.aggregationRule);
  else addRights(object, wanted);
  return deepEqual(object, stored) ? NOTHING : { action: 'update', object };
}

/** The same for a binding: adds subjects; one that refers to another role is made anew, as that cannot be changed. */
export function reconcileClusterRoleBinding(stored: KubeObject | undefined, wanted: KubeObject): Reconciliation {
  if (stored === undefined) return { action: 'create', object: wanted };
  if (isLeftAlone(stored)) return NOTHING;
  if (!deepEqual(readObject(stored, 'roleRef') ?? {}, readObject(wanted, 'roleRef') ?? {})) {
    return { action: 'recreate', object: wanted };
  }
  const object = withMetadata(stored, wanted);
  const subjects = readObjects(object, 'subjects');
  const missing = readObjects(wanted, 'subjects').filter((one) => !subjects.some((known) => sameSubject(known, one)));
  if (missing.length > 0) object.subjects = [...subjects, ...missing];
  return deepEqual(object, stored) ? NOTHING : { action: 'update', object };
}

function isLeftAlone({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[AUTOUPDATE_ANNOTATION] === 'false';
}

function withMetadata(stored: KubeObject, { metadata }: KubeObject): KubeObject {
  const object = deepClone(stored);
  object.metadata.labels = { ...metadata.labels, ...object.metadata.labels };
  object.metadata.annotations = { ...metadata.annotations, ...object.metadata.annotations };
  return object;
}

function addRights(object: KubeObject, wanted: KubeObject): void {
  const missing = readObjects(wanted, 'rules').filter(
    (rule) => missingRights(rulesOf(object), [policyRule(rule)]).length > 0,
  );
  if (missing.length > 0) object.rules = [...readObjects(object, 'rules'), ...missing];
}

function addSelectors(object: KubeObject, wanted: JsonValue): void {
  if (!isObject(wanted)) return;
  const rule = readObject(object, 'aggregationRule') ?? {};
  const known = readObjects(rule, 'clusterRoleSelectors');
  const missing = readObjects(wanted, 'clusterRoleSelectors').filter(
    (one) => !known.some((each) => deepEqual(each, one)),
  );
  if (missing.length > 0) object.aggregationRule = { ...rule, clusterRoleSelectors: [...known, ...missing] };
}

function sameSubject(one: JsonObject, other: JsonObject): boolean {
  return ['kind', 'name', 'namespace'].every((member) => readString(one, member) === readString(other, member));
}

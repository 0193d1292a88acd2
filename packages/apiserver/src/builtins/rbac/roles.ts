import { type FieldError, invalid, required } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects, readStrings } from '@kcp/apimachinery/schema/read';
import { validateLabelSelector } from '@kcp/apimachinery/selectors/label-selector-object';
import { childPath, indexPath } from '@kcp/apimachinery/validation/field-path';
import { builtinStrategy, sameOnUpdate } from '../builtin-strategy.js';
import { builtinType } from '../builtin-type.js';
import { RBAC_RULES, rbacV1 } from './rbac-group.js';

/** Upstream's form of stored objects does not tell a list without rules from none. */
function keepNoRules(role: KubeObject): void {
  if (Array.isArray(role.rules) && role.rules.length === 0) role.rules = null;
}

const ROLE_RULES = { ...RBAC_RULES, prepareForCreate: keepNoRules, prepareForUpdate: keepNoRules };

export const ROLES = builtinType({
  gvk: rbacV1('Role'),
  plural: 'roles',
  namespaced: true,
  strategy: builtinStrategy(
    { ...ROLE_RULES, ...sameOnUpdate((role) => rulesErrors(role, true)) },
    'core',
    'whole, change',
  ),
});

export const CLUSTER_ROLES = builtinType({
  gvk: rbacV1('ClusterRole'),
  plural: 'clusterroles',
  namespaced: false,
  strategy: builtinStrategy(
    {
      ...ROLE_RULES,
      ...sameOnUpdate((role) => [...rulesErrors(role, false), ...aggregationErrors(role)]),
    },
    'core',
    'whole, change',
  ),
});

function rulesErrors(role: KubeObject, namespaced: boolean): FieldError[] {
  return readObjects(role, 'rules').flatMap((rule, index) => ruleErrors(rule, namespaced, indexPath('rules', index)));
}

function ruleErrors(rule: JsonObject, namespaced: boolean, field: string): FieldError[] {
  const paths = readStrings(rule, 'nonResourceURLs');
  const verbs =
    readStrings(rule, 'verbs').length > 0
      ? []
      : [required(childPath(field, 'verbs'), 'verbs must contain at least one value')];
  if (paths.length > 0) return [...verbs, ...pathErrors(rule, paths, namespaced, childPath(field, 'nonResourceURLs'))];
  return [...verbs, ...resourceErrors(rule, field)];
}

function pathErrors(rule: JsonObject, paths: readonly string[], namespaced: boolean, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (namespaced) errors.push(invalid(field, [...paths], 'namespaced rules cannot apply to non-resource URLs'));
  if (['apiGroups', 'resources', 'resourceNames'].some((name) => readStrings(rule, name).length > 0)) {
    const text = 'rules cannot apply to both regular resources and non-resource URLs';
    errors.push(invalid(field, [...paths], text));
  }
  return errors;
}

function resourceErrors(rule: JsonObject, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (readStrings(rule, 'apiGroups').length === 0) {
    errors.push(required(childPath(field, 'apiGroups'), 'resource rules must supply at least one api group'));
  }
  if (readStrings(rule, 'resources').length === 0) {
    errors.push(required(childPath(field, 'resources'), 'resource rules must supply at least one resource'));
  }
  return errors;
}

function aggregationErrors(role: KubeObject): FieldError[] {
  const aggregation = readObject(role, 'aggregationRule');
  if (aggregation === undefined) return [];
  const field = 'aggregationRule.clusterRoleSelectors';
  const selectors = readObjects(aggregation, 'clusterRoleSelectors');
  if (selectors.length === 0) {
    return [required(field, 'at least one clusterRoleSelector required if aggregationRule is non-nil')];
  }
  return selectors.flatMap((selector, index) => {
    const errors = validateLabelSelector(selector, indexPath(field, index));
    return errors.length === 0 ? [] : [...errors, invalid(indexPath(field, index), null, 'invalid label selector.')];
  });
}

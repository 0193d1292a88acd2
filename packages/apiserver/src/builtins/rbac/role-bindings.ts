import { type FieldError, invalid, notSupported, required } from '@kcp/apimachinery/errors/field-error';
import { deepEqual, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { childPath, indexPath } from '@kcp/apimachinery/validation/field-path';
import { dns1123Subdomain, pathSegmentName } from '@kcp/apimachinery/validation/names';
import type { ResourceType } from '../../registry/resource-type.js';
import { builtinStrategy } from '../builtin-strategy.js';
import { builtinType } from '../builtin-type.js';
import { RBAC_GROUP, RBAC_RULES, rbacV1 } from './rbac-group.js';

export const ROLE_BINDINGS = bindings('RoleBinding', 'rolebindings', true);
export const CLUSTER_ROLE_BINDINGS = bindings('ClusterRoleBinding', 'clusterrolebindings', false);

/** As upstream lists them, which here does not sort. */
const SUBJECT_KINDS = ['ServiceAccount', 'User', 'Group'];

function bindings(kind: string, plural: string, namespaced: boolean): ResourceType {
  const validate = (binding: KubeObject): FieldError[] => bindingErrors(binding, namespaced);
  return builtinType({
    gvk: rbacV1(kind),
    plural,
    namespaced,
    defaults,
    strategy: builtinStrategy(
      {
        ...RBAC_RULES,
        validateCreate: validate,
        validateUpdate: (binding, old) => [...validate(binding), ...changedRoleErrors(binding, old)],
      },
      'core',
      'whole, change',
    ),
  });
}

/** The group of the role, and of subjects that are no ServiceAccounts, is this one unless another is named. */
function defaults(binding: KubeObject): void {
  const role = readObject(binding, 'roleRef');
  if (role !== undefined && readString(role, 'apiGroup') === '') role.apiGroup = RBAC_GROUP;
  for (const subject of readObjects(binding, 'subjects')) {
    const known = subject.kind === 'User' || subject.kind === 'Group';
    if (known && readString(subject, 'apiGroup') === '') subject.apiGroup = RBAC_GROUP;
  }
}

function bindingErrors(binding: KubeObject, namespaced: boolean): FieldError[] {
  return [
    ...roleErrors(readObject(binding, 'roleRef') ?? {}, namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']),
    ...readObjects(binding, 'subjects').flatMap((subject, index) =>
      subjectErrors(subject, namespaced, indexPath('subjects', index)),
    ),
  ];
}

function roleErrors(role: JsonObject, kinds: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  const [group, kind, name] = [readString(role, 'apiGroup'), readString(role, 'kind'), readString(role, 'name')];
  if (group !== RBAC_GROUP) errors.push(notSupported('roleRef.apiGroup', group, [RBAC_GROUP]));
  if (!kinds.includes(kind)) errors.push(notSupported('roleRef.kind', kind, kinds));
  if (name === '') errors.push(required('roleRef.name'));
  for (const text of pathSegmentName(name)) errors.push(invalid('roleRef.name', name, text));
  return errors;
}

function subjectErrors(subject: JsonObject, namespaced: boolean, field: string): FieldError[] {
  const [kind, name] = [readString(subject, 'kind'), readString(subject, 'name')];
  const errors = name === '' ? [required(childPath(field, 'name'))] : [];
  switch (kind) {
    case 'ServiceAccount':
      return [...errors, ...accountErrors(subject, name, namespaced, field)];
    case 'User':
    case 'Group':
      return [...errors, ...personErrors(subject, field)];
    default:
      return [...errors, notSupported(childPath(field, 'kind'), kind, SUBJECT_KINDS)];
  }
}

function accountErrors(subject: JsonObject, name: string, namespaced: boolean, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const group = readString(subject, 'apiGroup');
  if (name !== '') errors.push(...dns1123Subdomain(name).map((text) => invalid(childPath(field, 'name'), name, text)));
  if (group !== '') errors.push(notSupported(childPath(field, 'apiGroup'), group, ['']));
  if (!namespaced && readString(subject, 'namespace') === '') errors.push(required(childPath(field, 'namespace')));
  return errors;
}

function personErrors(subject: JsonObject, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const group = readString(subject, 'apiGroup');
  if (group !== RBAC_GROUP) errors.push(notSupported(childPath(field, 'apiGroup'), group, [RBAC_GROUP]));
  return errors;
}

function changedRoleErrors(binding: KubeObject, old: KubeObject): FieldError[] {
  if (deepEqual(binding.roleRef, old.roleRef)) return [];
  const role = readObject(binding, 'roleRef') ?? {};
  // Shown in upstream's internal form, whose members have no other names.
  const shown = { APIGroup: role.apiGroup ?? '', Kind: role.kind ?? '', Name: role.name ?? '' };
  return [invalid('roleRef', shown, 'cannot change roleRef')];
}

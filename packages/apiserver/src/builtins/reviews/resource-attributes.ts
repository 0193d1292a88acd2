import { type FieldError, forbidden, invalid, required } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { ClusterScope } from '@kcp/apimachinery/meta/cluster-name';
import { readObject, readObjects, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { validateLabelRequirement } from '@kcp/apimachinery/selectors/label-selector-object';
import { childPath, indexPath } from '@kcp/apimachinery/validation/field-path';
import type { UserInfo } from '../../authn/user.js';
import type { AuthorizationAttributes } from '../../authz/authorizer.js';

const FIELD = 'spec.resourceAttributes';

/** What the spec of an access review asks about. It has either kind of attributes, which validation has seen to. */
export function attributesOfSpec(spec: JsonObject, user: UserInfo, scope: ClusterScope): AuthorizationAttributes {
  const resource = readObject(spec, 'resourceAttributes');
  if (resource === undefined) {
    const asked = readObject(spec, 'nonResourceAttributes') ?? {};
    return { kind: 'nonResource', user, scope, verb: readString(asked, 'verb'), path: readString(asked, 'path') };
  }
  return {
    kind: 'resource',
    user,
    scope,
    verb: readString(resource, 'verb'),
    group: readString(resource, 'group'),
    version: readString(resource, 'version') || '*',
    resource: readString(resource, 'resource'),
    subresource: readString(resource, 'subresource'),
    namespace: readString(resource, 'namespace'),
    name: readString(resource, 'name'),
  };
}

/** Faults of the attributes of a spec, of either kind. */
export function attributesErrors(spec: JsonObject): FieldError[] {
  const resource = readObject(spec, 'resourceAttributes');
  const other = readObject(spec, 'nonResourceAttributes');
  if (resource !== undefined && other !== undefined) {
    const text = 'cannot be specified in combination with resourceAttributes';
    return [invalid('spec.nonResourceAttributes', dumpOfPath(other), text)];
  }
  if (resource === undefined && other === undefined) {
    const text = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    return [invalid(FIELD, null, text)];
  }
  return [];
}

/** How Go prints its own form of nonResourceAttributes. */
export function dumpOfPath(attributes: JsonObject): JsonObject {
  return { Path: readString(attributes, 'path'), Verb: readString(attributes, 'verb') };
}

/** Faults of the selectors of resourceAttributes. Operators may be unknown: a newer client may know more. */
export function selectorErrors(spec: JsonObject): FieldError[] {
  const resource = readObject(spec, 'resourceAttributes') ?? {};
  return [
    ...oneSelectorErrors(readObject(resource, 'fieldSelector'), childPath(FIELD, 'fieldSelector'), fieldErrors),
    ...oneSelectorErrors(readObject(resource, 'labelSelector'), childPath(FIELD, 'labelSelector'), labelErrors),
  ];
}

type JudgeRequirement = (requirement: JsonObject, field: string) => FieldError[];

function oneSelectorErrors(selector: JsonObject | undefined, field: string, judge: JudgeRequirement): FieldError[] {
  if (selector === undefined) return [];
  const raw = readString(selector, 'rawSelector');
  const requirements = readObjects(selector, 'requirements');
  const errors: FieldError[] = [];
  if (raw !== '' && requirements.length > 0) {
    errors.push(invalid(childPath(field, 'rawSelector'), raw, 'may not specified at the same time as requirements'));
  }
  if (raw === '' && requirements.length === 0) {
    const text = `when ${field} is specified, requirements or rawSelector is required`;
    errors.push(required(childPath(field, 'requirements'), text));
  }
  return [
    ...errors,
    ...requirements.flatMap((one, index) => judge(one, indexPath(childPath(field, 'requirements'), index))),
  ];
}

function labelErrors(requirement: JsonObject, field: string): FieldError[] {
  return validateLabelRequirement(requirement, field, { anyOperator: true });
}

function fieldErrors(requirement: JsonObject, field: string): FieldError[] {
  const errors = readString(requirement, 'key') === '' ? [required(childPath(field, 'key'), 'must be specified')] : [];
  const operator = readString(requirement, 'operator');
  const count = readStrings(requirement, 'values').length;
  if (['In', 'NotIn'].includes(operator) && count === 0) {
    errors.push(required(childPath(field, 'values'), "must be specified when `operator` is 'In' or 'NotIn'"));
  }
  if (['Exists', 'DoesNotExist'].includes(operator) && count > 0) {
    const text = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
    errors.push(forbidden(childPath(field, 'values'), text));
  }
  return errors;
}

import { duplicate, type FieldError, invalid, notSupported, required } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { indexPath } from '@kcp/apimachinery/validation/field-path';
import { dns1123Subdomain } from '@kcp/apimachinery/validation/names';
import type { ResourceType } from '../../registry/resource-type.js';
import { builtinType } from '../builtin-type.js';
import { ADMISSION_CATEGORIES, admissionStrategy, admissionV1, MUTATING_STORED_VERSION } from './admission-group.js';
import { defaultMatchResources, matchResourcesErrors } from './match-resources.js';
import { paramRefErrors } from './param-kind.js';
import { specOf } from './policy-spec.js';
import { immutableOperationErrors } from './rules.js';

const ACTIONS = ['Audit', 'Deny', 'Warn'];
const MUTATING = 'MutatingAdmissionPolicyBinding';
const RESOURCES = 'spec.matchResources';

export const VALIDATING_POLICY_BINDINGS = bindings('ValidatingAdmissionPolicyBinding', (spec) =>
  actionsErrors(readStrings(spec, 'validationActions'), 'spec.validationActions'),
);

export const MUTATING_POLICY_BINDINGS = bindings(MUTATING, (spec) =>
  immutableOperationErrors(readObject(spec, 'matchResources') ?? {}, RESOURCES),
);

function bindings(kind: string, own: (spec: JsonObject) => FieldError[]): ResourceType {
  return builtinType({
    gvk: admissionV1(kind),
    plural: `${kind.toLowerCase()}s`,
    categories: ADMISSION_CATEGORIES,
    ...(kind === MUTATING ? { announcedVersion: MUTATING_STORED_VERSION } : {}),
    namespaced: false,
    defaults: (binding: KubeObject) => defaultMatchResources(specOf(binding), 'matchResources'),
    strategy: admissionStrategy({
      generation: 'spec',
      validate: (binding) => [...bindingErrors(specOf(binding)), ...own(specOf(binding))],
    }),
  });
}

function bindingErrors(spec: JsonObject): FieldError[] {
  const name = readString(spec, 'policyName');
  const reference = readObject(spec, 'paramRef');
  const resources = readObject(spec, 'matchResources');
  return [
    ...(name === '' ? [required('spec.policyName')] : []),
    ...(name === '' ? [] : dns1123Subdomain(name).map((text) => invalid('spec.policyName', name, text))),
    ...(reference === undefined ? [] : paramRefErrors(reference, 'spec.paramRef')),
    ...(resources === undefined ? [] : matchResourcesErrors(resources, RESOURCES)),
  ];
}

function actionsErrors(actions: readonly string[], field: string): FieldError[] {
  if (actions.length === 0) return [required(field, 'at least one validation action is required')];
  const errors = actions.flatMap((action, index) => [
    ...(ACTIONS.includes(action) ? [] : [notSupported(indexPath(field, index), action, ACTIONS)]),
    ...(actions.indexOf(action) < index ? [duplicate(indexPath(field, index), action)] : []),
  ]);
  if (actions.includes('Deny') && actions.includes('Warn')) {
    const text =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
    errors.push(invalid(field, [...actions], text));
  }
  return errors;
}

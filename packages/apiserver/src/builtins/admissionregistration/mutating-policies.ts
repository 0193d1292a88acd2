import { type FieldError, invalid, notSupported, required } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { Work } from '@kcp/apimachinery/turns/work';
import { childPath, indexPath } from '@kcp/apimachinery/validation/field-path';
import type { ResourceType } from '../../registry/resource-type.js';
import { builtinType } from '../builtin-type.js';
import { ADMISSION_CATEGORIES, admissionStrategy, admissionV1, MUTATING_STORED_VERSION } from './admission-group.js';
import { type ExpressionChecker, type ExpressionScope, expressionErrors } from './expression-checker.js';
import { choiceErrors } from './match-resources.js';
import { variablesErrors } from './policy-expressions.js';
import { defaultPolicy, hasParams, policyErrors, specOf } from './policy-spec.js';
import { immutableOperationErrors } from './rules.js';
import { REINVOCATION_POLICIES } from './webhook-errors.js';

/** Patch type → the member that holds its expression, and that of the other. */
const PATCH_TYPES: ReadonlyMap<string, { readonly own: PatchMember; readonly other: PatchMember }> = new Map([
  ['ApplyConfiguration', { own: 'applyConfiguration', other: 'jsonPatch' }],
  ['JSONPatch', { own: 'jsonPatch', other: 'applyConfiguration' }],
]);
type PatchMember = 'applyConfiguration' | 'jsonPatch';

/** MutatingAdmissionPolicy. */
export function mutatingPolicies(checker: ExpressionChecker): ResourceType {
  return builtinType({
    gvk: admissionV1('MutatingAdmissionPolicy'),
    plural: 'mutatingadmissionpolicies',
    categories: ADMISSION_CATEGORIES,
    announcedVersion: MUTATING_STORED_VERSION,
    namespaced: false,
    defaults: defaultPolicy,
    strategy: admissionStrategy({
      generation: 'spec',
      validate: (policy, old) => errorsOf(policy, old, checker),
    }),
  });
}

function* errorsOf(policy: KubeObject, old: KubeObject | undefined, checker: ExpressionChecker): Work<FieldError[]> {
  const spec = specOf(policy);
  const params = hasParams(spec);
  const scope = checker.scope({ variables: true });
  return [
    ...(yield* policyErrors(spec, old === undefined ? undefined : specOf(old), checker, immutableOperationErrors)),
    ...(yield* variablesErrors(spec, scope, params)),
    ...(yield* mutationsErrors(readObjects(spec, 'mutations'), scope, params)),
    ...choiceErrors(
      readString(spec, 'reinvocationPolicy') || undefined,
      REINVOCATION_POLICIES,
      'spec.reinvocationPolicy',
    ),
  ];
}

function* mutationsErrors(
  mutations: readonly JsonObject[],
  scope: ExpressionScope,
  params: boolean,
): Work<FieldError[]> {
  if (mutations.length === 0) return [required('spec.mutations', 'mutations must contain at least one item')];
  const errors: FieldError[] = [];
  for (const [index, mutation] of mutations.entries()) {
    yield;
    errors.push(...mutationErrors(mutation, indexPath('spec.mutations', index), scope, params));
  }
  return errors;
}

function mutationErrors(mutation: JsonObject, field: string, scope: ExpressionScope, params: boolean): FieldError[] {
  const type = readString(mutation, 'patchType');
  const at = childPath(field, 'patchType');
  if (type === '') return [required(at)];
  const members = PATCH_TYPES.get(type);
  if (members === undefined) return [notSupported(at, type, [...PATCH_TYPES.keys()])];
  const { own, other } = members;
  const patch = readObject(mutation, own);
  const errors =
    patch === undefined
      ? [required(childPath(field, own), `must be specified when patchType is ${type}`)]
      : patchErrors(patch, own, childPath(field, own), scope, params);
  if (readObject(mutation, other) === undefined) return errors;
  return [...errors, invalid(childPath(field, other), `{${other}}`, `must not be specified when patchType is ${type}`)];
}

function patchErrors(
  patch: JsonObject,
  purpose: PatchMember,
  field: string,
  scope: ExpressionScope,
  params: boolean,
): FieldError[] {
  const expression = readString(patch, 'expression').trim();
  const at = childPath(field, 'expression');
  if (expression === '') return [required(at)];
  return expressionErrors(scope.check(expression, { purpose, params, authorizer: true }), expression, at);
}

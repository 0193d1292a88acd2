import { type FieldError, invalid, required } from '@kcp/apimachinery/errors/field-error';
import { compileJsonPath } from '@kcp/apimachinery/json-path/json-path';
import { JsonPathError } from '@kcp/apimachinery/json-path/nodes';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { Work } from '@kcp/apimachinery/turns/work';
import { validateConditions } from '@kcp/apimachinery/validation/conditions';
import { childPath, indexPath } from '@kcp/apimachinery/validation/field-path';
import type { ResourceType, UpdateSubresource } from '../../registry/resource-type.js';
import { builtinType } from '../builtin-type.js';
import { keepAllButStatus, keepMetadata, keepStatus } from '../status-subresource.js';
import { ADMISSION_CATEGORIES, admissionStrategy, admissionV1 } from './admission-group.js';
import type { ExpressionChecker } from './expression-checker.js';
import { variablesErrors } from './policy-expressions.js';
import { defaultPolicy, hasParams, policyErrors, specOf } from './policy-spec.js';
import { validationsErrors } from './validations.js';

/** ValidatingAdmissionPolicy. */
export function validatingPolicies(checker: ExpressionChecker): ResourceType {
  return builtinType({
    gvk: admissionV1('ValidatingAdmissionPolicy'),
    plural: 'validatingadmissionpolicies',
    categories: ADMISSION_CATEGORIES,
    namespaced: false,
    defaults: defaultPolicy,
    strategy: admissionStrategy({
      generation: 'spec',
      resetFields: { 'f:status': {} },
      prepareForCreate: (policy) => {
        policy.status = {};
      },
      prepareForUpdate: keepStatus,
      validate: (policy, old) => errorsOf(policy, old, checker),
    }),
    subresources: { status: status() },
  });
}

function* errorsOf(policy: KubeObject, old: KubeObject | undefined, checker: ExpressionChecker): Work<FieldError[]> {
  const spec = specOf(policy);
  const params = hasParams(spec);
  const scope = checker.scope({ variables: readObjects(spec, 'variables').length > 0 });
  return [
    ...(yield* policyErrors(spec, old === undefined ? undefined : specOf(old), checker)),
    ...(yield* variablesErrors(spec, scope, params)),
    ...(yield* validationsErrors(spec, policy.metadata.name ?? '', scope, params)),
  ];
}

/** Written by the controller that checks the types of expressions; metadata stays what it is. */
function status(): UpdateSubresource {
  const strategy = admissionStrategy({
    generation: 'spec',
    resetFields: { 'f:spec': {}, 'f:metadata': {} },
    prepareForUpdate: (policy, old) => {
      keepAllButStatus(policy, old);
      keepMetadata(policy, old);
    },
    validate: () => [],
    validateUpdate: statusErrors,
  });
  return { form: 'update', verbs: new Set(['get', 'update', 'patch']), strategy };
}

function statusErrors(policy: KubeObject): FieldError[] {
  const state = readObject(policy, 'status') ?? {};
  const warnings = readObjects(readObject(state, 'typeChecking') ?? {}, 'expressionWarnings');
  return [
    ...warnings.flatMap((warning, index) => {
      const field = indexPath('status.typeChecking.expressionWarnings', index);
      const errors = readString(warning, 'warning') === '' ? [required(childPath(field, 'warning'))] : [];
      return [...errors, ...referenceErrors(readString(warning, 'fieldRef').trim(), childPath(field, 'fieldRef'))];
    }),
    ...validateConditions(readObjects(state, 'conditions'), 'status.conditions'),
  ];
}

function referenceErrors(reference: string, field: string): FieldError[] {
  if (reference === '') return [required(field)];
  try {
    compileJsonPath(/^\w/.test(reference) ? `.${reference}` : reference);
    return [];
  } catch (error) {
    if (error instanceof JsonPathError) return [invalid(field, reference, `invalid JSONPath: ${error.message}`)];
    throw error;
  }
}

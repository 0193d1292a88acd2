import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { ExpressionEngine, Expressions } from '../expression-engine.js';
import { type AdmissionPolicy, compilePolicy } from './policy.js';

/** One of `spec.validations`. */
export interface Validation {
  readonly expression: string;
  readonly message: string;
  /** Empty for Invalid. */
  readonly reason: string;
}

/** A ValidatingAdmissionPolicy, compiled. */
export interface ValidatingPolicy extends AdmissionPolicy {
  readonly validations: readonly Validation[];
  readonly conditionsOfValidity: Expressions;
  /** One for each validation, null where it has none. */
  readonly messages: Expressions;
  readonly auditKeys: readonly string[];
  readonly auditExpressions: readonly string[];
  readonly auditValues: Expressions;
}

export function compileValidatingPolicy(object: KubeObject, engine: ExpressionEngine): ValidatingPolicy {
  const policy = compilePolicy(object, engine);
  const { spec, environment, hasParams: params } = policy;
  const validations = readObjects(spec, 'validations');
  const annotations = readObjects(spec, 'auditAnnotations');
  const auditExpressions = annotations.map((each) => readString(each, 'valueExpression'));
  const compile = (expressions: readonly string[], purpose: 'validation' | 'message' | 'auditAnnotation') =>
    environment.compile(expressions, { purpose, params, authorizer: purpose === 'validation' });
  return {
    ...policy,
    validations: validations.map((each) => ({
      expression: readString(each, 'expression'),
      message: readString(each, 'message'),
      reason: readString(each, 'reason'),
    })),
    conditionsOfValidity: compile(
      validations.map((each) => readString(each, 'expression')),
      'validation',
    ),
    messages: compile(
      validations.map((each) => readString(each, 'messageExpression')),
      'message',
    ),
    auditKeys: annotations.map((each) => readString(each, 'key')),
    auditExpressions,
    auditValues: compile(auditExpressions, 'auditAnnotation'),
  };
}

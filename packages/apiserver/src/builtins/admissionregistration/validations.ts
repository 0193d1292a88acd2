import { goDumps } from '@kcp/apimachinery/crd/go-dump';
import { duplicate, type FieldError, invalid, notSupported, required } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readObjects, readOptionalString, readString } from '@kcp/apimachinery/schema/read';
import type { Work } from '@kcp/apimachinery/turns/work';
import { childPath, indexPath } from '@kcp/apimachinery/validation/field-path';
import { qualifiedName } from '@kcp/apimachinery/validation/names';
import { type ExpressionScope, expressionErrors } from './expression-checker.js';

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const ANNOTATIONS_MAX = 20;
const VALUE_EXPRESSION_BYTES_MAX = 5 * 1024;
const ANY_TEXT = 'validations or auditAnnotations must contain at least one item';

/** Faults of `spec.validations` and `spec.auditAnnotations`, one of which must be there. */
export function* validationsErrors(
  spec: JsonObject,
  policyName: string,
  scope: ExpressionScope,
  params: boolean,
): Work<FieldError[]> {
  const validations = readObjects(spec, 'validations');
  const annotations = readObjects(spec, 'auditAnnotations');
  if (validations.length === 0 && annotations.length === 0) {
    return [required('spec.validations', ANY_TEXT), required('spec.auditAnnotations', ANY_TEXT)];
  }
  const errors: FieldError[] = [];
  for (const [index, one] of validations.entries()) {
    yield;
    errors.push(...validationErrors(one, indexPath('spec.validations', index), scope, params));
  }
  return [...errors, ...(yield* annotationsErrors(annotations, policyName, scope, params))];
}

function validationErrors(
  validation: JsonObject,
  field: string,
  scope: ExpressionScope,
  params: boolean,
): FieldError[] {
  const expression = readString(validation, 'expression');
  const at = childPath(field, 'expression');
  const errors =
    expression.trim() === ''
      ? [required(at, 'expression is not specified')]
      : expressionErrors(scope.check(expression, { purpose: 'validation', params, authorizer: true }), expression, at);
  errors.push(...messageExpressionErrors(readString(validation, 'messageExpression'), field, scope, params));
  errors.push(...messageErrors(readString(validation, 'message'), childPath(field, 'message')));
  const reason = readOptionalString(validation, 'reason');
  if (reason !== undefined && !REASONS.includes(reason)) {
    errors.push(notSupported(childPath(field, 'reason'), reason, REASONS));
  }
  return errors;
}

function messageExpressionErrors(
  expression: string,
  field: string,
  scope: ExpressionScope,
  params: boolean,
): FieldError[] {
  const at = childPath(field, 'messageExpression');
  if (expression === '') return [];
  if (expression.trim() === '') return [invalid(at, expression, 'must be non-empty if specified')];
  return expressionErrors(scope.check(expression, { purpose: 'message', params, authorizer: false }), expression, at);
}

function messageErrors(message: string, field: string): FieldError[] {
  const trimmed = message.trim();
  if (message !== '' && trimmed === '') return [invalid(field, message, 'must be non-empty if specified')];
  return /[\n\r]/.test(trimmed) ? [invalid(field, message, 'must not contain line breaks')] : [];
}

function* annotationsErrors(
  annotations: readonly JsonObject[],
  policyName: string,
  scope: ExpressionScope,
  params: boolean,
): Work<FieldError[]> {
  const field = 'spec.auditAnnotations';
  const keys = new Set<string>();
  const errors: FieldError[] = [];
  if (annotations.length > ANNOTATIONS_MAX) {
    errors.push(invalid(field, goDumps(annotations), `must not have more than ${ANNOTATIONS_MAX} auditAnnotations`));
  }
  for (const [index, annotation] of annotations.entries()) {
    yield;
    const [path, key] = [indexPath(field, index), readString(annotation, 'key')];
    errors.push(...keyErrors(key, policyName, childPath(path, 'key')));
    errors.push(
      ...valueErrors(readString(annotation, 'valueExpression'), childPath(path, 'valueExpression'), scope, params),
    );
    if (keys.has(key)) errors.push(duplicate(childPath(path, 'key'), key));
    keys.add(key);
  }
  return errors;
}

/** The key of the annotation itself is `POLICY/key`. */
function keyErrors(key: string, policyName: string, field: string): FieldError[] {
  if (policyName === '') return [invalid(field, key, 'requires metadata.name be non-empty')];
  const whole = `${policyName}/${key}`;
  return qualifiedName(whole).map((text) => invalid(field, whole, text));
}

function valueErrors(expression: string, field: string, scope: ExpressionScope, params: boolean): FieldError[] {
  const trimmed = expression.trim();
  if (trimmed === '') return [required(field, 'valueExpression is not specified')];
  if (Buffer.byteLength(trimmed) > VALUE_EXPRESSION_BYTES_MAX) {
    return [required(field, `must not exceed ${VALUE_EXPRESSION_BYTES_MAX} bytes in length`)];
  }
  const fault = scope.check(trimmed, { purpose: 'auditAnnotation', params, authorizer: true });
  return expressionErrors(fault, expression, field);
}

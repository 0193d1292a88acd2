import { type FieldError, invalid, notSupported, required } from '../errors/field-error.js';
import type { JsonObject } from '../json/value.js';
import { readObjects, readOptionalString, readString } from '../schema/read.js';
import { childPath, indexPath } from '../validation/field-path.js';
import { schemaFieldPath } from './schema-field-path.js';

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const LINE_BREAK = /[\n\r]/;

/** What can be said of `x-kubernetes-validations` without compiling the rules. */
export function ruleShapeErrors(schema: JsonObject, field: string): FieldError[] {
  return readObjects(schema, 'x-kubernetes-validations').flatMap((rule, index) =>
    ruleErrors(rule, schema, indexPath(childPath(field, 'x-kubernetes-validations'), index)),
  );
}

function ruleErrors(rule: JsonObject, schema: JsonObject, field: string): FieldError[] {
  const errors = textErrors(readString(rule, 'rule').trim(), readString(rule, 'message'), field);
  const messageExpression = readString(rule, 'messageExpression');
  if (messageExpression !== '' && messageExpression.trim() === '') {
    errors.push(required(childPath(field, 'messageExpression'), 'messageExpression must be non-empty if specified'));
  }
  const reason = readOptionalString(rule, 'reason');
  if (reason !== undefined && !REASONS.includes(reason)) {
    errors.push(notSupported(childPath(field, 'reason'), reason, REASONS));
  }
  return [...errors, ...fieldPathErrors(readString(rule, 'fieldPath'), schema, childPath(field, 'fieldPath'))];
}

function textErrors(rule: string, message: string, field: string): FieldError[] {
  const at = childPath(field, 'message');
  if (rule === '') return [required(childPath(field, 'rule'), 'rule is not specified')];
  if (message !== '' && message.trim() === '') return [invalid(at, message, 'must be non-empty if specified')];
  if (LINE_BREAK.test(message.trim())) return [invalid(at, message, 'must not contain line breaks')];
  if (LINE_BREAK.test(rule) && message === '') {
    return [required(at, 'message must be specified if rule contains line breaks')];
  }
  return [];
}

function fieldPathErrors(path: string, schema: JsonObject, field: string): FieldError[] {
  if (path === '') return [];
  const errors: FieldError[] = [];
  if (path.trim() === '') errors.push(invalid(field, path, 'must be non-empty if specified'));
  if (LINE_BREAK.test(path)) errors.push(invalid(field, path, 'must not contain line breaks'));
  if (schemaFieldPath(path, schema, true).kind === 'wrong') errors.push(invalid(field, path, 'must be a valid path'));
  return errors;
}

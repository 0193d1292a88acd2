import { duplicate, type FieldError, invalid, notSupported, required, tooLong } from '../errors/field-error.js';
import type { JsonObject } from '../json/value.js';
import { readNumber, readString } from '../schema/read.js';
import { childPath, indexPath } from './field-path.js';
import { patternText, qualifiedName } from './names.js';

const STATUSES = ['False', 'True', 'Unknown'];
export const CONDITION_REASON_MAX_BYTES = 1024;
export const CONDITION_MESSAGE_MAX_BYTES = 32 * 1024;

const REASON = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const isReason = new RegExp(`^${REASON}$`);
const REASON_TEXT =
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'";
const REASON_EXAMPLES = ['my_name', 'MY_NAME', 'MyName', 'ReasonA,ReasonB', 'ReasonA:ReasonB'];

/** Validates a list of `metav1.Condition`, whose types the decoder has checked (`metav1validation.ValidateConditions`). */
export function validateConditions(conditions: readonly JsonObject[], field: string): FieldError[] {
  const seen = new Set<string>();
  return conditions.flatMap((condition, index) => {
    const type = readString(condition, 'type');
    const path = indexPath(field, index);
    const errors = seen.has(type) ? [duplicate(childPath(path, 'type'), type)] : [];
    seen.add(type);
    return [...errors, ...conditionErrors(condition, path)];
  });
}

function conditionErrors(condition: JsonObject, field: string): FieldError[] {
  const [type, status] = [readString(condition, 'type'), readString(condition, 'status')];
  const errors = qualifiedName(type).map((text) => invalid(childPath(field, 'type'), type, text));
  if (!STATUSES.includes(status)) errors.push(notSupported(childPath(field, 'status'), status, STATUSES));
  const observed = readNumber(condition, 'observedGeneration') ?? 0;
  if (observed < 0) {
    errors.push(invalid(childPath(field, 'observedGeneration'), observed, 'must be greater than or equal to zero'));
  }
  if (readString(condition, 'lastTransitionTime') === '') errors.push(required(childPath(field, 'lastTransitionTime')));
  errors.push(...reasonErrors(readString(condition, 'reason'), childPath(field, 'reason')));
  if (Buffer.byteLength(readString(condition, 'message')) > CONDITION_MESSAGE_MAX_BYTES) {
    errors.push(tooLong(childPath(field, 'message'), CONDITION_MESSAGE_MAX_BYTES));
  }
  return errors;
}

function reasonErrors(reason: string, field: string): FieldError[] {
  if (reason === '') return [required(field)];
  const errors: FieldError[] = [];
  if (!isReason.test(reason)) errors.push(invalid(field, reason, patternText(REASON_TEXT, REASON, ...REASON_EXAMPLES)));
  if (Buffer.byteLength(reason) > CONDITION_REASON_MAX_BYTES) errors.push(tooLong(field, CONDITION_REASON_MAX_BYTES));
  return errors;
}

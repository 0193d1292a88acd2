import { stringify } from '../json/stringify.js';
import type { JsonValue } from '../json/value.js';
import { goQuote } from './go-quote.js';

/** The `reason` of a cause in an Invalid Status; upstream's names (apimachinery `field.ErrorType`). */
export type FieldErrorReason =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'InternalError';

/**
 * One fault of one field. `message` is the text without the field (what stands in `details.causes[].message`);
 * `field` is a path such as `spec.versions[0].name` or `metadata.labels`.
 */
export interface FieldError {
  readonly reason: FieldErrorReason;
  readonly field: string;
  readonly message: string;
}

/** Text of a whole error, as it stands in a Status message: `field: message`. */
export function fieldErrorText(error: FieldError): string {
  return `${error.field}: ${error.message}`;
}

export function required(field: string, detail = ''): FieldError {
  return { reason: 'FieldValueRequired', field, message: withDetail('Required value', detail) };
}

export function forbidden(field: string, detail: string): FieldError {
  return { reason: 'FieldValueForbidden', field, message: withDetail('Forbidden', detail) };
}

export function invalid(field: string, value: JsonValue | undefined, detail: string): FieldError {
  return { reason: 'FieldValueInvalid', field, message: withDetail(`Invalid value: ${showValue(value)}`, detail) };
}

export function typeInvalid(field: string, value: JsonValue | undefined, detail: string): FieldError {
  return { reason: 'FieldValueTypeInvalid', field, message: withDetail(`Invalid value: ${showValue(value)}`, detail) };
}

export function duplicate(field: string, value: JsonValue | undefined): FieldError {
  return { reason: 'FieldValueDuplicate', field, message: `Duplicate value: ${showValue(value)}` };
}

export function notFoundValue(field: string, value: JsonValue | undefined): FieldError {
  return { reason: 'FieldValueNotFound', field, message: `Not found: ${showValue(value)}` };
}

/** `supported` is listed in the order given; upstream sorts it first, so callers pass it sorted. */
export function notSupported(field: string, value: JsonValue | undefined, supported: readonly string[]): FieldError {
  const detail = details.get(supported) ?? supportedDetail(supported);
  details.set(supported, detail);
  return {
    reason: 'FieldValueNotSupported',
    field,
    message: withDetail(`Unsupported value: ${showValue(value)}`, detail),
  };
}

/** There may be many such faults, all with the same long list. */
const details = new WeakMap<readonly string[], string>();

function supportedDetail(supported: readonly string[]): string {
  return supported.length > 0 ? `supported values: ${supported.map(goQuote).join(', ')}` : '';
}

/** For strings and byte counts: `Too long: may not be more than N bytes`. */
export function tooLong(field: string, maxBytes: number): FieldError {
  return {
    reason: 'FieldValueTooLong',
    field,
    message: `Too long: may not be more than ${maxBytes} ${maxBytes === 1 ? 'byte' : 'bytes'}`,
  };
}

export function tooMany(field: string, actual: number, max: number): FieldError {
  return {
    reason: 'FieldValueTooMany',
    field,
    message: `Too many: ${actual}: must have at most ${max} ${max === 1 ? 'item' : 'items'}`,
  };
}

export function internalFieldError(field: string, detail: string): FieldError {
  return { reason: 'InternalError', field, message: `Internal error: ${detail}` };
}

/** A value as Go's field errors print it: strings quoted, numbers and booleans bare, nil as `null`, the rest as JSON. */
export function showValue(value: JsonValue | undefined): string {
  if (typeof value === 'string') return goQuote(value);
  return value === undefined ? 'null' : stringify(value);
}

function withDetail(text: string, detail: string): string {
  return detail === '' ? text : `${text}: ${detail}`;
}

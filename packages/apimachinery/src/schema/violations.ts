import {
  type FieldError,
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from '../errors/field-error.js';
import { goQuote } from '../errors/go-quote.js';
import { stringify } from '../json/stringify.js';
import { isNumber, type JsonValue } from '../json/value.js';
import { goNumber } from '../validation/go-number.js';

/**
 * Texts of schema violations as kube-openapi's validator words them and as upstream turns them into field errors.
 * `path` is the value's path as the validator knows it, `at` the one of the field error; they differ when a part of an
 * object is validated on its own (defaults, status).
 */
export interface Place {
  readonly path: string;
  readonly at: string;
}

/** Most errors that are collected for one object. */
export const VIOLATIONS_MAX = 1000;

export function wrongType({ path, at }: Place, expected: string, actual: string): FieldError {
  return typeInvalid(at, actual, `${path} in body must be of type ${expected}: ${goQuote(actual)}`);
}

export function missing({ at }: Place): FieldError {
  return required(at);
}

/** Characters of the values of an enumeration that one fault tells: there may be a fault at each of many values. */
const ENUM_TOLD_LENGTH_MAX = 16_384;

export function notInEnum({ at }: Place, value: JsonValue, allowed: readonly JsonValue[]): FieldError {
  const known = toldOf.get(allowed) ?? toldValues(allowed);
  toldOf.set(allowed, known);
  return notSupported(at, value, known);
}

const toldOf = new WeakMap<readonly JsonValue[], readonly string[]>();

function toldValues(allowed: readonly JsonValue[]): readonly string[] {
  const told: string[] = [];
  let length = 0;
  for (const each of allowed) {
    const text = typeof each === 'string' ? each : stringify(each);
    length += text.length;
    if (length > ENUM_TOLD_LENGTH_MAX && told.length > 0) break;
    told.push(text);
  }
  return told;
}

export function tooManyCharacters({ at }: Place, max: number): FieldError {
  return tooLong(at, max);
}

export function tooManyOf({ at }: Place, actual: number, max: number): FieldError {
  return tooMany(at, actual, max);
}

/** Every other violation: `Invalid value: v: path in body should …`. */
export function should({ path, at }: Place, value: JsonValue, what: string): FieldError {
  return invalidValue(at, value, `${path} in body should ${what}`);
}

/** An invalid value whose numbers are printed as Go does. */
export function invalidValue(at: string, value: JsonValue, detail: string): FieldError {
  if (!isNumber(value)) return invalid(at, value, detail);
  return { reason: 'FieldValueInvalid', field: at, message: `Invalid value: ${goNumber(value)}: ${detail}` };
}

/** Errors of the validator that have no field of their own; upstream prints the field as `<nil>`. */
export function fieldless(base: string, detail: string): FieldError {
  return invalid(base === '' ? '<nil>' : base, '', detail);
}

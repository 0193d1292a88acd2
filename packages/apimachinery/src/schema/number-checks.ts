import type { FieldError } from '../errors/field-error.js';
import { goFloat, goNumber } from '../validation/go-number.js';
import type { Limits, SchemaNode } from './node.js';
import { fieldless, type Place, should } from './violations.js';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const INT32_MAX = 2 ** 31 - 1;
const FLOAT32_MAX = 3.4028235677973366e38;
const NEAR = 1e-9;

/** True for what Go decodes as an int64; all other numbers are float64 there, and are compared as such. */
export function isInt64(value: number | bigint): boolean {
  if (typeof value === 'bigint') return value >= INT64_MIN && value <= INT64_MAX;
  return Number.isSafeInteger(value);
}

/** A float that stands for an integer, with a little tolerance (go-openapi `IsFloat64AJSONInteger`). */
export function isIntegral(value: number): boolean {
  if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER) return false;
  const whole = Math.trunc(value);
  return value === whole || Math.abs(value - whole) / (Math.abs(value) + Math.abs(whole)) < NEAR;
}

/** Checks range, multipleOf, minimum and maximum, in this order. */
export function numberViolations(
  schema: SchemaNode,
  value: number | bigint,
  place: () => Place,
  base: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const type = schema.types.length === 1 ? (schema.types[0] ?? '') : '';
  const range = rangeFault(value, type, schema.format, 'Checked', place);
  if (range !== undefined) errors.push(fieldless(base, range));
  if (schema.limits !== undefined)
    errors.push(...limitViolations(schema.limits, value, type, schema.format, place, base));
  return errors;
}

function limitViolations(
  limits: Limits,
  value: number | bigint,
  type: string,
  format: string,
  place: () => Place,
  base: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const check = (
    bound: number | undefined,
    prefix: string,
    fault: (asInteger: boolean) => string | undefined,
  ): void => {
    if (bound === undefined) return;
    const range = rangeFault(bound, type, format, prefix, place);
    if (range !== undefined) errors.push(fieldless(base, range));
    const text = fault(range === undefined && isInt64(value));
    if (text !== undefined) errors.push(should(place(), value, text));
  };
  const { multipleOf, minimum, maximum } = limits;
  check(multipleOf, 'MultipleOf', (whole) => multipleFault(value, multipleOf ?? 1, whole));
  check(minimum, 'Minimum boundary', (whole) => minimumFault(value, minimum ?? 0, limits.exclusiveMinimum, whole));
  check(maximum, 'Maximum boundary', (whole) => maximumFault(value, maximum ?? 0, limits.exclusiveMaximum, whole));
  return errors;
}

/** Integers are compared with the bound's integer part, as upstream does. */
function boundOf(bound: number, whole: boolean): number {
  return whole ? Math.trunc(bound) : bound;
}

function boundText(bound: number, whole: boolean): string {
  return whole ? goNumber(bound) : goFloat(bound);
}

function minimumFault(value: number | bigint, bound: number, exclusive: boolean, whole: boolean): string | undefined {
  const min = boundOf(bound, whole);
  if (exclusive ? value > min : value >= min) return undefined;
  return `be greater than ${exclusive ? '' : 'or equal to '}${boundText(min, whole)}`;
}

function maximumFault(value: number | bigint, bound: number, exclusive: boolean, whole: boolean): string | undefined {
  const max = boundOf(bound, whole);
  if (exclusive ? value < max : value <= max) return undefined;
  return `be less than ${exclusive ? '' : 'or equal to '}${boundText(max, whole)}`;
}

function multipleFault(value: number | bigint, bound: number, whole: boolean): string | undefined {
  const factor = boundOf(bound, whole);
  if (factor <= 0) return undefined;
  if (whole) {
    return BigInt(value) % BigInt(factor) === 0n ? undefined : `be a multiple of ${goNumber(factor)}`;
  }
  const quotient = factor < 1 ? (1 / factor) * Number(value) : Number(value) / factor;
  return isIntegral(quotient) ? undefined : `be a multiple of ${goFloat(factor)}`;
}

function rangeFault(
  value: number | bigint,
  type: string,
  format: string,
  prefix: string,
  place: () => Place,
): string | undefined {
  if (inRange(value, type, format)) return undefined;
  const what = format === '' ? `${type} (default format)` : `${type} with format ${format}`;
  return `${prefix} value must be of type ${what} in ${place().path}`;
}

function inRange(value: number | bigint, type: string, format: string): boolean {
  if (type === 'integer') {
    if (!isInt64(value) && !isWideInteger(value)) return false;
    return format !== 'int32' || (value >= -INT32_MAX - 1 && value <= INT32_MAX);
  }
  return format !== 'float' || Math.abs(Number(value)) < FLOAT32_MAX;
}

/** A whole float within int64 although a double no longer tells neighbours apart. */
function isWideInteger(value: number | bigint): boolean {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 63;
}

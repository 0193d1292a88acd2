import { type FieldError, forbidden, invalid, required } from '../errors/field-error.js';
import type { JsonValue } from '../json/value.js';
import type { SchemaNode } from '../schema/node.js';
import { invalidValue } from '../schema/violations.js';

export const OUT_OF_BUDGET =
  'validation failed due to running out of cost budget, no further validation rules will be run';
/** Upstream's name for a path that is that of the whole object. */
const WHOLE = '<nil>';

/** The type as the schema names it; empty for int-or-string. */
export function typeNameOf({ intOrString, types }: SchemaNode): string {
  return intOrString ? '' : (types[0] ?? '');
}

/** A rule that could not be run to its end. */
export function ruleFault(path: string, node: SchemaNode, detail: string): FieldError {
  return invalid(path === '' ? WHOLE : path, typeNameOf(node), detail);
}

/** A rule that is not kept. `value` is undefined where it is not shown. */
export function brokenRule(
  path: string,
  value: JsonValue | undefined,
  detail: string,
  reason: string | undefined,
): FieldError {
  const field = path === '' ? WHOLE : path;
  switch (reason) {
    case 'FieldValueForbidden':
      return forbidden(field, detail);
    case 'FieldValueRequired':
      return required(field, detail);
    case 'FieldValueDuplicate':
      return { reason, field, message: value === undefined ? 'Duplicate value' : duplicateText(value) };
    default:
      if (value !== undefined) return invalidValue(field, value, detail);
      return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${detail}` };
  }
}

function duplicateText(value: JsonValue): string {
  return invalidValue('', value, '')
    .message.replace(/^Invalid value/, 'Duplicate value')
    .replace(/: $/, '');
}

import { duplicate, type FieldError, invalid, required, tooMany } from '../errors/field-error.js';
import type { JsonObject } from '../json/value.js';
import { readObject, readOptionalString, readString } from '../schema/read.js';
import { childPath, indexPath } from '../validation/field-path.js';
import { schemaFieldPath } from './schema-field-path.js';

export const SELECTABLE_FIELDS_MAX = 8;
const DEPRECATION_WARNING_MAX_BYTES = 256;
const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const SELECTABLE_TYPES = ['string', 'boolean', 'integer'];
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** Printer columns of one version, or of all. */
export function validateColumns(columns: readonly JsonObject[], field: string): FieldError[] {
  return columns.flatMap((column, index) => columnErrors(column, indexPath(field, index)));
}

function columnErrors(column: JsonObject, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (readString(column, 'name') === '') errors.push(required(childPath(field, 'name')));
  const type = readString(column, 'type');
  const types = `must be one of ${COLUMN_TYPES.join(',')}`;
  if (type === '') errors.push(required(childPath(field, 'type'), types));
  else if (!COLUMN_TYPES.includes(type)) errors.push(invalid(childPath(field, 'type'), type, types));
  const format = readString(column, 'format');
  if (format !== '' && !COLUMN_FORMATS.includes(format)) {
    errors.push(invalid(childPath(field, 'format'), format, `must be one of ${COLUMN_FORMATS.join(',')}`));
  }
  const path = readString(column, 'jsonPath');
  if (path === '') errors.push(required(childPath(field, 'JSONPath')));
  else errors.push(...simplePathErrors(path, childPath(field, 'JSONPath')));
  return errors;
}

function simplePathErrors(path: string, field: string): FieldError[] {
  return path.startsWith('.') ? [] : [invalid(field, path, 'must be a simple json path starting with .')];
}

/** The scale subresource; status has nothing to validate. */
export function validateSubresources(subresources: JsonObject | undefined, field: string): FieldError[] {
  const scale = subresources === undefined ? undefined : readObject(subresources, 'scale');
  if (scale === undefined) return [];
  const at = childPath(field, 'scale');
  const errors: FieldError[] = [];
  for (const [name, parent] of [
    ['specReplicasPath', '.spec'],
    ['statusReplicasPath', '.status'],
  ] as const) {
    const path = readString(scale, name);
    if (path === '') errors.push(required(childPath(at, name)));
    else errors.push(...pathUnder(path, [parent], `should be a json path under ${parent}`, childPath(at, name)));
  }
  const selector = readString(scale, 'labelSelectorPath');
  if (selector !== '') {
    const text = 'should be a json path under either .spec or .status';
    errors.push(...pathUnder(selector, ['.spec', '.status'], text, childPath(at, 'labelSelectorPath')));
  }
  return errors;
}

function pathUnder(path: string, parents: readonly string[], text: string, field: string): FieldError[] {
  const errors = simplePathErrors(path, field);
  if (errors.length > 0 || parents.some((parent) => path.startsWith(`${parent}.`))) return errors;
  return [invalid(field, path, text)];
}

/** Selectable fields must lead to scalars of the schema, outside metadata, each once, at most eight. */
export function validateSelectableFields(
  selectable: readonly JsonObject[],
  schema: JsonObject,
  field: string,
  allowTooMany: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, entry] of selectable.entries()) {
    const at = childPath(indexPath(field, index), 'jsonPath');
    const path = readString(entry, 'jsonPath');
    if (path === '') {
      errors.push(required(at));
      continue;
    }
    const found = schemaFieldPath(path, schema, false);
    if (found.kind === 'wrong') {
      errors.push(invalid(at, path, `is an invalid path: ${found.why}`));
      continue;
    }
    if (found.root === 'metadata') errors.push(invalid(at, path, 'must not point to fields in metadata'));
    if (!SELECTABLE_TYPES.includes(readString(found.schema, 'type'))) errors.push(invalid(at, path, NOT_SELECTABLE));
    if (seen.has(found.path)) errors.push(duplicate(at, path));
    seen.add(found.path);
  }
  if (seen.size > SELECTABLE_FIELDS_MAX && !allowTooMany) errors.push(tooMany(field, seen.size, SELECTABLE_FIELDS_MAX));
  return errors;
}

const NOT_SELECTABLE =
  'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';

/** The text that clients get as a warning when they use a deprecated version. */
export function validateDeprecation(version: JsonObject, field: string): FieldError[] {
  const warning = readOptionalString(version, 'deprecationWarning');
  if (warning === undefined) return [];
  return warningFaults(warning, version.deprecated === true).map((text) => invalid(field, warning, text));
}

function warningFaults(warning: string, deprecated: boolean): string[] {
  if (!deprecated) return ['can only be set for deprecated versions'];
  const faults: string[] = [];
  if (Buffer.byteLength(warning) > DEPRECATION_WARNING_MAX_BYTES) {
    faults.push(`must be <= ${DEPRECATION_WARNING_MAX_BYTES} characters long`);
  }
  if (warning === '') faults.push('must not be an empty string');
  let index = 0;
  for (const char of warning) {
    if (!PRINTABLE.test(char)) {
      faults.push(`must only contain printable UTF-8 characters; non-printable character found at index ${index}`);
      break;
    }
    index += Buffer.byteLength(char);
  }
  return faults;
}

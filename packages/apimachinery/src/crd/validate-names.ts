import { type FieldError, invalid, required } from '../errors/field-error.js';
import type { JsonObject } from '../json/value.js';
import { readString, readStrings } from '../schema/read.js';
import { childPath, indexPath } from '../validation/field-path.js';
import { dns1035Label } from '../validation/names.js';

/** Names that a definition must have once defaults are filled in. */
export function requiredNames(names: JsonObject, field: string): FieldError[] {
  return ['plural', 'singular', 'kind', 'listKind']
    .filter((name) => readString(names, name) === '')
    .map((name) => required(childPath(field, name)));
}

/** Forms of `spec.names` and `status.acceptedNames`; absent names are not judged here. */
export function validateNames(names: JsonObject, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ['plural', 'singular']) errors.push(...label(readString(names, name), childPath(field, name)));
  for (const name of ['kind', 'listKind']) errors.push(...kindLabel(readString(names, name), childPath(field, name)));
  errors.push(...labels(readStrings(names, 'shortNames'), childPath(field, 'shortNames')));
  const kind = readString(names, 'kind');
  if (kind !== '' && kind === readString(names, 'listKind')) {
    errors.push(invalid(childPath(field, 'listKind'), kind, 'kind and listKind may not be the same'));
  }
  errors.push(...labels(readStrings(names, 'categories'), childPath(field, 'categories')));
  return errors;
}

function label(value: string, field: string): FieldError[] {
  return value === '' ? [] : labelError(value, field);
}

/** A value that must be a DNS-1035 label; all its faults in one error. */
export function labelError(value: string, field: string): FieldError[] {
  const texts = dns1035Label(value);
  return texts.length === 0 ? [] : [invalid(field, value, texts.join(','))];
}

function kindLabel(value: string, field: string): FieldError[] {
  const texts = value === '' ? [] : dns1035Label(value.toLowerCase());
  if (texts.length === 0) return [];
  return [invalid(field, value, `may have mixed case, but should otherwise match: ${texts.join(',')}`)];
}

function labels(values: readonly string[], field: string): FieldError[] {
  return values.flatMap((value, index) => labelError(value, indexPath(field, index)));
}

import type { FieldError } from '../errors/field-error.js';
import { invalid } from '../errors/field-error.js';
import { stringify } from '../json/stringify.js';
import { getOwn, isNumber, isObject, type JsonObject, type JsonValue } from '../json/value.js';
import { goNumber } from '../validation/go-number.js';
import { readString } from './read.js';

const INT32_MAX = 2 ** 31 - 1;

/**
 * Validates what the scale subresource (`subresources.scale` of a version) points to in a custom resource: replicas are
 * non-negative 32-bit integers, the selector a string. `part` limits the check to spec or status, as a write to the status
 * does. Texts and fields (with their leading dot) as upstream's.
 */
export function validateScale(scale: JsonObject, object: JsonObject, part: 'all' | 'status' = 'all'): FieldError[] {
  const errors = part === 'all' ? replicasErrors(readString(scale, 'specReplicasPath'), object) : [];
  errors.push(...replicasErrors(readString(scale, 'statusReplicasPath'), object));
  const selectorPath = readString(scale, 'labelSelectorPath');
  const selector = selectorPath === '' ? MISSING : follow(object, selectorPath);
  if (selector.kind === 'wrong') errors.push(invalid(selectorPath, '', selector.text));
  else if (selector.value !== undefined && typeof selector.value !== 'string') {
    errors.push(invalid(selectorPath, '', accessorError(selectorPath, selector.value, 'string')));
  }
  return errors;
}

/** Faults of replicas that are written as fractions (`2.0`), given the paths of all such numbers of an object. */
export function fractionErrors(scale: JsonObject, object: JsonObject, fractions: readonly string[]): FieldError[] {
  const paths = [readString(scale, 'specReplicasPath'), readString(scale, 'statusReplicasPath')];
  return paths.flatMap((path) => {
    if (!fractions.includes(path.replace(/^\./, ''))) return [];
    const found = follow(object, path);
    const value = found.kind === 'found' && isNumber(found.value) ? goNumber(found.value) : '';
    return [invalid(path, 0, `${path} accessor error: ${value} is of the type float64, expected int64`)];
  });
}

function replicasErrors(path: string, object: JsonObject): FieldError[] {
  if (path === '') return [];
  const found = follow(object, path);
  if (found.kind === 'wrong') return [invalid(path, 0, found.text)];
  const { value } = found;
  if (value === undefined) return [];
  if (!isNumber(value) || (typeof value === 'number' && !Number.isInteger(value))) {
    return [invalid(path, 0, accessorError(path, value, 'int64'))];
  }
  if (value < 0) return [invalid(path, value, 'should be a non-negative integer')];
  return value > INT32_MAX ? [invalid(path, value, `should be less than or equal to ${INT32_MAX}`)] : [];
}

type Found =
  | { readonly kind: 'found'; readonly value: JsonValue | undefined }
  | { readonly kind: 'wrong'; readonly text: string };

const MISSING: Found = { kind: 'found', value: undefined };

/** Follows a dotted path through objects. */
function follow(object: JsonObject, path: string): Found {
  const names = path.replace(/^\./, '').split('.');
  let value: JsonValue | undefined = object;
  for (const [index, name] of names.entries()) {
    if (value === undefined || value === null) return MISSING;
    if (!isObject(value)) {
      const at = `.${names.slice(0, index + 1).join('.')}`;
      return { kind: 'wrong', text: accessorError(at, value, 'map[string]interface{}') };
    }
    value = getOwn(value, name);
  }
  return { kind: 'found', value };
}

function accessorError(path: string, value: JsonValue, expected: string): string {
  return `${path} accessor error: ${shown(value)} is of the type ${goType(value)}, expected ${expected}`;
}

function shown(value: JsonValue): string {
  if (isNumber(value)) return goNumber(value);
  if (value === null) return '<nil>';
  return typeof value === 'object' ? stringify(value) : String(value);
}

function goType(value: JsonValue): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (isNumber(value)) return typeof value === 'bigint' || Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'object' ? 'map[string]interface {}' : 'string';
}

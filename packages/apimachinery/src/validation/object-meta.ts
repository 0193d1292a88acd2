import { type FieldError, forbidden, invalid, required, tooLong } from '../errors/field-error.js';
import { deepEqual, isObject, type JsonValue } from '../json/value.js';
import type { ManagedFieldsEntry, ObjectMeta } from '../meta/object.js';
import { childPath, indexPath } from './field-path.js';
import { validateFinalizers, validateNoNewFinalizers } from './finalizers.js';
import { labelValue, type NameValidator, nameIsDnsLabel, qualifiedName } from './names.js';
import { validateOwnerReferences } from './owner-references.js';

/** Sum of the bytes of all keys and values of the annotations of one object. */
export const ANNOTATIONS_MAX_BYTES = 256 * 1024;
export const FIELD_MANAGER_MAX_BYTES = 128;
export const SUBRESOURCE_NAME_MAX_BYTES = 256;
export const FIELD_IMMUTABLE = 'field is immutable';

export interface ObjectMetaRules {
  readonly namespaced: boolean;
  readonly nameValidator: NameValidator;
  /** Path of the ObjectMeta; `metadata` when absent. */
  readonly fieldPath?: string;
}

/**
 * Validates the metadata of an object that is to be created, after its name has been generated. Texts, fields and
 * order are those of apimachinery `ValidateObjectMeta` (1.36).
 */
export function validateObjectMeta(meta: ObjectMeta, rules: ObjectMetaRules): FieldError[] {
  const path = rules.fieldPath ?? 'metadata';
  return [
    ...nameErrors(meta, rules.nameValidator, path),
    ...namespaceErrors(meta.namespace ?? '', rules.namespaced, childPath(path, 'namespace')),
    ...nonNegative(meta.generation, childPath(path, 'generation')),
    ...mapErrors(meta, path),
    ...validateFinalizers(meta.finalizers ?? [], childPath(path, 'finalizers')),
    ...validateManagedFields(meta.managedFields ?? [], childPath(path, 'managedFields')),
  ];
}

/** Validates changed metadata against what is stored (apimachinery `ValidateObjectMetaUpdate`). */
export function validateObjectMetaUpdate(meta: ObjectMeta, old: ObjectMeta, fieldPath = 'metadata'): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp !== undefined) {
    errors.push(
      ...validateNoNewFinalizers(meta.finalizers ?? [], old.finalizers ?? [], childPath(fieldPath, 'finalizers')),
    );
  }
  if ((meta.resourceVersion ?? '') === '') {
    const field = childPath(fieldPath, 'resourceVersion');
    errors.push(invalid(field, meta.resourceVersion ?? '', 'must be specified for an update'));
  }
  if (Number(meta.generation ?? 0) < Number(old.generation ?? 0)) {
    errors.push(invalid(childPath(fieldPath, 'generation'), meta.generation ?? 0, 'must not be decremented'));
  }
  for (const name of IMMUTABLE) {
    errors.push(...validateImmutable(orEmpty(name, meta), orEmpty(name, old), childPath(fieldPath, name)));
  }
  errors.push(...mapErrors(meta, fieldPath));
  errors.push(...validateManagedFields(meta.managedFields ?? [], childPath(fieldPath, 'managedFields')));
  return errors;
}

const IMMUTABLE = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;
const STRINGS = new Set<string>(['name', 'namespace', 'uid']);

function orEmpty(name: (typeof IMMUTABLE)[number], meta: ObjectMeta): JsonValue {
  return meta[name] ?? (STRINGS.has(name) ? '' : null);
}

/** One error when the two values differ. */
export function validateImmutable(
  value: JsonValue | undefined,
  old: JsonValue | undefined,
  field: string,
): FieldError[] {
  return deepEqual(value, old) ? [] : [invalid(field, value, FIELD_IMMUTABLE)];
}

/** Keys and values of labels; all errors stand at the field of the map. */
export function validateLabels(labels: Readonly<Record<string, string>>, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels)) {
    for (const text of qualifiedName(key)) errors.push(invalid(field, key, text));
    for (const text of labelValue(value)) errors.push(invalid(field, value, text));
  }
  return errors;
}

/** Keys of annotations (their case does not matter) and the size of all of them together. */
export function validateAnnotations(annotations: Readonly<Record<string, string>>, field: string): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    for (const text of qualifiedName(key.toLowerCase())) errors.push(invalid(field, key, text));
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > ANNOTATIONS_MAX_BYTES) errors.push(tooLong(field, ANNOTATIONS_MAX_BYTES));
  return errors;
}

/** The name of a writer: at most 128 bytes, printable. */
export function validateFieldManager(manager: string, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (Buffer.byteLength(manager) > FIELD_MANAGER_MAX_BYTES) errors.push(tooLong(field, FIELD_MANAGER_MAX_BYTES));
  let position = 0;
  for (const char of manager) {
    if (!PRINTABLE.test(char)) errors.push(invalid(field, manager, unprintable(char, position)));
    position += Buffer.byteLength(char);
  }
  return errors;
}

/** Shape of the entries of `managedFields`; what the fields mean is not looked at. */
export function validateManagedFields(entries: readonly ManagedFieldsEntry[], field: string): FieldError[] {
  return entries.flatMap((entry, index) => managedFieldsEntry(entry, indexPath(field, index)));
}

const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

function unprintable(char: string, position: number): string {
  const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `invalid character U+${code} (at position ${position})`;
}

function managedFieldsEntry(entry: ManagedFieldsEntry, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (entry.operation !== 'Apply' && entry.operation !== 'Update') {
    errors.push(invalid(childPath(field, 'operation'), entry.operation ?? '', 'must be `Apply` or `Update`'));
  }
  const fieldsType = entry.fieldsType ?? '';
  if (fieldsType !== '' && fieldsType !== 'FieldsV1') {
    errors.push(invalid(childPath(field, 'fieldsType'), fieldsType, 'must be `FieldsV1`'));
  }
  errors.push(...validateFieldManager(entry.manager ?? '', childPath(field, 'manager')));
  if (Buffer.byteLength(entry.subresource ?? '') > SUBRESOURCE_NAME_MAX_BYTES) {
    errors.push(tooLong(childPath(field, 'subresource'), SUBRESOURCE_NAME_MAX_BYTES));
  }
  return errors;
}

function nameErrors(meta: ObjectMeta, valid: NameValidator, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const generateName = meta.generateName ?? '';
  if (generateName !== '') {
    for (const text of valid(generateName, true)) errors.push(invalid(`${path}.generateName`, generateName, text));
  }
  const name = meta.name ?? '';
  if (name === '') errors.push(required(`${path}.name`, 'name or generateName is required'));
  else for (const text of valid(name, false)) errors.push(invalid(`${path}.name`, name, text));
  return errors;
}

function namespaceErrors(namespace: string, namespaced: boolean, field: string): FieldError[] {
  if (!namespaced) return namespace === '' ? [] : [forbidden(field, 'not allowed on this type')];
  if (namespace === '') return [required(field)];
  return nameIsDnsLabel(namespace, false).map((text) => invalid(field, namespace, text));
}

function nonNegative(value: number | undefined, field: string): FieldError[] {
  return value !== undefined && value < 0 ? [invalid(field, value, 'must be greater than or equal to 0')] : [];
}

function mapErrors(meta: ObjectMeta, path: string): FieldError[] {
  return [
    ...(isObject(meta.labels) ? validateLabels(meta.labels, childPath(path, 'labels')) : []),
    ...(isObject(meta.annotations) ? validateAnnotations(meta.annotations, childPath(path, 'annotations')) : []),
    ...validateOwnerReferences(meta.ownerReferences ?? [], childPath(path, 'ownerReferences')),
  ];
}

import { type FieldError, invalid } from '../errors/field-error.js';
import type { OwnerReference } from '../meta/object.js';
import { parseApiVersion } from '../meta/resource.js';
import { childPath } from './field-path.js';

/**
 * Validates owner references: all four coordinates, no Event, at most one controller. As in upstream 1.36 the field
 * of an error names the list, not the element.
 */
export function validateOwnerReferences(references: readonly OwnerReference[], field: string): FieldError[] {
  const errors: FieldError[] = [];
  let controller: string | undefined;
  for (const reference of references) {
    errors.push(...coordinates(reference, field));
    if (reference.controller !== true) continue;
    const name = `${reference.kind}/${reference.name}`;
    if (controller === undefined) controller = name;
    else errors.push(invalid(field, [...references], twoControllers(controller, name)));
  }
  return errors;
}

function coordinates(reference: OwnerReference, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const groupVersion = parseApiVersion(reference.apiVersion ?? '');
  if ((groupVersion?.version ?? '') === '') {
    errors.push(invalid(childPath(field, 'apiVersion'), reference.apiVersion ?? '', 'version must not be empty'));
  }
  for (const name of ['kind', 'name', 'uid'] as const) {
    if ((reference[name] ?? '') === '') errors.push(invalid(childPath(field, name), '', 'must not be empty'));
  }
  if (groupVersion?.group === '' && groupVersion.version === 'v1' && reference.kind === 'Event') {
    errors.push(invalid(field, reference, '/v1, Kind=Event is disallowed from being an owner'));
  }
  return errors;
}

function twoControllers(first: string, second: string): string {
  return `Only one reference can have Controller set to true. Found "true" in references for ${first} and ${second}`;
}

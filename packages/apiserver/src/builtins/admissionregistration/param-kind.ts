import { type FieldError, forbidden, invalid, notSupported, required } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { validateLabelSelector } from '@kcp/apimachinery/selectors/label-selector-object';
import { childPath } from '@kcp/apimachinery/validation/field-path';
import { dns1035Label, dns1123Subdomain, pathSegmentName } from '@kcp/apimachinery/validation/names';

const NOT_FOUND_ACTIONS = ['Deny', 'Allow'];
const EXCLUSIVE = 'name and selector are mutually exclusive';

/** Faults of the kind that a policy's parameters have. */
export function paramKindErrors(paramKind: JsonObject, field: string): FieldError[] {
  return [
    ...apiVersionErrors(readString(paramKind, 'apiVersion'), childPath(field, 'apiVersion')),
    ...kindErrors(readString(paramKind, 'kind'), childPath(field, 'kind')),
  ];
}

function apiVersionErrors(apiVersion: string, field: string): FieldError[] {
  if (apiVersion === '') return [required(field)];
  const parts = apiVersion.split('/');
  if (parts.length > 2) return [invalid(field, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  const [group = '', version = ''] = parts.length === 1 ? ['', parts[0]] : parts;
  const errors = group === '' ? [] : joined(field, group, dns1123Subdomain(group));
  if (version === '') return [...errors, invalid(field, apiVersion, 'version must be specified')];
  return [...errors, ...joined(field, version, dns1035Label(version))];
}

function kindErrors(kind: string, field: string): FieldError[] {
  if (kind === '') return [required(field)];
  return joined(field, kind, dns1035Label(kind.toLowerCase()), 'may have mixed case, but should otherwise match: ');
}

function joined(field: string, value: string, faults: readonly string[], before = ''): FieldError[] {
  return faults.length === 0 ? [] : [invalid(field, value, `${before}${faults.join(',')}`)];
}

/** Faults of the parameters that a binding chooses. */
export function paramRefErrors(reference: JsonObject, field: string): FieldError[] {
  const name = readString(reference, 'name');
  const selector = readObject(reference, 'selector');
  const errors = name === '' ? [] : pathSegmentName(name).map((text) => invalid(childPath(field, 'name'), name, text));
  if (name !== '' && selector !== undefined) errors.push(forbidden(childPath(field, 'name'), EXCLUSIVE));
  if (selector !== undefined) errors.push(...validateLabelSelector(selector, childPath(field, 'selector')));
  if (name !== '' && selector !== undefined) errors.push(forbidden(childPath(field, 'selector'), EXCLUSIVE));
  if (name === '' && selector === undefined) errors.push(required(field, 'one of name or selector must be specified'));
  const action = readString(reference, 'parameterNotFoundAction');
  const at = childPath(field, 'parameterNotFoundAction');
  if (action === '') errors.push(required(at));
  else if (!NOT_FOUND_ACTIONS.includes(action)) errors.push(notSupported(at, action, NOT_FOUND_ACTIONS));
  return errors;
}

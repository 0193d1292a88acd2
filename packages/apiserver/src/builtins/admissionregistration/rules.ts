import { duplicate, type FieldError, invalid, notSupported, required } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readObjects, readOptionalString, readStrings } from '@kcp/apimachinery/schema/read';
import { childPath, indexPath } from '@kcp/apimachinery/validation/field-path';
import { pathSegmentName } from '@kcp/apimachinery/validation/names';

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
/** A mutation has nothing to change where something is deleted. */
const MUTABLE_OPERATIONS = OPERATIONS.filter((operation) => operation !== 'DELETE');
const SCOPES = ['*', 'Cluster', 'Namespaced'];

/** Rules without a scope are about every scope. */
export function defaultRules(holder: JsonObject, name: string): void {
  for (const rule of readObjects(holder, name)) rule.scope ??= '*';
}

/** Faults of the rules of `holder[name]`, which may name single objects. */
export function namedRulesErrors(holder: JsonObject, name: string, field: string): FieldError[] {
  return readObjects(holder, name).flatMap((rule, index) => {
    const path = indexPath(childPath(field, name), index);
    return [
      ...nameErrors(readStrings(rule, 'resourceNames'), childPath(path, 'resourceNames')),
      ...ruleErrors(rule, path),
    ];
  });
}

/** Operations at which nothing can be mutated; upstream names the field without an index. */
export function immutableOperationErrors(resources: JsonObject, field: string): FieldError[] {
  return readObjects(resources, 'resourceRules')
    .flatMap((rule) => readStrings(rule, 'operations'))
    .filter((operation) => !MUTABLE_OPERATIONS.includes(operation))
    .map((operation) => notSupported(childPath(field, 'resourceRules.operations'), operation, MUTABLE_OPERATIONS));
}

function nameErrors(names: readonly string[], field: string): FieldError[] {
  return names.flatMap((name, index) => {
    const path = indexPath(field, index);
    const errors = pathSegmentName(name).map((text) => invalid(path, name, text));
    return names.indexOf(name) < index ? [...errors, duplicate(path, name)] : errors;
  });
}

/** Faults of one rule (upstream's `validateRuleWithOperations`). */
export function ruleErrors(rule: JsonObject, field: string): FieldError[] {
  const operations = readStrings(rule, 'operations');
  const versions = readStrings(rule, 'apiVersions');
  const scope = readOptionalString(rule, 'scope');
  const at = (name: string): string => childPath(field, name);
  return [
    ...listErrors(operations, at('operations'), 'operations'),
    ...operations.flatMap((operation, index) =>
      OPERATIONS.includes(operation) ? [] : [notSupported(indexPath(at('operations'), index), operation, OPERATIONS)],
    ),
    ...listErrors(readStrings(rule, 'apiGroups'), at('apiGroups'), 'API groups'),
    ...listErrors(versions, at('apiVersions'), 'API versions'),
    ...versions.flatMap((version, index) => (version === '' ? [required(indexPath(at('apiVersions'), index))] : [])),
    ...resourcesErrors(readStrings(rule, 'resources'), at('resources')),
    ...(scope === undefined || SCOPES.includes(scope) ? [] : [notSupported(at('scope'), scope, SCOPES)]),
  ];
}

function listErrors(values: readonly string[], field: string, what: string): FieldError[] {
  if (values.length === 0) return [required(field)];
  if (values.length === 1 || !values.includes('*')) return [];
  return [invalid(field, [...values], `if '*' is present, must not specify other ${what}`)];
}

function resourcesErrors(resources: readonly string[], field: string): FieldError[] {
  const errors = resources.length === 0 ? [required(field)] : [];
  const wholes = new Set<string>();
  for (const [index, resource] of resources.entries()) {
    const path = indexPath(field, index);
    if (resource === '') errors.push(required(path));
    const slash = resource.indexOf('/');
    if (slash < 0) continue;
    const [name, subresource] = [resource.slice(0, slash), resource.slice(slash + 1)];
    for (const whole of [`${name}/*`, `*/${subresource}`]) {
      if (wholes.has(whole))
        errors.push(invalid(path, resource, `if '${whole}' is present, must not specify ${resource}`));
    }
    if (name === '*' || subresource === '*') wholes.add(resource);
  }
  return [...errors, ...wildcardErrors(resources, field)];
}

function wildcardErrors(resources: readonly string[], field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (resources.length > 1 && resources.includes('*/*')) {
    errors.push(invalid(field, [...resources], "if '*/*' is present, must not specify other resources"));
  }
  // Upstream looks at the last of them only.
  const last = resources.findLast((resource) => resource !== '' && !resource.includes('/'));
  if (resources.includes('*') && last !== undefined && last !== '*') {
    const text = "if '*' is present, must not specify other resources without subresources";
    errors.push(invalid(field, [...resources], text));
  }
  return errors;
}

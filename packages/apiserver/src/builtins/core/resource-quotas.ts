import { type FieldError, invalid, required } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import {
  compareQuantities,
  parseQuantity,
  type Quantity,
  quantityValue,
  roundUpQuantity,
} from '@kcp/apimachinery/quantity/quantity';
import { readObject, readStrings } from '@kcp/apimachinery/schema/read';
import { childPath, keyPath } from '@kcp/apimachinery/validation/field-path';
import { builtinStrategy } from '../builtin-strategy.js';
import { builtinType } from '../builtin-type.js';
import { keepStatus, statusSubresource } from '../status-subresource.js';
import { roundAmounts } from './amounts.js';
import { coreV1 } from './core-group.js';
import { textEntries } from './data-entries.js';
import { scopeErrors, scopeSelectorErrors } from './quota-scopes.js';
import { isIntegerResource, quotaResourceErrors } from './standard-resources.js';

const ZERO = parseQuantity('0');

export const RESOURCE_QUOTAS = builtinType({
  gvk: coreV1('ResourceQuota'),
  plural: 'resourcequotas',
  shortNames: ['quota'],
  namespaced: true,
  defaults: (quota) => {
    const status = readObject(quota, 'status') ?? {};
    roundAmounts(specOf(quota), 'hard');
    for (const member of ['hard', 'used']) roundAmounts(status, member);
  },
  strategy: builtinStrategy({
    deleteReturnsObject: true,
    resetFields: { 'f:status': {} },
    prepareForCreate: (quota) => {
      quota.status = {};
    },
    prepareForUpdate: keepStatus,
    validateCreate: (quota) => specErrors(specOf(quota)),
    validateUpdate: (quota, old) => [...specErrors(specOf(quota)), ...changedScopeErrors(specOf(quota), specOf(old))],
    warnings: (quota, old) => (old === undefined ? requestWarnings(specOf(quota)) : []),
  }),
  subresources: { status: statusSubresource({ validateUpdate: statusErrors }) },
});

function specOf(quota: KubeObject): JsonObject {
  return readObject(quota, 'spec') ?? {};
}

function specErrors(spec: JsonObject): FieldError[] {
  return [...amountErrors(spec, 'spec', 'hard'), ...scopeErrors(spec), ...scopeSelectorErrors(spec)];
}

function amountErrors(holder: JsonObject, path: string, name: string): FieldError[] {
  const field = childPath(path, name);
  return textEntries(holder, name).flatMap(([resource, amount]) => [
    ...quotaResourceErrors(resource, keyPath(field, resource)),
    ...quantityErrors(resource, parseQuantity(amount), amount, keyPath(field, resource)),
  ]);
}

function quantityErrors(resource: string, quantity: Quantity, text: string, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (compareQuantities(quantity, ZERO) < 0) errors.push(invalid(field, text, 'must be greater than or equal to 0'));
  const whole = { unscaled: quantityValue(quantity), exponent: 0, format: quantity.format };
  if (isIntegerResource(resource) && compareQuantities(whole, roundUpQuantity(quantity, -3)) !== 0) {
    errors.push(invalid(field, text, 'must be an integer'));
  }
  return errors;
}

function changedScopeErrors(spec: JsonObject, old: JsonObject): FieldError[] {
  const [scopes, before] = [readStrings(spec, 'scopes'), new Set(readStrings(old, 'scopes'))];
  const same = new Set(scopes).size === before.size && scopes.every((scope) => before.has(scope));
  return same ? [] : [invalid('spec.scopes', scopes, 'field is immutable')];
}

/** The status is about names that are judged alike. */
function statusErrors(quota: KubeObject): FieldError[] {
  const status = readObject(quota, 'status') ?? {};
  const unversioned = quota.metadata.resourceVersion === undefined ? [required('resourceVersion')] : [];
  return [...unversioned, ...amountErrors(status, 'status', 'hard'), ...amountErrors(status, 'status', 'used')];
}

const REQUESTED = ['cpu', 'memory', 'storage', 'ephemeral-storage'];

function requestWarnings(spec: JsonObject): string[] {
  const hard = new Map(textEntries(spec, 'hard'));
  return REQUESTED.flatMap((resource) => {
    const bare = resource === 'cpu' || resource === 'memory' ? resource : undefined;
    const request = [`requests.${resource}`, bare].find((name) => name !== undefined && hard.has(name));
    const limit = `limits.${resource}`;
    const [asked, allowed] = [hard.get(request ?? ''), hard.get(limit)];
    if (request === undefined || asked === undefined || allowed === undefined) return [];
    if (compareQuantities(parseQuantity(asked), parseQuantity(allowed)) <= 0) return [];
    return [`ResourceQuota ${request} (${asked}) should be less than ${limit} (${allowed})`];
  });
}

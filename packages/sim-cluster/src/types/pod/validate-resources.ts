import { type FieldError, invalid } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { compareQuantities, parseQuantity } from '@kcp/apimachinery/quantity/quantity';
import { childPath, keyPath } from '@kcp/apimachinery/validation/field-path';
import { textEntries } from '@kcp/apiserver/builtins/core/data-entries';
import { containerResourceErrors, isOvercommitAllowed } from '@kcp/apiserver/builtins/core/standard-resources';
import { NOT_NEGATIVE } from '../numbers.js';

const ZERO = parseQuantity('0');

/** Faults of `resources` of a container: names, amounts, and requests beyond their limits. */
export function resourcesErrors(resources: JsonObject, field: string): FieldError[] {
  const limits = new Map(textEntries(resources, 'limits'));
  const errors = amountsErrors(resources, 'limits', field);
  const path = childPath(field, 'requests');
  errors.push(...amountsErrors(resources, 'requests', field));
  for (const [name, text] of textEntries(resources, 'requests')) {
    const limit = limits.get(name);
    if (limit === undefined) continue;
    const order = compareQuantities(parseQuantity(text), parseQuantity(limit));
    if (!isOvercommitAllowed(name) && order !== 0) {
      errors.push(invalid(path, text, `must be equal to ${name} limit of ${limit}`));
    } else if (order > 0) errors.push(invalid(path, text, `must be less than or equal to ${name} limit of ${limit}`));
  }
  return errors;
}

function amountsErrors(resources: JsonObject, name: string, field: string): FieldError[] {
  return textEntries(resources, name).flatMap(([resource, text]) => {
    const at = keyPath(childPath(field, name), resource);
    const errors = containerResourceErrors(resource, at);
    if (compareQuantities(parseQuantity(text), ZERO) < 0) errors.push(invalid(at, text, NOT_NEGATIVE));
    return errors;
  });
}

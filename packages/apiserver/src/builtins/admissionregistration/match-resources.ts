import { type FieldError, notSupported, required } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readObject, readOptionalString } from '@kcp/apimachinery/schema/read';
import { validateLabelSelector } from '@kcp/apimachinery/selectors/label-selector-object';
import { childPath } from '@kcp/apimachinery/validation/field-path';
import { defaultRules, namedRulesErrors } from './rules.js';

export const MATCH_POLICIES = ['Equivalent', 'Exact'];
const SELECTORS = ['namespaceSelector', 'objectSelector'];

/** What webhooks and policies that say nothing about it match: all objects in all namespaces, whatever their version. */
export function defaultMatching(holder: JsonObject): void {
  holder.matchPolicy ??= 'Equivalent';
  for (const name of SELECTORS) holder[name] ??= {};
}

/** Defaults of `holder[name]`, the resources that a policy or a binding is about. */
export function defaultMatchResources(holder: JsonObject, name: string): void {
  const resources = readObject(holder, name);
  if (resources === undefined) return;
  defaultMatching(resources);
  defaultRules(resources, 'resourceRules');
  defaultRules(resources, 'excludeResourceRules');
}

/** Faults of the resources that a policy or a binding is about, defaults filled in. */
export function matchResourcesErrors(resources: JsonObject, field: string): FieldError[] {
  const policy = readOptionalString(resources, 'matchPolicy');
  return [
    ...choiceErrors(policy, MATCH_POLICIES, childPath(field, 'matchPolicy')),
    ...SELECTORS.flatMap((name) => {
      const selector = readObject(resources, name);
      const path = childPath(field, name);
      return selector === undefined ? [required(path)] : validateLabelSelector(selector, path);
    }),
    ...namedRulesErrors(resources, 'resourceRules', field),
    ...namedRulesErrors(resources, 'excludeResourceRules', field),
  ];
}

/** A value that must be there and one of a few. */
export function choiceErrors(value: string | undefined, choices: readonly string[], field: string): FieldError[] {
  if (value === undefined) return [required(field)];
  return choices.includes(value) ? [] : [notSupported(field, value, choices)];
}

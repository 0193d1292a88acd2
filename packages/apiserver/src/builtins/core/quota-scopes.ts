import { type FieldError, invalid, required } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readObject, readObjects, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { textEntries } from './data-entries.js';
import { isStandardQuotaResource } from './standard-resources.js';

const POD_COMPUTE = ['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'];
const POD_RESOURCES: ReadonlySet<string> = new Set(['pods', ...POD_COMPUTE]);
const ONLY_PODS: ReadonlySet<string> = new Set(['pods']);
const CLAIM_RESOURCES: ReadonlySet<string> = new Set(['persistentvolumeclaims', 'requests.storage']);

/** Scope → the standard resources it may be combined with. */
const SCOPES: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['Terminating', POD_RESOURCES],
  ['NotTerminating', POD_RESOURCES],
  ['NotBestEffort', POD_RESOURCES],
  ['PriorityClass', POD_RESOURCES],
  ['CrossNamespacePodAffinity', POD_RESOURCES],
  ['BestEffort', ONLY_PODS],
  ['VolumeAttributesClass', CLAIM_RESOURCES],
]);
const CONFLICTING = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
];
const EXISTS_ONLY = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity'];
const SELECTOR = 'spec.scopeSelector.matchExpressions';

/** Faults of `spec.scopes`. */
export function scopeErrors(spec: JsonObject): FieldError[] {
  const scopes = readStrings(spec, 'scopes');
  const refuse = (text: string): FieldError => invalid('spec.scopes', scopes, text);
  return [
    ...scopes.flatMap((scope) => [
      ...(SCOPES.has(scope) ? [] : [refuse('unsupported scope')]),
      ...misfits(spec, scope).map(() => refuse('unsupported scope applied to resource')),
    ]),
    ...conflicts(scopes).map(() => refuse('conflicting scopes')),
  ];
}

/** Faults of `spec.scopeSelector`. */
export function scopeSelectorErrors(spec: JsonObject): FieldError[] {
  const selector = readObject(spec, 'scopeSelector');
  if (selector === undefined) return [];
  const requirements = readObjects(selector, 'matchExpressions');
  const scopes = requirements.map((requirement) => readString(requirement, 'scopeName'));
  return [
    ...requirements.flatMap((requirement) => requirementErrors(spec, selector, requirement)),
    ...conflicts(scopes).map(() => invalid(SELECTOR, scopesOf(spec), 'conflicting scopes')),
  ];
}

/** Upstream shows the other scopes here, and none as null. */
function scopesOf(spec: JsonObject): string[] | null {
  const scopes = readStrings(spec, 'scopes');
  return scopes.length === 0 ? null : scopes;
}

/** How Go prints its own form of a selector. */
function dumpOf(selector: JsonObject): JsonObject {
  const requirements = readObjects(selector, 'matchExpressions').map((requirement) => {
    const values = readStrings(requirement, 'values');
    return {
      ScopeName: readString(requirement, 'scopeName'),
      Operator: readString(requirement, 'operator'),
      Values: values.length === 0 ? null : values,
    };
  });
  return { MatchExpressions: requirements };
}

function requirementErrors(spec: JsonObject, selector: JsonObject, requirement: JsonObject): FieldError[] {
  const [scope, operator] = [readString(requirement, 'scopeName'), readString(requirement, 'operator')];
  const errors = misfits(spec, scope).map(() =>
    invalid(SELECTOR, dumpOf(selector), 'unsupported scope applied to resource'),
  );
  if (!SCOPES.has(scope)) errors.unshift(invalid(`${SELECTOR}.scopeName`, scope, 'unsupported scope'));
  if (EXISTS_ONLY.includes(scope) && operator !== 'Exists') {
    const text =
      "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
    errors.push(invalid(`${SELECTOR}.operator`, operator, text));
  }
  return [...errors, ...operatorErrors(operator, readStrings(requirement, 'values'))];
}

function operatorErrors(operator: string, values: string[]): FieldError[] {
  if (operator === 'In' || operator === 'NotIn') {
    const text = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    return values.length === 0 ? [required(`${SELECTOR}.values`, text)] : [];
  }
  if (operator === 'Exists' || operator === 'DoesNotExist') {
    const text = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    return values.length > 0 ? [invalid(`${SELECTOR}.values`, values, text)] : [];
  }
  return [invalid(`${SELECTOR}.operator`, operator, 'not a valid selector operator')];
}

/** Standard resources that are limited although the scope says nothing about them. */
function misfits(spec: JsonObject, scope: string): string[] {
  const fitting = SCOPES.get(scope);
  if (fitting === undefined) return [];
  return textEntries(spec, 'hard')
    .map(([name]) => name)
    .filter((name) => isStandardQuotaResource(name) && !fitting.has(name));
}

function conflicts(scopes: readonly string[]): (readonly string[])[] {
  return CONFLICTING.filter((pair) => pair.every((scope) => scopes.includes(scope)));
}

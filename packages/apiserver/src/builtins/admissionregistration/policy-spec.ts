import { type FieldError, required } from '@kcp/apimachinery/errors/field-error';
import { deepEqual, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects, readOptionalString } from '@kcp/apimachinery/schema/read';
import type { Work } from '@kcp/apimachinery/turns/work';
import type { ExpressionChecker } from './expression-checker.js';
import { matchConditionsErrors } from './match-conditions.js';
import { choiceErrors, defaultMatchResources, matchResourcesErrors } from './match-resources.js';
import { paramKindErrors } from './param-kind.js';
import { FAILURE_POLICIES } from './webhook-errors.js';

const CONSTRAINTS = 'spec.matchConstraints';

export function specOf(object: KubeObject): JsonObject {
  return readObject(object, 'spec') ?? {};
}

/** Defaults that both kinds of policies have. */
export function defaultPolicy(policy: KubeObject): void {
  const spec = specOf(policy);
  spec.failurePolicy ??= 'Fail';
  policy.spec = spec;
  defaultMatchResources(spec, 'matchConstraints');
}

/** Whether the expressions of a policy may name `params`. */
export function hasParams(spec: JsonObject): boolean {
  return readObject(spec, 'paramKind') !== undefined;
}

/**
 * Faults of what both kinds of policies have before their variables; `own` judges the resources further. Conditions
 * that nobody touched are not judged again.
 */
export function* policyErrors(
  spec: JsonObject,
  old: JsonObject | undefined,
  checker: ExpressionChecker,
  own: (constraints: JsonObject, field: string) => FieldError[] = () => [],
): Work<FieldError[]> {
  const paramKind = readObject(spec, 'paramKind');
  const untouched =
    old !== undefined && ['paramKind', 'matchConditions'].every((name) => deepEqual(spec[name], old[name]));
  return [
    ...choiceErrors(readOptionalString(spec, 'failurePolicy'), FAILURE_POLICIES, 'spec.failurePolicy'),
    ...(paramKind === undefined ? [] : paramKindErrors(paramKind, 'spec.paramKind')),
    ...constraintsErrors(readObject(spec, 'matchConstraints'), own),
    ...(untouched ? [] : yield* matchConditionsErrors(spec, 'spec', checker, paramKind !== undefined)),
  ];
}

function constraintsErrors(
  constraints: JsonObject | undefined,
  own: (constraints: JsonObject, field: string) => FieldError[],
): FieldError[] {
  if (constraints === undefined) return [required(CONSTRAINTS)];
  const unruled = readObjects(constraints, 'resourceRules').length === 0;
  return [
    ...matchResourcesErrors(constraints, CONSTRAINTS),
    ...(unruled ? [required(`${CONSTRAINTS}.resourceRules`)] : []),
    ...own(constraints, CONSTRAINTS),
  ];
}

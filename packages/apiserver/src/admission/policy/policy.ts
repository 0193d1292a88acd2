import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { ExpressionEngine, ExpressionEnvironment, Expressions, Variable } from '../expression-engine.js';
import { type MatchResources, readMatchResources } from './match-resources.js';
import { ParamKind } from './params.js';

/** What validating and mutating policies have in common, compiled once per revision. */
export interface AdmissionPolicy {
  readonly name: string;
  readonly spec: JsonObject;
  readonly resources: MatchResources;
  readonly paramKind: ParamKind | undefined;
  /** A failure (not a refusal) is no reason to refuse the write. */
  readonly ignoresFailures: boolean;
  readonly conditions: Expressions | undefined;
  readonly environment: ExpressionEnvironment;
  /** Whether its expressions may name `params`. */
  readonly hasParams: boolean;
}

/** A binding puts a policy into force, for some resources, with some parameters. */
export interface PolicyBinding {
  readonly name: string;
  readonly policyName: string;
  /** Undefined binds everything that the policy matches. */
  readonly resources: MatchResources | undefined;
  readonly paramRef: JsonObject | undefined;
  readonly actions: readonly string[];
}

export function compilePolicy(object: KubeObject, engine: ExpressionEngine): AdmissionPolicy {
  const spec = readObject(object, 'spec') ?? {};
  const paramKind = readObject(spec, 'paramKind');
  const hasParams = paramKind !== undefined;
  const environment = engine.environment(readObjects(spec, 'variables').map(readVariable), hasParams);
  return {
    name: object.metadata.name ?? '',
    spec,
    resources: readMatchResources(readObject(spec, 'matchConstraints') ?? {}),
    paramKind: paramKind && new ParamKind(paramKind),
    ignoresFailures: readString(spec, 'failurePolicy') === 'Ignore',
    conditions: conditionsOf(spec, engine, hasParams),
    environment,
    hasParams,
  };
}

/** Conditions know no variables. */
function conditionsOf(spec: JsonObject, engine: ExpressionEngine, params: boolean): Expressions | undefined {
  const expressions = readObjects(spec, 'matchConditions').map((condition) => readString(condition, 'expression'));
  if (expressions.length === 0) return undefined;
  const site = { purpose: 'matchCondition', params, authorizer: true } as const;
  return engine.environment(undefined, params).compile(expressions, site);
}

function readVariable(variable: JsonObject): Variable {
  return { name: readString(variable, 'name'), expression: readString(variable, 'expression') };
}

export function compileBinding(object: KubeObject): PolicyBinding {
  const spec = readObject(object, 'spec') ?? {};
  const resources = readObject(spec, 'matchResources');
  const actions = spec.validationActions;
  return {
    name: object.metadata.name ?? '',
    policyName: readString(spec, 'policyName'),
    resources: resources && readMatchResources(resources),
    paramRef: readObject(spec, 'paramRef'),
    actions: Array.isArray(actions) ? actions.filter((action) => typeof action === 'string') : [],
  };
}

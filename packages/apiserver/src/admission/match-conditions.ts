import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { GroupVersionKind } from '@kcp/apimachinery/meta/resource';
import type { AdmissionAttributes } from './admission.js';

/** What CEL expressions of admission see: the write, and its objects in the version that is asked for. */
export interface ConditionInput {
  readonly attributes: AdmissionAttributes;
  readonly kind: GroupVersionKind;
  readonly object: JsonObject | undefined;
  readonly oldObject: JsonObject | undefined;
}

/** Whether all conditions hold; `error` when none is false and some could not be evaluated. */
export type ConditionResult = { readonly matches: boolean } | { readonly error: string };

/** The `matchConditions` of a webhook or policy, compiled once. */
export interface MatchConditions {
  matches(input: ConditionInput): ConditionResult;
}

/** For a server without an engine for expressions: failurePolicy decides. */
export const notEvaluated: CompileMatchConditions = () => ({
  matches: () => ({ error: 'this server does not evaluate match conditions' }),
});

/** Compiles `matchConditions` (name and expression each). What cannot be compiled is an error of every evaluation. */
export type CompileMatchConditions = (conditions: readonly JsonObject[]) => MatchConditions;

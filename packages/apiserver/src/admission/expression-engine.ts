import type { ExpressionSite } from '@kcp/apimachinery/cel/admission/expression-site';
import type { JsonObject, JsonValue } from '@kcp/apimachinery/json/value';
import type { AdmissionAttributes } from './admission.js';

/** What expressions of admission see. Nothing of it may be changed. */
export interface ExpressionInput {
  /** For the authorizer: whose rights it asks about, and where. */
  readonly attributes: AdmissionAttributes;
  /** In the version that was matched; undefined is null to expressions. */
  readonly object: JsonObject | undefined;
  readonly oldObject: JsonObject | undefined;
  readonly request: JsonObject;
  readonly params: JsonObject | undefined;
  readonly namespaceObject: JsonObject | undefined;
}

/** What one expression came to: JSON (an `Object` or `JSONPatch` of a mutation included), or why not. */
export type ExpressionOutcome = { readonly value: JsonValue } | { readonly error: string };

/** What a list of expressions came to, each by itself; or why none of them counts (their cost went beyond the budget). */
export type ExpressionsOutcome =
  | { readonly outcomes: readonly ExpressionOutcome[]; readonly remainingBudget: number }
  | { readonly failed: string };

/** Compiled expressions of one purpose, evaluated together: variables are evaluated at most once, when they are used. */
export interface Expressions {
  evaluate(input: ExpressionInput, budget: number): ExpressionsOutcome;
}

/** The environment of one policy, with its variables. */
export interface ExpressionEnvironment {
  /** Never throws: what does not compile is the outcome of its evaluation. An empty text has the value null. */
  compile(expressions: readonly string[], site: ExpressionSite): Expressions;
}

export interface Variable {
  readonly name: string;
  readonly expression: string;
}

/** Compiles and evaluates CEL; the server's engine comes in from outside, so that admission knows none. */
export interface ExpressionEngine {
  /** `variables` undefined where the word means nothing (webhooks). */
  environment(variables: readonly Variable[] | undefined, params: boolean): ExpressionEnvironment;
}

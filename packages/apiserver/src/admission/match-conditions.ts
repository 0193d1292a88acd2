import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readString } from '@kcp/apimachinery/schema/read';
import { CONDITIONS_COST_MAX } from '../limits.js';
import type { ExpressionEngine, ExpressionInput, Expressions } from './expression-engine.js';

/** Whether all conditions hold; `error` when none is false and some could not be evaluated. */
export type ConditionResult = { readonly matches: boolean } | { readonly error: string };

/** Compiles the `matchConditions` of a webhook; undefined when there are none. */
export function compileConditions(
  conditions: readonly JsonObject[],
  engine: ExpressionEngine,
): Expressions | undefined {
  if (conditions.length === 0) return undefined;
  const expressions = conditions.map((condition) => readString(condition, 'expression'));
  const site = { purpose: 'matchCondition', params: false, authorizer: true } as const;
  return engine.environment(undefined, false).compile(expressions, site);
}

/** One false condition decides, whatever the others came to. */
export function conditionsHold(conditions: Expressions | undefined, input: ExpressionInput): ConditionResult {
  if (conditions === undefined) return { matches: true };
  const result = conditions.evaluate(input, CONDITIONS_COST_MAX);
  if ('failed' in result) return { error: result.failed };
  const errors: string[] = [];
  for (const outcome of result.outcomes) {
    if ('error' in outcome) errors.push(outcome.error);
    else if (outcome.value === false) return { matches: false };
  }
  return errors.length === 0 ? { matches: true } : { error: aggregate(errors) };
}

/** Several errors in one text, each once, as Go's aggregates print them. */
function aggregate(errors: readonly string[]): string {
  const texts = [...new Set(errors)];
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
}

import type { JsonValue } from '@kcp/apimachinery/json/value';
import { POLICY_COST_MAX, POLICY_MESSAGE_BYTES_MAX } from '../../limits.js';
import type { ExpressionInput, ExpressionOutcome, ExpressionsOutcome } from '../expression-engine.js';
import { conditionsHold } from '../match-conditions.js';
import type { ValidatingPolicy, Validation } from './validating-policy.js';

/** A validation that does not hold, or could not be evaluated under a policy that fails then. */
export interface Violation {
  /** Place among the policy's validations. */
  readonly index: number;
  readonly message: string;
  /** Empty for Invalid. */
  readonly reason: string;
}

/** What a policy makes of a write for one set of parameters. */
export interface Judgement {
  readonly violations: readonly Violation[];
  readonly auditAnnotations: readonly (readonly [key: string, value: string])[];
  /** Annotations that could not be made, which refuse the write whatever the binding's actions are. */
  readonly auditErrors: readonly string[];
}

const NOTHING: Judgement = { violations: [], auditAnnotations: [], auditErrors: [] };

/** Evaluates a policy whose resources and binding match. */
export function judge(policy: ValidatingPolicy, input: ExpressionInput): Judgement {
  const condition = conditionsHold(policy.conditions, input);
  if ('error' in condition) return failed(policy, condition.error);
  if (!condition.matches) return NOTHING;
  const results = policy.conditionsOfValidity.evaluate(input, POLICY_COST_MAX);
  if ('failed' in results) return failed(policy, results.failed);
  const messages = policy.messages.evaluate(input, results.remainingBudget);
  const violations = policy.validations.flatMap((validation, index) => {
    const outcome = results.outcomes[index];
    const violation = outcome && violationOf(policy, validation, outcome, messages, index);
    return violation === undefined ? [] : [violation];
  });
  return { violations, ...auditOf(policy, input) };
}

function failed({ ignoresFailures }: ValidatingPolicy, message: string): Judgement {
  return ignoresFailures ? NOTHING : { ...NOTHING, violations: [{ index: 0, message, reason: '' }] };
}

function violationOf(
  { ignoresFailures }: ValidatingPolicy,
  validation: Validation,
  outcome: ExpressionOutcome,
  messages: ExpressionsOutcome,
  index: number,
): Violation | undefined {
  if ('error' in outcome || 'failed' in messages) {
    if (ignoresFailures) return undefined;
    const why = 'failed' in messages ? `failed messageExpression: ${messages.failed}` : '';
    return { index, message: 'error' in outcome ? outcome.error : why, reason: '' };
  }
  if (outcome.value === true) return undefined;
  return { index, message: messageOf(validation, messages.outcomes[index]), reason: validation.reason };
}

/** What the expression makes, if that is one short line; else the message of the validation; else its expression. */
function messageOf({ message, expression }: Validation, made: ExpressionOutcome | undefined): string {
  const text = made !== undefined && 'value' in made && typeof made.value === 'string' ? made.value.trim() : '';
  const usable = Buffer.byteLength(text) <= POLICY_MESSAGE_BYTES_MAX && !text.includes('\n');
  return (usable ? text : '') || message.trim() || `failed expression: ${expression.trim()}`;
}

function auditOf(policy: ValidatingPolicy, input: ExpressionInput): Omit<Judgement, 'violations'> {
  const results = policy.auditValues.evaluate(input, POLICY_COST_MAX);
  const auditErrors: string[] = [];
  const auditAnnotations: [string, string][] = [];
  if ('failed' in results) return { auditAnnotations, auditErrors: policy.ignoresFailures ? [] : [results.failed] };
  for (const [i, outcome] of results.outcomes.entries()) {
    if ('error' in outcome) {
      if (!policy.ignoresFailures) auditErrors.push(outcome.error);
    } else if (typeof outcome.value === 'string') {
      const value = outcome.value.trim();
      if (value !== '') auditAnnotations.push([policy.auditKeys[i] ?? '', value]);
    } else if (outcome.value !== null) auditErrors.push(wrongType(policy.auditExpressions[i] ?? '', outcome.value));
  }
  return { auditAnnotations, auditErrors };
}

function wrongType(expression: string, value: JsonValue): string {
  const type = typeof value === 'boolean' ? 'bool' : typeof value === 'number' ? 'int' : typeof value;
  return `valueExpression '${expression}' resulted in unsupported return type: ${type}. Return type must be either string or null.`;
}

import { testUpstreamCases } from '../testing/upstream-cases.js';
import type { ExpressionChecker } from './expression-checker.js';
import { mutatingPolicies } from './mutating-policies.js';
import { MUTATING_POLICY_BINDINGS, VALIDATING_POLICY_BINDINGS } from './policy-bindings.js';
import { validatingPolicies } from './validating-policies.js';
import { webhookConfigurations } from './webhook-configurations.js';

const recorded = new URL('../../../src/builtins/admissionregistration/data/recorded.json', import.meta.url);

/** Takes every expression: those that were recorded are well-formed. */
const ANY_EXPRESSION: ExpressionChecker = {
  scope: () => ({ check: () => undefined, declare: () => undefined }),
};
const [MUTATING, VALIDATING] = webhookConfigurations(ANY_EXPRESSION);

testUpstreamCases(recorded, {
  ...(MUTATING && VALIDATING ? { mwc: MUTATING, vwc: VALIDATING } : {}),
  vap: validatingPolicies(ANY_EXPRESSION),
  map: mutatingPolicies(ANY_EXPRESSION),
  vapb: VALIDATING_POLICY_BINDINGS,
  mapb: MUTATING_POLICY_BINDINGS,
});

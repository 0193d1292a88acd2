import { maxCardinality } from '../cel/schema/declared-type.js';
import { type FieldError, forbidden, internalFieldError, invalid } from '../errors/field-error.js';
import { type CompiledRule, rulesCompilation } from '../rules/compile-rules.js';
import { ruleDump } from '../rules/rule.js';
import type { Work } from '../turns/work.js';
import { childPath, indexPath } from '../validation/field-path.js';
import type { RuleContext } from './rule-context.js';
import { costText, EXPRESSION_COST_MAX, multiplyCosts } from './rule-cost.js';

export interface RuleLimits {
  /** Why `oldSelf` may not be used here: the path of a list or map whose parts correspond to nothing after a change. */
  readonly uncorrelated: string | undefined;
  /** The schema was stored like that before, so expressions that are too expensive by themselves may stay. */
  readonly anyCost: boolean;
}

const RULES = 'x-kubernetes-validations';

/** Compiles the rules of one place and says what is wrong with them, and what they cost. `field` is the schema's path. */
export function* validateRules(context: RuleContext, field: string, limits: RuleLimits): Work<FieldError[]> {
  const at = childPath(field, RULES);
  const declared = context.declared();
  const compiled = declared && (yield* rulesCompilation(context.node, context.node, context.isResource));
  if (declared === undefined || compiled === undefined) {
    const why = 'unable to convert structural schema to CEL declarations';
    const text = `internal error: failed to construct type information for ${RULES} rules: ${why}`;
    return [internalFieldError(at, text)];
  }
  const times = context.cardinality ?? maxCardinality(declared.minSize);
  const errors: FieldError[] = [];
  for (const [index, rule] of compiled.entries()) {
    yield;
    errors.push(...ruleErrors(rule, context, times, indexPath(at, index), limits));
  }
  return errors;
}

function ruleErrors(
  compiled: CompiledRule,
  context: RuleContext,
  times: number,
  field: string,
  limits: RuleLimits,
): FieldError[] {
  const { rule, program, fault, message, messageFault } = compiled;
  const at = childPath(field, 'rule');
  const cost = multiplyCosts(program?.estimate.max ?? 0, times);
  const errors = costErrors(context, at, 'estimated rule cost', cost, limits);
  if (fault !== undefined) errors.push(invalid(at, ruleDump(rule), fault));
  const messageAt = childPath(field, 'messageExpression');
  if (messageFault !== undefined) errors.push(invalid(messageAt, ruleDump(rule), messageFault));
  else if (message !== undefined) {
    errors.push(...costErrors(context, messageAt, 'estimated messageExpression cost', message.estimate.max, limits));
  }
  return [...errors, ...oldSelfErrors(compiled, field, limits)];
}

function costErrors(
  { total }: RuleContext,
  field: string,
  what: string,
  cost: number,
  { anyCost }: RuleLimits,
): FieldError[] {
  total.add(field, cost);
  if (anyCost || cost <= EXPRESSION_COST_MAX) return [];
  return [forbidden(field, costText(what, cost, EXPRESSION_COST_MAX))];
}

function oldSelfErrors({ rule, usesOldSelf }: CompiledRule, field: string, { uncorrelated }: RuleLimits): FieldError[] {
  if (!usesOldSelf) {
    if (rule.optionalOldSelf === undefined) return [];
    const text = 'may not be set if oldSelf is not used in rule';
    return [invalid(childPath(field, 'optionalOldSelf'), rule.optionalOldSelf, text)];
  }
  if (uncorrelated === undefined) return [];
  const text = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`;
  return [invalid(childPath(field, 'rule'), rule.rule, text)];
}

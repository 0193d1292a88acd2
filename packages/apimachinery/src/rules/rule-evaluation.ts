import type { Bindings, Program } from '../cel/program.js';
import { adapterOf } from '../cel/schema/adapter.js';
import { CelError } from '../cel/values/cel-error.js';
import { CelOptional, type CelValue, NONE } from '../cel/values/value.js';
import { goQuote } from '../errors/go-quote.js';
import type { JsonValue } from '../json/value.js';
import type { CompiledRule } from './compile-rules.js';
import { ruleText } from './rule.js';
import { OUT_OF_BUDGET } from './rule-errors.js';
import type { RuleTree } from './rule-tree.js';

/** Longest text of a message expression, in bytes. */
export const MESSAGE_BYTES_MAX = 5 * 1024;

/** What the rules of one value are given. */
export interface RuleBindings {
  readonly plain: Bindings;
  /** `oldSelf` as an optional value. */
  readonly optional: Bindings;
}

/** The value and the one before it, adapted when a rule asks for them. */
export function bindingsOf(
  { node, isResource, rules }: RuleTree,
  value: JsonValue,
  old: JsonValue | undefined,
): RuleBindings {
  const adapt = adapterOf(node, isResource);
  const self = adapt(value);
  if (!rules.some(({ usesOldSelf }) => usesOldSelf)) return { plain: { self }, optional: { self } };
  const oldSelf: CelValue | undefined = old === undefined ? undefined : adapt(old);
  return {
    plain: oldSelf === undefined ? { self } : { self, oldSelf },
    optional: { self, oldSelf: oldSelf === undefined ? NONE : new CelOptional(oldSelf) },
  };
}

export type RuleVerdict =
  | { readonly kind: 'kept' | 'broken'; readonly cost: number }
  | { readonly kind: 'failed'; readonly cost: number; readonly detail: string }
  /** No further rule may run. */
  | { readonly kind: 'over'; readonly detail: string };

export function evaluateRule(
  { rule }: CompiledRule,
  program: Program,
  bindings: RuleBindings,
  left: number,
): RuleVerdict {
  const given = rule.optionalOldSelf === true ? bindings.optional : bindings.plain;
  const { value, cost, exceeded } = program.evaluate(given);
  if (cost > left) return { kind: 'over', detail: OUT_OF_BUDGET };
  if (!(value instanceof CelError)) return { kind: value === true ? 'kept' : 'broken', cost };
  const { message } = value;
  const text = ruleText(rule);
  if (exceeded) {
    const why = 'no further validation rules will be run due to call cost exceeds limit for rule';
    return { kind: 'over', detail: `'${message}': ${why}: ${text}` };
  }
  if (message.startsWith('no such overload')) {
    const why = 'call arguments did not match a supported operator, function or macro signature for rule';
    return { kind: 'failed', cost, detail: `'${message}': ${why}: ${text}` };
  }
  return { kind: 'failed', cost, detail: `${message} evaluating rule: ${text}` };
}

export type RuleMessage =
  | { readonly kind: 'done'; readonly cost: number; readonly text: string | undefined }
  | { readonly kind: 'over'; readonly detail: string };

/** What the message expression of a broken rule says; no text when there is none or it does not work. */
export function evaluateMessage({ rule, message }: CompiledRule, bindings: RuleBindings, left: number): RuleMessage {
  if (message === undefined) return { kind: 'done', cost: 0, text: undefined };
  const { value, cost, exceeded } = message.evaluate(bindings.plain);
  if (cost > left) {
    const why = 'messageExpression evaluation failed due to running out of cost budget';
    return { kind: 'over', detail: `${why}, no further validation rules will be run` };
  }
  if (exceeded) {
    const why = 'no further validation rules will be run due to call cost exceeds limit for messageExpression';
    return { kind: 'over', detail: `${why}: ${goQuote(rule.messageExpression)}` };
  }
  return { kind: 'done', cost, text: typeof value === 'string' ? usable(value.trim()) : undefined };
}

function usable(text: string): string | undefined {
  return text === '' || text.includes('\n') || Buffer.byteLength(text) > MESSAGE_BYTES_MAX ? undefined : text;
}

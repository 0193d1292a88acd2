import { CEL_COST_PER_OBJECT } from '../cel/limits.js';
import { type FieldError, fieldErrorText } from '../errors/field-error.js';
import { getOwn, isObject, type JsonArray, type JsonObject, type JsonValue } from '../json/value.js';
import { Correlation } from '../schema/correlation.js';
import { keyedItems } from '../schema/keyed-items.js';
import type { SchemaNode } from '../schema/node.js';
import { isRestDue, type Work } from '../turns/work.js';
import { childPath, indexPath, keyPath } from '../validation/field-path.js';
import type { CompiledRule } from './compile-rules.js';
import { Ratchet } from './ratchet.js';
import { ruleText } from './rule.js';
import { brokenRule, OUT_OF_BUDGET, ruleFault, typeNameOf } from './rule-errors.js';
import { bindingsOf, evaluateMessage, evaluateRule, type RuleBindings } from './rule-evaluation.js';
import { type RuleTree, ruleTreeCompilation } from './rule-tree.js';

export interface RuleOptions {
  /** Path of the value in errors; empty for a whole object. */
  readonly base?: string;
  /** What was stored before; undefined at a creation. */
  readonly old?: JsonValue | undefined;
  /** Failures of values that have not changed are only warnings; hears them. Without it they are failures. */
  readonly warn?: ((text: string) => void) | undefined;
  /** Cost units that all evaluations together may have. */
  readonly budget?: number;
}

export interface RuleOutcome {
  readonly errors: FieldError[];
  /** What is left of the budget; negative when it was used up and some rules were not run. */
  readonly left: number;
}

/**
 * Runs the rules (`x-kubernetes-validations`) of a schema on a value, with upstream's texts. The value must have the
 * shape that the schema says. `isResource`: it is a whole object.
 */
export function* runningRules(
  schema: SchemaNode,
  isResource: boolean,
  value: JsonValue,
  options: RuleOptions = {},
): Work<RuleOutcome> {
  const { base = '', old, warn, budget = CEL_COST_PER_OBJECT } = options;
  const tree = yield* ruleTreeCompilation(schema, isResource);
  if (tree === 'none') return { errors: [], left: budget };
  const run = new RuleRun(budget, warn);
  const ratchet =
    warn === undefined || old === undefined ? Ratchet.NONE : Ratchet.of(new Correlation(schema, value, old));
  yield* run.visit(tree, value, old, base, ratchet);
  return { errors: run.errors, left: run.left };
}

/** An evaluation that costs more takes long enough to rest after it. */
const LONG_COST = 10_000;

class RuleRun {
  readonly errors: FieldError[] = [];
  left: number;
  readonly #warn: ((text: string) => void) | undefined;

  constructor(budget: number, warn: ((text: string) => void) | undefined) {
    this.left = budget;
    this.#warn = warn;
  }

  *visit(tree: RuleTree, value: JsonValue, old: JsonValue | undefined, path: string, ratchet: Ratchet): Work<void> {
    if (value === null || this.left < 0) return;
    if (isRestDue()) yield;
    yield* this.#runAll(tree, value, old ?? undefined, path, ratchet);
    for (const also of tree.allOf) {
      if (this.left < 0) return;
      yield* this.visit(also, value, old, path, ratchet.uncorrelated());
    }
    if (this.left < 0) return;
    if (Array.isArray(value)) yield* this.#list(tree, value, Array.isArray(old) ? old : [], path, ratchet);
    else if (isObject(value)) yield* this.#object(tree, value, isObject(old) ? old : {}, path, ratchet);
  }

  *#list(tree: RuleTree, items: JsonArray, old: JsonArray, path: string, ratchet: Ratchet): Work<void> {
    if (tree.items === undefined) return;
    const before = tree.node.listType === 'map' ? keyedItems(tree.node, old) : () => undefined;
    for (const [index, item] of items.entries()) {
      yield* this.visit(tree.items, item, before(item), indexPath(path, index), ratchet.element(index));
      if (this.left < 0) return;
    }
  }

  *#object(tree: RuleTree, object: JsonObject, old: JsonObject, path: string, ratchet: Ratchet): Work<void> {
    for (const part of ['additional', 'properties'] as const) {
      for (const name of Object.keys(object)) {
        const value = object[name];
        const inner = part === 'additional' ? tree.additional : tree.properties.get(name);
        if (value === undefined || inner === undefined) continue;
        const at = part === 'additional' ? keyPath(path, name) : childPath(path, name);
        yield* this.visit(inner, value, getOwn(old, name), at, ratchet.member(name));
        if (this.left < 0) return;
      }
    }
  }

  *#runAll(tree: RuleTree, value: JsonValue, old: JsonValue | undefined, path: string, ratchet: Ratchet): Work<void> {
    if (tree.unreachable) {
      const why = 'rule compiler initialization error: failed to convert to declType for CEL validation rules';
      this.errors.push(ruleFault(path, tree.node, why));
      return;
    }
    if (tree.rules.length === 0) return;
    if (this.left <= 0) {
      this.#giveUp(path, tree.node, OUT_OF_BUDGET);
      return;
    }
    const bindings = bindingsOf(tree, value, old);
    for (const compiled of tree.rules) {
      const before = this.left;
      if (before < 0) return;
      this.#run(tree, compiled, bindings, value, old === undefined, path, ratchet);
      if (before - this.left > LONG_COST || isRestDue()) yield;
    }
  }

  #run(
    { node }: RuleTree,
    compiled: CompiledRule,
    bindings: RuleBindings,
    value: JsonValue,
    isNew: boolean,
    path: string,
    ratchet: Ratchet,
  ): void {
    const { rule, fault, program, usesOldSelf } = compiled;
    if (fault !== undefined) this.errors.push(ruleFault(path, node, `rule compile error: ${fault}`));
    if (program === undefined || (usesOldSelf && isNew && rule.optionalOldSelf !== true)) return;
    const outcome = evaluateRule(compiled, program, bindings, this.left);
    if (outcome.kind === 'over') {
      this.#giveUp(path, node, outcome.detail);
      return;
    }
    this.left -= outcome.cost;
    if (outcome.kind === 'failed') this.errors.push(ruleFault(path, node, outcome.detail));
    if (outcome.kind === 'broken') this.#report(node, compiled, bindings, value, path, ratchet);
  }

  #report(
    node: SchemaNode,
    compiled: CompiledRule,
    bindings: RuleBindings,
    value: JsonValue,
    path: string,
    ratchet: Ratchet,
  ): void {
    const field = compiled.field === '' ? path : childPath(path, compiled.field);
    const forgiven = !compiled.usesOldSelf && ratchet.forgives();
    const add = (error: FieldError): void => {
      if (forgiven) this.#warn?.(fieldErrorText(error));
      else this.errors.push(error);
    };
    const message = evaluateMessage(compiled, bindings, this.left);
    if (message.kind === 'over') {
      add(ruleFault(field, node, message.detail));
      this.left = -1;
      return;
    }
    this.left -= message.cost;
    const { rule } = compiled;
    const detail = message.text ?? (rule.message === '' ? `failed rule: ${ruleText(rule)}` : rule.message.trim());
    const whole = ['object', 'array'].includes(typeNameOf(node));
    add(brokenRule(field, whole ? undefined : value, detail, rule.reason));
  }

  #giveUp(path: string, node: SchemaNode, detail: string): void {
    this.errors.push(ruleFault(path, node, detail));
    this.left = -1;
  }
}

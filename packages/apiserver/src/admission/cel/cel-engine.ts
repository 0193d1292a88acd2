import { CelScope, type CompiledExpression } from '@kcp/apimachinery/cel/admission/expression-scope';
import type { ExpressionSite } from '@kcp/apimachinery/cel/admission/expression-site';
import { misnamedTypes } from '@kcp/apimachinery/cel/library/kubernetes/mutation-types';
import type { Bindings } from '@kcp/apimachinery/cel/program';
import { adaptAny } from '@kcp/apimachinery/cel/schema/adapter';
import { toJson } from '@kcp/apimachinery/cel/schema/to-json';
import { CelError } from '@kcp/apimachinery/cel/values/cel-error';
import type { CelValue } from '@kcp/apimachinery/cel/values/value';
import type { Authorizer } from '../../authz/authorizer.js';
import type {
  ExpressionEngine,
  ExpressionEnvironment,
  ExpressionInput,
  ExpressionOutcome,
  Expressions,
  ExpressionsOutcome,
  Variable,
} from '../expression-engine.js';
import { boundAuthorizer, boundRequestResource } from './bound-authorizer.js';
import { BoundVariables } from './bound-variables.js';

const OUT_OF_BUDGET = 'validation failed due to running out of cost budget, no further validation rules will be run';

/** Evaluates the expressions of admission with CEL, as upstream's `plugin/cel` does. */
export function celEngine(authorizer: Authorizer): ExpressionEngine {
  return {
    environment(variables, params): ExpressionEnvironment {
      const environment = new CelEnvironment(authorizer, variables, params);
      return { compile: (expressions, site) => environment.compile(expressions, site) };
    },
  };
}

interface Compiled {
  readonly expression: string;
  readonly compiled: CompiledExpression;
}

/** The expressions of one policy, compiled once and evaluated for every write that it matches. */
class CelEnvironment {
  readonly #authorizer: Authorizer;
  readonly #scope: CelScope;
  readonly #variables = new Map<string, CompiledExpression>();

  constructor(authorizer: Authorizer, variables: readonly Variable[] | undefined, params: boolean) {
    this.#authorizer = authorizer;
    this.#scope = new CelScope(variables !== undefined);
    for (const { name, expression } of variables ?? []) {
      const site = { purpose: 'variable', params, authorizer: true } as const;
      this.#variables.set(name, this.#scope.declare(name, expression, site));
    }
  }

  compile(expressions: readonly string[], site: ExpressionSite): Expressions {
    const all = expressions.map(
      (expression): Compiled => ({
        expression,
        compiled: this.#scope.compile(expression, site),
      }),
    );
    const isObject = site.purpose === 'applyConfiguration';
    return { evaluate: (input, budget) => this.#evaluate(all, isObject, input, budget) };
  }

  #evaluate(
    all: readonly Compiled[],
    makesObject: boolean,
    input: ExpressionInput,
    budget: number,
  ): ExpressionsOutcome {
    const { bindings, variables } = this.#bind(input);
    const outcomes: ExpressionOutcome[] = [];
    let remainingBudget = budget;
    for (const { expression, compiled } of all) {
      if (expression === '') {
        outcomes.push({ value: null });
        continue;
      }
      if ('fault' in compiled) {
        outcomes.push({ error: `compilation error: ${compiled.fault}` });
        continue;
      }
      const { value, cost } = compiled.program.evaluate(bindings);
      remainingBudget -= cost + variables.takeCost();
      if (remainingBudget < 0) return { failed: OUT_OF_BUDGET };
      outcomes.push(outcomeOf(expression, value, makesObject));
    }
    return { outcomes, remainingBudget };
  }

  #bind(input: ExpressionInput): { readonly bindings: Bindings; readonly variables: BoundVariables } {
    const known = new Map<string, CelValue>();
    const bindings = (name: string): CelValue | undefined => {
      if (name === 'variables') return variables;
      let value = known.get(name);
      if (value === undefined) {
        value = this.#inputValue(input, name);
        if (value !== undefined) known.set(name, value);
      }
      return value;
    };
    const variables = new BoundVariables(this.#variables, bindings);
    return { bindings, variables };
  }

  #inputValue(input: ExpressionInput, name: string): CelValue | undefined {
    switch (name) {
      case 'object':
      case 'oldObject':
      case 'params':
      case 'namespaceObject':
        return adaptAny(input[name] ?? null);
      case 'request':
        return adaptAny(input.request);
      case 'authorizer':
        return boundAuthorizer(this.#authorizer, input.attributes);
      case 'authorizer.requestResource':
        return boundRequestResource(this.#authorizer, input.attributes);
      default:
        return undefined;
    }
  }
}

function outcomeOf(expression: string, value: CelValue, makesObject: boolean): ExpressionOutcome {
  if (value instanceof CelError) return failure(expression, value.message);
  const misnamed = makesObject ? misnamedTypes(value) : [];
  if (misnamed.length > 0) return { error: `type mismatch: ${misnamed.join('\n')}` };
  const json = toJson(value);
  return json === undefined ? failure(expression, 'the result is no JSON') : { value: json };
}

function failure(expression: string, why: string): ExpressionOutcome {
  return { error: `expression '${expression}' resulted in error: ${why}` };
}

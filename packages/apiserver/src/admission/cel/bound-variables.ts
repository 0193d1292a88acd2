import type { CompiledExpression } from '@kcp/apimachinery/cel/admission/expression-scope';
import type { Bindings } from '@kcp/apimachinery/cel/program';
import { CelError } from '@kcp/apimachinery/cel/values/cel-error';
import { CelMap, type CelValue } from '@kcp/apimachinery/cel/values/value';
import { goQuote } from '@kcp/apimachinery/errors/go-quote';

/** The variables of a policy for one input: each is evaluated when it is first asked for, and only then. */
export class BoundVariables extends CelMap {
  readonly #compiled: ReadonlyMap<string, CompiledExpression>;
  readonly #bindings: Bindings;
  readonly #values = new Map<string, CelValue>();
  #cost = 0;

  constructor(compiled: ReadonlyMap<string, CompiledExpression>, bindings: Bindings) {
    super();
    this.#compiled = compiled;
    this.#bindings = bindings;
  }

  get size(): number {
    return this.#compiled.size;
  }

  get(key: CelValue): CelValue | undefined {
    if (typeof key !== 'string') return undefined;
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const compiled = this.#compiled.get(key);
    if (compiled === undefined) return undefined;
    const value = this.#evaluate(key, compiled);
    this.#values.set(key, value);
    return value;
  }

  keys(): readonly CelValue[] {
    return [...this.#compiled.keys()];
  }

  /** The cost of what was evaluated since it was asked for the last time. */
  takeCost(): number {
    const cost = this.#cost;
    this.#cost = 0;
    return cost;
  }

  #evaluate(name: string, compiled: CompiledExpression): CelValue {
    const which = `composited variable ${goQuote(name)}`;
    if ('fault' in compiled) return new CelError(`${which} fails to compile: ${compiled.fault}`);
    const { value, cost } = compiled.program.evaluate(this.#bindings);
    this.#cost += cost;
    return value instanceof CelError ? new CelError(`${which} fails to evaluate: ${value.message}`) : value;
  }
}

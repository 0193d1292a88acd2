import { type FieldError, forbidden } from '../errors/field-error.js';

/** Most that one expression may cost, times the most values that it may have to judge. */
export const EXPRESSION_COST_MAX = 10_000_000;
/** Most that all expressions of a schema may cost together. */
export const SCHEMA_COST_MAX = 100_000_000;
/** Where Go's sums and products of costs stop. */
const COST_MAX = 2 ** 64;
/** Expressions that are named when all together are too expensive. */
const EXPENSIVE_MAX = 4;

/** Product that stops where Go's does. */
export function multiplyCosts(a: number, b: number): number {
  return Math.min(a * b, COST_MAX);
}

/** Adds up the estimated costs of all expressions of one schema. */
export class SchemaCost {
  #total = 0;
  #expensive: { readonly field: string; readonly cost: number }[] = [];

  add(field: string, cost: number): void {
    this.#total = Math.min(this.#total + cost, COST_MAX);
    // What is below one percent is never to blame.
    if (cost < SCHEMA_COST_MAX / 100) return;
    this.#expensive = [...this.#expensive, { field, cost }].sort((a, b) => b.cost - a.cost).slice(0, EXPENSIVE_MAX);
  }

  /** `field` is the path of the schema. */
  errors(field: string): FieldError[] {
    if (this.#total <= SCHEMA_COST_MAX) return [];
    const text = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
    const what = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
    return [
      ...this.#expensive.map((expensive) => forbidden(expensive.field, text)),
      forbidden(field, costText(what, this.#total, SCHEMA_COST_MAX)),
    ];
  }
}

export function costText(what: string, cost: number, limit: number): string {
  const advice =
    'try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared';
  return `${what} exceeds budget by factor of ${factorText(cost / limit)} (${advice})`;
}

function factorText(factor: number): string {
  if (factor > 100) return 'more than 100x';
  return factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
}

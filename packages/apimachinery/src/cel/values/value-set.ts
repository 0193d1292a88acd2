import { CEL_COST_PER_CALL } from '../limits.js';
import { CostExceeded } from './cost-exceeded.js';
import { numeric } from './equal.js';
import type { CelValue } from './value.js';

type Equal = (a: CelValue, b: CelValue) => boolean;

/** Values of which each is there once, found without looking at all of them where they are scalars. */
export class ValueSet {
  readonly items: CelValue[] = [];
  readonly #equal: Equal;
  readonly #byText = new Map<string, CelValue[]>();
  #comparisons = 0;

  constructor(values: Iterable<CelValue>, equal: Equal) {
    this.#equal = equal;
    for (const value of values) this.#put(value);
  }

  /** `likely`: the place where it stands if nothing moved. Throws CostExceeded rather than compare without end. */
  has(value: CelValue, likely = -1): boolean {
    const there = this.items[likely];
    if (there !== undefined && this.#equal(there, value)) return true;
    return (this.#byText.get(textOf(value)) ?? []).some((one) => {
      if (++this.#comparisons > CEL_COST_PER_CALL) throw new CostExceeded();
      return this.#equal(one, value);
    });
  }

  add(value: CelValue): void {
    if (!this.has(value)) this.#put(value);
  }

  #put(value: CelValue): void {
    const text = textOf(value);
    const same = this.#byText.get(text);
    if (same === undefined) this.#byText.set(text, [value]);
    else same.push(value);
    this.items.push(value);
  }
}

/** The same for equal values; that of most scalars is theirs alone. */
function textOf(value: CelValue): string {
  if (typeof value === 'string') return `"${value}`;
  if (value === null || typeof value === 'boolean') return String(value);
  const number = numeric(value);
  return number === undefined ? 'other' : String(Number(number));
}

import { Recent } from '@kcp/apimachinery/recent/recent';
import type { Clock } from '../clock.js';

/** A bounded memory whose entries count for a while only. */
export class Expiring<V> {
  readonly #entries: Recent<string, { readonly value: V; readonly until: number }>;
  readonly #clock: Clock;

  constructor(max: number, clock: Clock) {
    this.#entries = new Recent(max);
    this.#clock = clock;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (this.#clock.now() < entry.until) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, value: V, ms: number): void {
    this.#entries.set(key, { value, until: this.#clock.now() + ms });
  }
}

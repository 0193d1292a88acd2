import type { MemoSlot } from '../cache.js';

/** Makes the name under which a value is kept with objects or events; one per purpose, made once at module level. */
export function newMemoSlot<T>(name: string): MemoSlot<T> {
  return { name };
}

/** Values computed once. Slots are compared by identity, so two purposes never meet. */
export class MemoTable {
  readonly #values = new Map<object, unknown>();

  get<T>(slot: MemoSlot<T>, compute: () => T): T {
    // The slot ties the type: what is found under it was computed for it.
    if (this.#values.has(slot)) return this.#values.get(slot) as T;
    const value = compute();
    this.#values.set(slot, value);
    return value;
  }
}

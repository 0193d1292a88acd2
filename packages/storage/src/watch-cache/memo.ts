import type { MemoSlot } from '../cache.js';

/** Makes the name under which a value is kept with objects or events; one per purpose, made once at module level. */
export function newMemoSlot<T>(name: string): MemoSlot<T> {
  return { name };
}

/** Values computed once. Slots are compared by identity, so two purposes never meet. */
export class MemoTable {
  readonly #values = new Map<MemoSlot<never>, unknown>();

  get<T>(slot: MemoSlot<T>, compute: () => T): T {
    const key = slot as MemoSlot<never>;
    // The slot ties the type: what is found under it was computed for it.
    if (this.#values.has(key)) return this.#values.get(key) as T;
    const value = compute();
    this.#values.set(key, value);
    return value;
  }
}

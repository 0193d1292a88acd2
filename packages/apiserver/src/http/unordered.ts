/** One that lies in an `Unordered`, and knows where. */
export interface Placed {
  /** Belongs to the collection. */
  place: number;
}

/**
 * What is open at present, in no order; adding and removing cost nothing. A Set would do but for the collector: each time
 * its table is replaced, the old one goes on naming the new one and what it held. Once such a table is old, everything that
 * comes after lives until the next full collection.
 */
export class Unordered<T extends Placed> {
  readonly #all: T[] = [];

  get size(): number {
    return this.#all.length;
  }

  add(one: T): void {
    one.place = this.#all.length;
    this.#all.push(one);
  }

  /** Nothing happens to one that is not there any more. */
  remove(one: T): void {
    if (this.#all[one.place] !== one) return;
    const last = this.#all.pop();
    if (last === undefined || last === one) return;
    this.#all[one.place] = last;
    last.place = one.place;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#all[Symbol.iterator]();
  }
}

import type { Correlation } from '../schema/correlation.js';

/**
 * Tells whether what is wrong with a value may pass because the value was stored like that before: the value itself, or
 * where nothing corresponds to it the nearest one around it, must be unchanged.
 */
export class Ratchet {
  static readonly NONE = new Ratchet(undefined, undefined);
  readonly #own: Correlation | undefined;
  readonly #around: Correlation | undefined;

  private constructor(own: Correlation | undefined, around: Correlation | undefined) {
    this.#own = own;
    this.#around = around;
  }

  static of(whole: Correlation): Ratchet {
    return new Ratchet(whole, undefined);
  }

  forgives(): boolean {
    return (this.#own ?? this.#around)?.unchanged() === true;
  }

  /** For what is said of the value elsewhere (`allOf`): only what is around it counts. */
  uncorrelated(): Ratchet {
    return this.#own === undefined ? this : new Ratchet(undefined, this.#around);
  }

  member(name: string): Ratchet {
    if (this.#own === undefined) return this;
    // Of a whole object these never change, as both are shown in the same version.
    if (this.#around === undefined && (name === 'apiVersion' || name === 'kind')) return Ratchet.NONE;
    return new Ratchet(this.#own.member(name), this.#own);
  }

  element(index: number): Ratchet {
    return this.#own === undefined ? this : new Ratchet(this.#own.element(index), this.#own);
  }
}

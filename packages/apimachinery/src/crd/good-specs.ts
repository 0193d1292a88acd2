import { createHash } from 'node:crypto';
import { stringify } from '../json/stringify.js';
import type { JsonObject } from '../json/value.js';

/** Most specs that are remembered; the least recently used one goes first. */
export const GOOD_SPECS_MAX = 4_096;

/**
 * Specs, by their content, that have been judged as those of new definitions and found without fault: they are good
 * wherever they come again, and an update of one that is good finds nothing in the old one to be lenient about.
 */
export class GoodSpecs {
  readonly #hashes = new Set<string>();

  /** What a spec is known by; empty for one that is nested too deep to be encoded, which is never good. */
  hashOf(spec: JsonObject): string {
    try {
      return createHash('sha256').update(stringify(spec)).digest('base64');
    } catch (error) {
      if (error instanceof RangeError) return '';
      throw error;
    }
  }

  has(hash: string): boolean {
    const known = this.#hashes.delete(hash);
    if (known) this.#hashes.add(hash);
    return known;
  }

  add(hash: string): void {
    this.#hashes.delete(hash);
    this.#hashes.add(hash);
    if (this.#hashes.size <= GOOD_SPECS_MAX) return;
    for (const oldest of this.#hashes) {
      this.#hashes.delete(oldest);
      break;
    }
  }
}

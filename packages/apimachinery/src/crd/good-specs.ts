import { createHash } from 'node:crypto';
import { stringify } from '../json/stringify.js';
import type { JsonObject } from '../json/value.js';
import { Recent } from '../recent/recent.js';

/** Most specs that are remembered; the least recently used one goes first. */
export const GOOD_SPECS_MAX = 4_096;

/**
 * Specs, by their content, that have been judged as those of new definitions and found without fault: they are good
 * wherever they come again, and an update of one that is good finds nothing in the old one to be lenient about.
 */
export class GoodSpecs {
  readonly #hashes = new Recent<string, true>(GOOD_SPECS_MAX);

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
    return this.#hashes.get(hash) === true;
  }

  add(hash: string): void {
    this.#hashes.set(hash, true);
  }
}

import { RE2JS, RE2JSException } from 're2js';
import { patternSize } from './pattern-size.js';

/** Longest regular expression that is compiled, in UTF-16 units. */
export const EXPRESSION_LENGTH_MAX = 10_000;
/** Most instructions that one may compile to: compiling takes milliseconds up to here. */
export const EXPRESSION_SIZE_MAX = 20_000;
/** Most characters times instructions of one test, which takes tens of milliseconds up to here. */
export const TEST_STEPS_MAX = 100_000_000;
/** The same where it is found what matches, which takes longer. */
export const FIND_STEPS_MAX = 10_000_000;
/** Characters that are looked at for all matches in one text, with those that are looked at again. */
export const FIND_ALL_CHARACTERS_MAX = 5_000_000;

const TOO_LARGE = 'error parsing regexp: expression too large';

/** A regular expression of Go's syntax. It matches in linear time, and says of texts that they would take too long. */
export class Expression {
  readonly #compiled: RE2JS;
  readonly #size: number;

  private constructor(compiled: RE2JS, size: number) {
    this.#compiled = compiled;
    this.#size = size;
  }

  /** The expression, or what is wrong with it in the words of Go's `regexp`. */
  static compile(source: string): Expression | string {
    if (source.length > EXPRESSION_LENGTH_MAX) return TOO_LARGE;
    const size = patternSize(source);
    if (size > EXPRESSION_SIZE_MAX) return TOO_LARGE;
    try {
      return new Expression(RE2JS.compile(source), size);
    } catch (error) {
      if (error instanceof RE2JSException) return error.message;
      throw error;
    }
  }

  /** Whether it matches anywhere in the text; undefined for a text that would take too long. */
  test(text: string): boolean | undefined {
    return text.length * this.#size > TEST_STEPS_MAX ? undefined : this.#compiled.test(text);
  }

  /** What matches first, all of them up to `limit`; undefined for a text that would take too long. */
  find(text: string, limit: number): string[] | undefined {
    if (text.length * this.#size > FIND_STEPS_MAX) return undefined;
    const found: string[] = [];
    const matcher = this.#compiled.matcher(text);
    for (let left = FIND_ALL_CHARACTERS_MAX; found.length < limit && matcher.find(); ) {
      found.push(matcher.group() ?? '');
      left -= text.length - matcher.start();
      if (left < 0) return undefined;
    }
    return found;
  }
}

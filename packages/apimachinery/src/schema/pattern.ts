import { RE2JS, RE2JSException } from 're2js';
import { Recent } from '../recent/recent.js';

/** A regular expression from a schema, matched anywhere in the text in linear time. */
export interface Pattern {
  /** As errors show it; one that is no regular expression (in old definitions) says why, and nothing matches it. */
  readonly shown: string;
  matches(text: string): boolean;
}

/** Longest pattern that is compiled, in UTF-16 units. */
export const PATTERN_MAX_LENGTH = 10_000;

/** Patterns compile on first use. */
export function compilePattern(source: string): Pattern {
  let made: Compiled | undefined;
  const compiled = (): Compiled => {
    made ??= compile(source);
    return made;
  };
  return {
    get shown() {
      const { fault } = compiled();
      return fault === undefined ? source : `${source}, but pattern is invalid: ${fault}`;
    },
    matches: (text) => compiled().expression?.matcher(text).find() === true,
  };
}

interface Compiled {
  readonly expression?: RE2JS;
  readonly fault?: string;
}

function compile(source: string): Compiled {
  if (source.length > PATTERN_MAX_LENGTH) return { fault: 'error parsing regexp: expression too large' };
  try {
    return { expression: RE2JS.compile(source) };
  } catch (error) {
    if (error instanceof RE2JSException) return { fault: error.message };
    throw error;
  }
}

/** Verdicts on patterns that are remembered: most schemas use the same few. */
const PATTERNS_JUDGED_MAX = 1_024;
const judged = new Recent<string, { readonly fault: string | undefined }>(PATTERNS_JUDGED_MAX);

/** What is wrong with a pattern, as Go's `regexp` says it; undefined when it compiles. */
export function patternFault(source: string): string | undefined {
  const known = judged.get(source);
  if (known !== undefined) return known.fault;
  const { fault } = compile(source);
  judged.set(source, { fault });
  return fault;
}

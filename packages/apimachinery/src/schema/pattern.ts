import { Recent } from '../recent/recent.js';
import { Expression } from '../regex/expression.js';

/** A regular expression from a schema, matched anywhere in the text in linear time. */
export interface Pattern {
  /** As errors show it; one that is no regular expression (in old definitions) says why, and nothing matches it. */
  readonly shown: string;
  /** `too long`: finding out would hold up everybody else. */
  matches(text: string): boolean | 'too long';
}

/** Patterns compile on first use. */
export function compilePattern(source: string): Pattern {
  let made: Expression | string | undefined;
  const compiled = (): Expression | string => {
    made ??= Expression.compile(source);
    return made;
  };
  return {
    get shown() {
      const expression = compiled();
      return expression instanceof Expression ? source : `${source}, but pattern is invalid: ${expression}`;
    },
    matches: (text) => {
      const expression = compiled();
      return expression instanceof Expression && (expression.test(text) ?? 'too long');
    },
  };
}

/** Verdicts on patterns that are remembered: most schemas use the same few. */
const PATTERNS_JUDGED_MAX = 1_024;
const judged = new Recent<string, { readonly fault: string | undefined }>(PATTERNS_JUDGED_MAX);

/** What is wrong with a pattern, as Go's `regexp` says it; undefined when it compiles. */
export function patternFault(source: string): string | undefined {
  const known = judged.get(source);
  if (known !== undefined) return known.fault;
  const compiled = Expression.compile(source);
  const fault = compiled instanceof Expression ? undefined : compiled;
  judged.set(source, { fault });
  return fault;
}

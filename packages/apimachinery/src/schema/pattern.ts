import { RE2JS, RE2JSException } from 're2js';

/** A regular expression from a schema, matched anywhere in the text in linear time. */
export interface Pattern {
  readonly source: string;
  matches(text: string): boolean;
}

/** Longest pattern that is compiled, in UTF-16 units. */
export const PATTERN_MAX_LENGTH = 10_000;

/** Compiles a pattern; when it is none, the text of upstream's compiler says why. Patterns compile on first use. */
export function compilePattern(source: string): Pattern {
  let compiled: RE2JS | undefined;
  return {
    source,
    matches: (text) => {
      compiled ??= RE2JS.compile(source);
      return compiled.matcher(text).find();
    },
  };
}

/** What is wrong with a pattern, as Go's `regexp` says it; undefined when it compiles. */
export function patternFault(source: string): string | undefined {
  if (source.length > PATTERN_MAX_LENGTH) return 'error parsing regexp: expression too large';
  try {
    RE2JS.compile(source);
    return undefined;
  } catch (error) {
    if (error instanceof RE2JSException) return error.message;
    throw error;
  }
}

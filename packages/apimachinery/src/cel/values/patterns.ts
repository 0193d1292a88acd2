import { RE2JS, RE2JSException } from 're2js';
import { CEL_PATTERNS_MAX } from '../limits.js';
import { CelError } from './cel-error.js';

const known = new Map<string, RE2JS>();

/** Compiles a regular expression of Go's syntax, which matches in linear time; the error is Go's text. */
export function compileRegex(source: string): RE2JS | CelError {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    if (error instanceof RE2JSException) return new CelError(error.message);
    throw error;
  }
}

/** The same for a pattern that is known only at run time; recent ones are kept. */
export function cachedRegex(source: string): RE2JS | CelError {
  const cached = known.get(source);
  if (cached !== undefined) return cached;
  const compiled = compileRegex(source);
  if (compiled instanceof CelError) return compiled;
  for (const oldest of known.keys()) {
    if (known.size < CEL_PATTERNS_MAX) break;
    known.delete(oldest);
  }
  known.set(source, compiled);
  return compiled;
}

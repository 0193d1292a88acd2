import { Recent } from '../../recent/recent.js';
import { Expression } from '../../regex/expression.js';
import { CEL_PATTERNS_MAX } from '../limits.js';
import { CelError } from './cel-error.js';

const known = new Recent<string, Expression>(CEL_PATTERNS_MAX);

/** What expressions say of a text that would hold up everybody else. */
export const TEXT_TOO_LONG = new CelError('the text is too long for this regular expression');

/** Compiles a regular expression of Go's syntax, which matches in linear time; the error is Go's text. */
export function compileRegex(source: string): Expression | CelError {
  const compiled = Expression.compile(source);
  return compiled instanceof Expression ? compiled : new CelError(compiled);
}

/** The same for a pattern that is known only at run time; recent ones are kept. */
export function cachedRegex(source: string): Expression | CelError {
  const cached = known.get(source);
  if (cached !== undefined) return cached;
  const compiled = compileRegex(source);
  if (compiled instanceof Expression) known.set(source, compiled);
  return compiled;
}

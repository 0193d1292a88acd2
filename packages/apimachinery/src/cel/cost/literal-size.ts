import type { Expr } from '../syntax/expr.js';
import { codePoints } from '../syntax/source.js';
import { fixed, type Range } from './range.js';

/** The size that a literal, a list or a map has by itself. */
export function literalSize(expr: Expr): Range | undefined {
  switch (expr.kind) {
    case 'literal': {
      const { value } = expr;
      if (typeof value === 'string') return fixed(codePoints(value));
      return fixed(value instanceof Uint8Array ? value.length : 1);
    }
    case 'list':
      return fixed(expr.elements.length);
    case 'map':
      return fixed(expr.entries.length);
    default:
      return undefined;
  }
}

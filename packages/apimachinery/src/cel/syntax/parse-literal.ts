import { CelDouble, CelUint, checkedInt, normalInt, UINT_MAX } from '../values/number.js';
import type { Constant, Expr } from './expr.js';
import type { Parser } from './parser.js';
import type { Token } from './tokens.js';
import { UnescapeError, unescapeBytes, unescapeString } from './unescape.js';

/** Reads a literal; one that means nothing is reported and becomes null. */
export function parseLiteral(parser: Parser): Expr {
  const sign = parser.stream.takeIf("'-'");
  const token = parser.stream.take();
  const start = sign?.start ?? token.start;
  const value = literalValue(token, sign !== undefined);
  if (typeof value === 'object' && value !== null && 'fault' in value) {
    parser.stream.errorAt(start, value.fault);
    return parser.placeholder(start);
  }
  return { kind: 'literal', id: parser.ids.next(start), value };
}

function literalValue(token: Token, negative: boolean): Constant | { fault: string } {
  switch (token.kind) {
    case 'NUM_INT': {
      const size = BigInt(token.text);
      return checkedInt(negative ? -size : size) ?? { fault: 'invalid int literal' };
    }
    case 'NUM_UINT': {
      const size = BigInt(token.text.slice(0, -1));
      return size > UINT_MAX ? { fault: 'invalid uint literal' } : new CelUint(normalInt(size));
    }
    case 'NUM_FLOAT': {
      const size = Number(token.text);
      return Number.isFinite(size) ? new CelDouble(negative ? -size : size) : { fault: 'invalid double literal' };
    }
    case 'STRING':
      return unescaped(() => unescapeString(token.text));
    case 'BYTES':
      return unescaped(() => unescapeBytes(token.text.slice(1)));
    default:
      return token.kind === "'null'" ? null : token.kind === "'true'";
  }
}

function unescaped(read: () => Constant): Constant | { fault: string } {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnescapeError) return { fault: error.message };
    throw error;
  }
}

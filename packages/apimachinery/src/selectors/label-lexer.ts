export type TokenKind =
  | 'end'
  | 'error'
  | 'identifier'
  | 'in'
  | 'notin'
  | '('
  | ')'
  | ','
  | '!'
  | '='
  | '=='
  | '!='
  | '>'
  | '<';

export interface Token {
  readonly kind: TokenKind;
  /** As written; for `error` what is wrong. */
  readonly text: string;
}

const WHITESPACE = new Set([' ', '\t', '\r', '\n']);
const SYMBOLS = new Set<string>(['(', ')', ',', '!', '=', '==', '!=', '>', '<']);
const SYMBOL_CHARS = new Set(['=', '!', '(', ')', ',', '>', '<']);

/** Cuts the text of a label selector into tokens, the last of which is `end`. */
export function labelTokens(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    while (WHITESPACE.has(text.charAt(at))) at++;
    if (at >= text.length || text.charAt(at) === '\0') break;
    const end = SYMBOL_CHARS.has(text.charAt(at)) ? symbolEnd(text, at) : wordEnd(text, at);
    tokens.push(tokenOf(text.slice(at, end)));
    at = end;
  }
  tokens.push({ kind: 'end', text: '' });
  return tokens;
}

/** The longest known symbol; two characters at most, and every single one is known. */
function symbolEnd(text: string, from: number): number {
  return SYMBOLS.has(text.slice(from, from + 2)) ? from + 2 : from + 1;
}

function wordEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && !SYMBOL_CHARS.has(text.charAt(at)) && !WHITESPACE.has(text.charAt(at))) at++;
  return at;
}

function tokenOf(text: string): Token {
  if (isSymbol(text) || text === 'in' || text === 'notin') return { kind: text, text };
  return { kind: 'identifier', text };
}

function isSymbol(text: string): text is '(' | ')' | ',' | '!' | '=' | '==' | '!=' | '>' | '<' {
  return SYMBOLS.has(text);
}

import { TOKENS, type Token, type TokenKind } from './tokens.js';

/** What the lexer could not read: the characters it dropped, and where. */
export interface LexicalFault {
  readonly text: string;
  readonly start: number;
}

export interface Tokens {
  readonly tokens: readonly Token[];
  readonly faults: readonly LexicalFault[];
}

const ESCAPE = `\\\\(?:[abfnrtv"'\\\\?\`]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})`;
const SINGLE = [`"(?:${ESCAPE}|[^\\\\"\\n\\r])*"`, `'(?:${ESCAPE}|[^\\\\'\\n\\r])*'`];
const TRIPLE = [`"""(?:${ESCAPE}|[^\\\\])*?"""`, `'''(?:${ESCAPE}|[^\\\\])*?'''`];
const RAW = [`[rR]"""[\\s\\S]*?"""`, `[rR]'''[\\s\\S]*?'''`, `[rR]"[^"\\n\\r]*"`, `[rR]'[^'\\n\\r]*'`];
const STRING = [...TRIPLE, ...SINGLE, ...RAW].join('|');

const SPACE = /(?:[\t \r\n\f]+|\/\/[^\n]*)+/y;
const TEXT = new RegExp(`([bB])?(?:${STRING})`, 'y');
const NUMBER =
  /(\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)|(0x[0-9a-fA-F]+[uU]|\d+[uU])|0x[0-9a-fA-F]+|\d+/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const ESCAPED_WORD = /`[A-Za-z0-9_.\-/ ]+`/y;
const SYMBOL = /==|!=|<=|>=|&&|\|\||[<>[\]{}().,\-!?:+*/%]/y;
const KEYWORDS: ReadonlyMap<string, TokenKind> = new Map<string, TokenKind>([
  ['in', "'in'"],
  ['true', "'true'"],
  ['false', "'false'"],
  ['null', "'null'"],
]);
/** How much of a string, an escaped identifier or an operator can be read before the character that does not fit. */
const UNFINISHED = [
  /[rR](?:"""[\s\S]*|'''[\s\S]*|"[^"\n\r]*|'[^'\n\r]*)/y,
  new RegExp(`"""(?:${ESCAPE}|[^\\\\])*|'''(?:${ESCAPE}|[^\\\\])*`, 'y'),
  new RegExp(`"(?:${ESCAPE}|[^\\\\"\\n\\r])*|'(?:${ESCAPE}|[^\\\\'\\n\\r])*`, 'y'),
  /`[A-Za-z0-9_.\-/ ]*/y,
  /[=&|]/y,
];
const PARTIAL_ESCAPE = /\\(?:[xX][0-9a-fA-F]?|u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7}|[0-3][0-7]?)?/y;

/** Cuts an expression into tokens; what fits no token is dropped and reported. */
export function tokenize(text: string): Tokens {
  const tokens: Token[] = [];
  const faults: LexicalFault[] = [];
  let at = 0;
  for (;;) {
    at += matchAt(SPACE, text, at)?.length ?? 0;
    if (at >= text.length) break;
    const token = readToken(text, at);
    if (token === undefined) {
      const dropped = unreadable(text, at);
      faults.push({ text: dropped, start: at });
      at += dropped.length;
    } else {
      tokens.push(token);
      at += token.text.length;
    }
  }
  tokens.push({ kind: '<EOF>', text: '<EOF>', start: text.length });
  return { tokens, faults };
}

function readToken(text: string, start: number): Token | undefined {
  const literal = matchAt(TEXT, text, start);
  if (literal !== undefined) return { kind: /^[bB]/.test(literal) ? 'BYTES' : 'STRING', text: literal, start };
  const word = matchAt(WORD, text, start);
  if (word !== undefined) return { kind: KEYWORDS.get(word) ?? 'IDENTIFIER', text: word, start };
  NUMBER.lastIndex = start;
  const [number, float, uint] = NUMBER.exec(text) ?? [];
  if (number !== undefined) {
    return {
      kind: float !== undefined ? 'NUM_FLOAT' : uint !== undefined ? 'NUM_UINT' : 'NUM_INT',
      text: number,
      start,
    };
  }
  const symbol = matchAt(SYMBOL, text, start);
  if (symbol !== undefined) return { kind: symbolKind(symbol), text: symbol, start };
  const escaped = matchAt(ESCAPED_WORD, text, start);
  return escaped === undefined ? undefined : { kind: 'ESC_IDENTIFIER', text: escaped, start };
}

const SYMBOL_KINDS: ReadonlyMap<string, TokenKind> = new Map(
  TOKENS.filter((kind) => /^'[^a-z]+'$/.test(kind)).map((kind) => [kind.slice(1, -1), kind]),
);

function symbolKind(symbol: string): TokenKind {
  return SYMBOL_KINDS.get(symbol) ?? '<EOF>';
}

/** The characters that are dropped: what was read of an unfinished token and the character that does not fit. */
function unreadable(text: string, start: number): string {
  for (const pattern of UNFINISHED) {
    const begun = matchAt(pattern, text, start);
    if (begun === undefined) continue;
    const partial = matchAt(PARTIAL_ESCAPE, text, start + begun.length) ?? '';
    return begun + partial + charAt(text, start + begun.length + partial.length);
  }
  return charAt(text, start);
}

function charAt(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? '' : String.fromCodePoint(code);
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

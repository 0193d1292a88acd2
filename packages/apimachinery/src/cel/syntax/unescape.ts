const SIMPLE: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  "'": 39,
  '"': 34,
  '`': 96,
  '?': 63,
};
const NUMERIC = /^\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))/;

/** An escape sequence that means nothing; the text is upstream's. */
export class UnescapeError extends Error {}

interface Body {
  readonly text: string;
  readonly raw: boolean;
}

/** The content of a string literal with its quotes and `r` prefix. Throws UnescapeError. */
export function unescapeString(literal: string): string {
  const { text, raw } = bodyOf(literal);
  if (raw || !text.includes('\\')) return text;
  return pieces(text, (code) => {
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw new UnescapeError('invalid unicode code point');
    return String.fromCodePoint(code);
  }).join('');
}

/** The content of a bytes literal without its `b`; numeric escapes are bytes, other text is UTF-8. */
export function unescapeBytes(literal: string): Uint8Array {
  const { text, raw } = bodyOf(literal);
  if (raw || !text.includes('\\')) return new Uint8Array(Buffer.from(text, 'utf8'));
  const parts = pieces(
    text,
    (code, notation) => {
      if (notation === 'u') throw new UnescapeError('unable to unescape string');
      return Buffer.of(code);
    },
    (plain) => Buffer.from(plain, 'utf8'),
  );
  return new Uint8Array(Buffer.concat(parts));
}

function bodyOf(literal: string): Body {
  const normal = literal.replaceAll('\r\n', '\n').replaceAll('\r', '\n');
  const raw = /^[rR]/.test(normal);
  const quoted = raw ? normal.slice(1) : normal;
  const width = quoted.length >= 6 && /^("""|''')/.test(quoted) ? 3 : 1;
  return { text: quoted.slice(width, -width), raw };
}

function pieces(text: string, escaped: (code: number, notation: string) => string): string[];
function pieces(
  text: string,
  escaped: (code: number, notation: string) => Buffer,
  plain: (text: string) => Buffer,
): Buffer[];
function pieces<T>(
  text: string,
  escaped: (code: number, notation: string) => T,
  plain?: (text: string) => T,
): (T | string)[] {
  const out: (T | string)[] = [];
  let at = 0;
  while (at < text.length) {
    const next = text.indexOf('\\', at);
    const stop = next < 0 ? text.length : next;
    if (stop > at) out.push(plain === undefined ? text.slice(at, stop) : plain(text.slice(at, stop)));
    if (next < 0) break;
    const [length, code, notation] = readEscape(text.slice(next, next + 10));
    out.push(escaped(code, notation));
    at = next + length;
  }
  return out;
}

function readEscape(text: string): [length: number, code: number, notation: string] {
  const simple = SIMPLE[text[1] ?? ''];
  if (simple !== undefined) return [2, simple, 'c'];
  const [all, hex, short, long, octal] = NUMERIC.exec(text) ?? [];
  if (all === undefined) throw new UnescapeError('unable to unescape string');
  if (octal !== undefined) return [all.length, Number.parseInt(octal, 8), 'o'];
  if (hex !== undefined) return [all.length, Number.parseInt(hex, 16), 'x'];
  return [all.length, Number.parseInt(short ?? long ?? '', 16), 'u'];
}

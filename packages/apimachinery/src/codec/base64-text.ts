/** A text that is no standard base64; the message is Go's. */
export class Base64Error extends Error {
  constructor(offset: number) {
    super(`illegal base64 data at input byte ${offset}`);
  }
}

/**
 * The canonical form of standard, padded base64; the same text when it is canonical already. Line breaks are
 * skipped, as Go does. Throws Base64Error.
 */
export function canonicalBase64(text: string): string {
  const canonical = Buffer.from(text, 'base64').toString('base64');
  if (canonical === text) return text;
  check(text);
  return canonical;
}

const DIGIT = /^[A-Za-z0-9+/]$/;

/** Walks the groups of four and throws at the byte where Go's decoder stops. */
function check(text: string): void {
  let inGroup = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === '\r' || char === '\n') continue;
    if (char === '=') {
      checkPadding(text, i, inGroup);
      return;
    }
    if (!DIGIT.test(char)) throw new Base64Error(i);
    inGroup = (inGroup + 1) % 4;
  }
  if (inGroup !== 0) throw new Base64Error(text.length - inGroup);
}

function checkPadding(text: string, at: number, inGroup: number): void {
  if (inGroup < 2) throw new Base64Error(at);
  let next = skipBreaks(text, at + 1);
  if (inGroup === 2) {
    if (next === text.length) throw new Base64Error(text.length);
    if (text.charAt(next) !== '=') throw new Base64Error(next - 1);
    next = skipBreaks(text, next + 1);
  }
  if (next < text.length) throw new Base64Error(next);
}

function skipBreaks(text: string, from: number): number {
  let i = from;
  while (i < text.length && (text.charAt(i) === '\n' || text.charAt(i) === '\r')) i++;
  return i;
}

/** Writes DER (ITU-T X.690), as much of it as certificates need. Every function returns one encoded value. */

const SEQUENCE = 0x30;
const SET = 0x31;
const CONSTRUCTED_CONTEXT = 0xa0;
const PRIMITIVE_CONTEXT = 0x80;

/** Any value: its tag, the length of its content, the content. */
export function derValue(tag: number, ...content: readonly Buffer[]): Buffer {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([tag]), encodeLength(length), ...content]);
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes = bigEndian(length);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

function bigEndian(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return bytes;
}

export function derSequence(...members: readonly Buffer[]): Buffer {
  return derValue(SEQUENCE, ...members);
}

export function derSet(...members: readonly Buffer[]): Buffer {
  return derValue(SET, ...members);
}

/** A non-negative integer from its bytes, most significant first. */
export function derInteger(magnitude: Buffer): Buffer {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const bytes = magnitude.subarray(start);
  // The highest bit is the sign: a byte of zeros keeps the number positive.
  const negative = ((bytes[0] ?? 0) & 0x80) !== 0;
  return derValue(0x02, negative ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

export const DER_TRUE: Buffer = derValue(0x01, Buffer.from([0xff]));

/** An object identifier from its dotted form, such as `2.5.4.3`. */
export function derObjectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return derValue(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(arc: number): number[] {
  const bytes = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(0x80 | (rest % 128));
  return bytes;
}

export function derUtf8String(text: string): Buffer {
  return derValue(0x0c, Buffer.from(text, 'utf8'));
}

export function derOctetString(bytes: Buffer): Buffer {
  return derValue(0x04, bytes);
}

/** A bit string; `unusedBits` is how many bits at the end of the last byte do not count. */
export function derBitString(bytes: Buffer, unusedBits = 0): Buffer {
  return derValue(0x03, Buffer.from([unusedBits]), bytes);
}

/** A time in whole seconds: UTCTime through 2049 and GeneralizedTime from then on, as RFC 5280 §4.1.2.5 wants. */
export function derTime(time: Date): Buffer {
  const digits = `${time.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
  return time.getUTCFullYear() < 2050
    ? derValue(0x17, Buffer.from(digits.slice(2), 'ascii'))
    : derValue(0x18, Buffer.from(digits, 'ascii'));
}

/** `[number] EXPLICIT`: the value stays whole inside. */
export function derExplicit(number: number, value: Buffer): Buffer {
  return derValue(CONSTRUCTED_CONTEXT | number, value);
}

/** `[number] IMPLICIT` over a primitive value, given by its content alone. */
export function derImplicit(number: number, content: Buffer): Buffer {
  return derValue(PRIMITIVE_CONTEXT | number, content);
}

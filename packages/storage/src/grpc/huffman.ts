import { ProtocolError } from './frames.js';

/**
 * How many bits each byte has in HPACK's code (RFC 7541 Appendix B), 30 for the mark of the end. The code is canonical:
 * shorter before longer, and among equals by value.
 */
const LENGTHS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
  28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6,
  5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23,
  22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22,
  23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26,
  20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27,
  27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27,
  27, 27, 27, 26, 30,
] as const;
const LENGTH_MAX = 30;
const END = 256;

/** Of each length: its first code, and where the bytes of that length begin in `BYTES`. */
const FIRST: number[] = [];
const OFFSET: number[] = [];
const BYTES: number[] = [];
for (let length = 0, code = 0; length <= LENGTH_MAX; length++) {
  FIRST.push(code);
  OFFSET.push(BYTES.length);
  LENGTHS.forEach((one, byte) => {
    if (one === length) BYTES.push(byte);
  });
  code = (code + BYTES.length - (OFFSET[length] ?? 0)) * 2;
}
OFFSET.push(BYTES.length);

/** Text that is packed with HPACK's code. Throws ProtocolError. */
export function unpacked(bytes: Buffer): string {
  const out: number[] = [];
  let code = 0;
  let length = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      code = code * 2 + ((byte >> bit) & 1);
      length++;
      const found = byteOf(code, length);
      if (found === undefined) continue;
      if (found === END) throw new ProtocolError('packed text that goes on behind its end');
      out.push(found);
      code = 0;
      length = 0;
    }
  }
  // What fills the last byte is the beginning of the mark of the end: ones, fewer than eight.
  if (length > 7 || code !== 2 ** length - 1) throw new ProtocolError('packed text that ends within a letter');
  return Buffer.from(out).toString('latin1');
}

function byteOf(code: number, length: number): number | undefined {
  if (length > LENGTH_MAX) throw new ProtocolError('packed text that is no text');
  const nth = code - (FIRST[length] ?? 0);
  const [from = 0, to = 0] = [OFFSET[length], OFFSET[length + 1]];
  return nth >= 0 && nth < to - from ? BYTES[from + nth] : undefined;
}

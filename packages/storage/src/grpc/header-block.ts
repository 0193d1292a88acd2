import { ProtocolError } from './frames.js';
import { unpacked } from './huffman.js';
import { HEADER_BLOCK_BYTES_MAX, KNOWN_BLOCKS_MAX } from './limits.js';
import { STATIC_TABLE } from './static-table.js';

/*
 * Header blocks (HPACK, RFC 7541) without the table that grows: we use none, and our settings tell the server to use
 * none, so each block can be read by itself, and the same bytes always mean the same.
 */

export type Field = readonly [name: string, value: string];

/** Fields as a block. Names in lower case; names and values ASCII. */
export function encodeBlock(fields: readonly Field[]): Buffer {
  return Buffer.concat(fields.map(encodeField));
}

function encodeField([name, value]: Field): Buffer {
  const known = STATIC_TABLE.findIndex((field) => field[0] === name && field[1] === value);
  if (known >= 0) return Buffer.from([0x80 | (known + 1)]);
  return Buffer.concat([Buffer.from([0]), encodeText(name), encodeText(value)]);
}

function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([encodeLength(bytes.length), bytes]);
}

/** A number with a prefix of seven bits (§5.1). */
function encodeLength(length: number): Buffer {
  if (length < 127) return Buffer.from([length]);
  const out = [127];
  let rest = length - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128);
  out.push(rest);
  return Buffer.from(out);
}

const known = new Map<string, ReadonlyMap<string, string>>();

/** The fields of a block; of a name that comes twice, the last. Throws ProtocolError. */
export function decodeBlock(block: Buffer): ReadonlyMap<string, string> {
  const text = block.toString('latin1');
  const before = known.get(text);
  if (before !== undefined) return before;
  const fields = new BlockReader(block).fields();
  if (known.size >= KNOWN_BLOCKS_MAX) known.clear();
  known.set(text, fields);
  return fields;
}

class BlockReader {
  readonly #block: Buffer;
  #at = 0;

  constructor(block: Buffer) {
    this.#block = block;
  }

  fields(): ReadonlyMap<string, string> {
    const fields = new Map<string, string>();
    let size = 0;
    while (this.#at < this.#block.length) {
      const field = this.#field();
      if (field === undefined) continue;
      size += field[0].length + field[1].length;
      if (size > HEADER_BLOCK_BYTES_MAX) throw new ProtocolError('more header fields than allowed');
      fields.set(...field);
    }
    return fields;
  }

  /** Undefined for an instruction about the table that we do not have. */
  #field(): Field | undefined {
    const first = this.#block[this.#at] ?? 0;
    if (first >= 0x80) return knownField(this.#number(7));
    if (first >= 0x40) return this.#literal(6);
    if (first < 0x20) return this.#literal(4);
    if (this.#number(5) !== 0) throw new ProtocolError('a table of header fields, which our settings rule out');
    return undefined;
  }

  #literal(bits: number): Field {
    const index = this.#number(bits);
    return [index === 0 ? this.#text() : knownField(index)[0], this.#text()];
  }

  /** A number that begins in the low bits of a byte (§5.1). */
  #number(bits: number): number {
    const mask = 2 ** bits - 1;
    let value = this.#byte() & mask;
    if (value < mask) return value;
    for (let scale = 1; scale <= 2 ** 21; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw new ProtocolError('a number that is too large');
  }

  #text(): string {
    const packed = ((this.#block[this.#at] ?? 0) & 0x80) !== 0;
    const length = this.#number(7);
    const bytes = this.#block.subarray(this.#at, this.#at + length);
    if (bytes.length < length) throw new ProtocolError('a header block that is cut off');
    this.#at += length;
    return packed ? unpacked(bytes) : bytes.toString('latin1');
  }

  #byte(): number {
    const byte = this.#block[this.#at++];
    if (byte === undefined) throw new ProtocolError('a header block that is cut off');
    return byte;
  }
}

function knownField(index: number): Field {
  const field = STATIC_TABLE[index - 1];
  if (field === undefined) throw new ProtocolError(`there is no header field number ${index}`);
  return field;
}

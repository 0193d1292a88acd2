const FIRST_SIZE = 1024;

/** Wire types of the protobuf encoding. */
export const VARINT = 0;
export const FIXED64 = 1;
export const BYTES = 2;
export const FIXED32 = 5;

/**
 * Writes a message from its end to its start, so that the length of a nested message is known when its prefix is due.
 * Callers therefore write fields in falling order, and of each field the value first.
 */
export class WireWriter {
  #buffer: Buffer;
  #start: number;

  /** `room`: how many bytes are to be expected; it grows where there are more. */
  constructor(room = FIRST_SIZE) {
    this.#buffer = Buffer.allocUnsafe(room);
    this.#start = room;
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#buffer.length - this.#start;
  }

  /** What was written, as a copy of its own size. */
  finish(): Buffer {
    return Buffer.from(this.#buffer.subarray(this.#start));
  }

  /** What was written, for who soon copies it: it may be part of something larger. */
  view(): Buffer {
    return this.#buffer.subarray(this.#start);
  }

  tag(field: number, wire: number): void {
    this.varint(field * 8 + wire);
  }

  /** Prefixes everything written since `size` was `before` with its length and the tag of `field`. */
  message(field: number, before: number): void {
    this.varint(this.size - before);
    this.tag(field, BYTES);
  }

  /** A natural number up to 2^53. */
  varint(value: number): void {
    if (value < 128) {
      this.#room(1);
      this.#buffer[--this.#start] = value;
      return;
    }
    let length = 0;
    for (let rest = value; rest >= 1; rest /= 128) length++;
    this.#room(length);
    this.#start -= length;
    let rest = value;
    for (let i = 0; i < length; i++) {
      this.#buffer[this.#start + i] = (rest % 128) + (i + 1 < length ? 128 : 0);
      rest = Math.floor(rest / 128);
    }
  }

  /** A signed 32- or 64-bit integer; negative ones take ten bytes. */
  integer(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0) {
      this.varint(value);
      return;
    }
    let rest = BigInt.asUintN(64, BigInt(value));
    const bytes: number[] = [];
    while (rest >= 128n) {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    this.raw(Uint8Array.from(bytes));
  }

  double(value: number): void {
    this.#room(8);
    this.#start -= 8;
    this.#buffer.writeDoubleLE(value, this.#start);
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#start -= bytes.length;
    this.#buffer.set(bytes, this.#start);
  }

  /** A length-delimited field with text. */
  text(field: number, text: string): void {
    const length = Buffer.byteLength(text);
    this.#room(length);
    this.#start -= length;
    this.#buffer.write(text, this.#start);
    this.varint(length);
    this.tag(field, BYTES);
  }

  /** A length-delimited field with bytes. */
  bytes(field: number, bytes: Uint8Array): void {
    this.raw(bytes);
    this.varint(bytes.length);
    this.tag(field, BYTES);
  }

  #room(length: number): void {
    if (this.#start >= length) return;
    const used = this.size;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, used + length + FIRST_SIZE));
    this.#buffer.copy(larger, larger.length - used, this.#start);
    this.#buffer = larger;
    this.#start = larger.length - used;
  }
}

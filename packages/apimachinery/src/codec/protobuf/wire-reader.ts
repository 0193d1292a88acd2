import { BYTES, FIXED32, FIXED64, VARINT } from './wire-writer.js';

/** Bytes that are no message of the expected type; the message is upstream's where it has one. */
export class ProtobufError extends Error {}

/** Deepest nesting of messages that is followed. */
const MAX_DEPTH = 1000;

/** Reads one message; a nested message is read by a reader of its own over the same bytes. */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  readonly #depth: number;
  #position: number;

  constructor(bytes: Buffer, start = 0, end = bytes.length, depth = 0) {
    if (depth > MAX_DEPTH) throw new ProtobufError('proto: exceeded max depth');
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
    this.#depth = depth;
  }

  get done(): boolean {
    return this.#position >= this.#end;
  }

  /** A natural number that fits a double exactly: a tag, a length. */
  varint(): number {
    const value = this.integer();
    if (typeof value === 'bigint' || value < 0) throw new ProtobufError('proto: integer overflow');
    return value;
  }

  /** A signed 64-bit integer; a bigint when a double cannot hold it. */
  integer(): number | bigint {
    let low = 0;
    for (let i = 0, scale = 1; i < 7; i++, scale *= 128) {
      const byte = this.#byte();
      low += (byte & 127) * scale;
      if (byte < 128) return low;
    }
    return this.#highPart(BigInt(low));
  }

  #highPart(low: bigint): number | bigint {
    let value = low;
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 127) << shift;
      if (byte >= 128) continue;
      const signed = BigInt.asIntN(64, value);
      const number = Number(signed);
      return Number.isSafeInteger(number) ? number : signed;
    }
    throw new ProtobufError('proto: integer overflow');
  }

  #byte(): number {
    const byte = this.#position < this.#end ? this.#bytes[this.#position++] : undefined;
    if (byte === undefined) throw new ProtobufError('unexpected EOF');
    return byte;
  }

  double(): number {
    const at = this.#take(8);
    return this.#bytes.readDoubleLE(at);
  }

  text(): string {
    const length = this.varint();
    const at = this.#take(length);
    return this.#bytes.toString('utf8', at, at + length);
  }

  /** A view, not a copy. */
  bytes(): Buffer {
    const length = this.varint();
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** A reader over the nested message that stands here. */
  message(): WireReader {
    const length = this.varint();
    const at = this.#take(length);
    return new WireReader(this.#bytes, at, at + length, this.#depth + 1);
  }

  #take(length: number): number {
    const at = this.#position;
    if (length > this.#end - at) throw new ProtobufError('unexpected EOF');
    this.#position = at + length;
    return at;
  }

  /** Passes over the value of an unknown field. Groups, which Kubernetes never writes, are refused. */
  skip(wire: number): void {
    if (wire === VARINT) this.integer();
    else if (wire === FIXED64) this.#take(8);
    else if (wire === BYTES) this.#take(this.varint());
    else if (wire === FIXED32) this.#take(4);
    else throw new ProtobufError(`proto: illegal wireType ${wire}`);
  }
}

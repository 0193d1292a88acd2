import { contentOf, FLAG, ProtocolError } from './frames.js';
import { HEADER_BLOCK_BYTES_MAX } from './limits.js';

/** Header fields of a stream, complete. */
export interface HeaderBlock {
  readonly stream: number;
  /** Those of the first frame. */
  readonly flags: number;
  readonly bytes: Buffer;
}

/** A header block that comes in several frames, which nothing else may come between (RFC 9113 §4.3). */
export class HeaderFragments {
  #first: Omit<HeaderBlock, 'bytes'> | undefined;
  #parts: Buffer[] = [];
  #size = 0;

  /** True within a block. */
  get begun(): boolean {
    return this.#first !== undefined;
  }

  /** A frame that begins a block; the block where it has all of it. Throws ProtocolError. */
  begin(stream: number, flags: number, payload: Buffer): HeaderBlock | undefined {
    const bytes = contentOf(payload, flags);
    if ((flags & FLAG.END_HEADERS) !== 0) return { stream, flags, bytes };
    this.#first = { stream, flags };
    this.#parts = [bytes];
    this.#size = bytes.length;
    return undefined;
  }

  /** A frame that goes on with it; the block where that was the last. Throws ProtocolError. */
  goOn(stream: number, flags: number, payload: Buffer): HeaderBlock | undefined {
    const first = this.#first;
    if (first?.stream !== stream) throw new ProtocolError('header fields that go on of nothing');
    this.#parts.push(payload);
    this.#size += payload.length;
    if (this.#size > HEADER_BLOCK_BYTES_MAX) throw new ProtocolError('more header fields than allowed');
    if ((flags & FLAG.END_HEADERS) === 0) return undefined;
    this.#first = undefined;
    return { ...first, bytes: Buffer.concat(this.#parts) };
  }
}

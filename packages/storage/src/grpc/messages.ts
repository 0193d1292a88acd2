import { ProtocolError } from './frames.js';
import { MESSAGE_BYTES_MAX } from './limits.js';

/** Before each message: whether it is packed, and its length ("Length-Prefixed-Message" of gRPC over HTTP/2). */
export const PREFIX_BYTES = 5;

/** Before a message of so many bytes that is not packed, at `at` of `out`. */
export function writePrefix(out: Buffer, at: number, length: number): void {
  out[at] = 0;
  out.writeUInt32BE(length, at + 1);
}

export function prefixed(message: Buffer): Buffer {
  const out = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  writePrefix(out, 0, message.length);
  message.copy(out, PREFIX_BYTES);
  return out;
}

/** Makes messages of what arrives in pieces. Messages are views of the pieces where they can be. */
export class MessageReader {
  #parts: Buffer[] = [];
  #size = 0;
  /** Bytes without which nothing can be done. */
  #wanted = PREFIX_BYTES;

  /** True when no message is begun. */
  get empty(): boolean {
    return this.#size === 0;
  }

  /** Calls `take` with each message that is complete. Throws ProtocolError. */
  add(piece: Buffer, take: (message: Buffer) => void): void {
    this.#size += piece.length;
    if (this.#size < this.#wanted) {
      this.#parts.push(piece);
      return;
    }
    let bytes = this.#parts.length === 0 ? piece : Buffer.concat([...this.#parts, piece], this.#size);
    this.#wanted = PREFIX_BYTES;
    while (bytes.length >= PREFIX_BYTES) {
      const end = PREFIX_BYTES + lengthOf(bytes);
      if (bytes.length < end) {
        this.#wanted = end;
        break;
      }
      take(bytes.subarray(PREFIX_BYTES, end));
      bytes = bytes.subarray(end);
    }
    this.#size = bytes.length;
    if (bytes.length > 0) this.#parts = [bytes];
    else if (this.#parts.length > 0) this.#parts = [];
  }
}

function lengthOf(bytes: Buffer): number {
  if (bytes[0] !== 0) throw new ProtocolError('a packed message, which nobody asked for');
  const length = bytes.readUInt32BE(1);
  if (length > MESSAGE_BYTES_MAX) throw new ProtocolError('a message that is longer than allowed');
  return length;
}

import { FLAG, FRAME, FRAME_HEAD_BYTES, frame, ProtocolError, writeHead } from './frames.js';
import { FRAME_BYTES_MAX } from './limits.js';
import { PREFIX_BYTES, prefixed, writePrefix } from './messages.js';

/** Windows of a connection before anybody says otherwise (RFC 9113 §6.9.2), and what they may not exceed. */
const WINDOW_BYTES = 65_535;
const WINDOW_BYTES_MAX = 0x7fff_ffff;

/** A message that waits for a window. */
interface Waiting {
  rest: Buffer;
  readonly last: boolean;
  window: number;
}

/**
 * What goes out: requests in the order in which they are made, their messages as far as the server's windows allow. All
 * that is made in one turn of the process goes out in one piece.
 */
export class Outbox {
  readonly #write: (bytes: Buffer) => void;
  #parts: Buffer[] = [];
  #window = WINDOW_BYTES;
  /** Of each stream that is to come. */
  #streamWindow = WINDOW_BYTES;
  readonly #waiting = new Map<number, Waiting>();

  constructor(write: (bytes: Buffer) => void) {
    this.#write = write;
  }

  /** Bytes that no window limits. */
  put(bytes: Buffer): void {
    if (this.#parts.length === 0) setImmediate(() => this.flush());
    this.#parts.push(bytes);
  }

  /** A request: its header block and its message, which is the last of its stream where `last` says so. */
  request(stream: number, block: Buffer, message: Buffer, last: boolean): void {
    const length = PREFIX_BYTES + message.length;
    const free = this.#waiting.size === 0 && length <= this.#window && length <= this.#streamWindow;
    if (!free || length > FRAME_BYTES_MAX) {
      this.put(frame(FRAME.HEADERS, FLAG.END_HEADERS, stream, block));
      this.#waiting.set(stream, { rest: prefixed(message), last, window: this.#streamWindow });
      this.#proceed();
      return;
    }
    const body = FRAME_HEAD_BYTES + block.length;
    const out = Buffer.allocUnsafe(body + FRAME_HEAD_BYTES + length);
    writeHead(out, 0, block.length, FRAME.HEADERS, FLAG.END_HEADERS, stream);
    block.copy(out, FRAME_HEAD_BYTES);
    writeHead(out, body, length, FRAME.DATA, last ? FLAG.END_STREAM : FLAG.NONE, stream);
    writePrefix(out, body + FRAME_HEAD_BYTES, message.length);
    message.copy(out, body + FRAME_HEAD_BYTES + PREFIX_BYTES);
    this.#window -= length;
    this.put(out);
  }

  /** The stream is over: what waits of it is not sent. */
  forget(stream: number): void {
    this.#waiting.delete(stream);
  }

  /** The server has read so many bytes more, of one stream or (0) of all. Throws ProtocolError. */
  widen(stream: number, bytes: number): void {
    if (stream === 0) this.#window = widened(this.#window, bytes);
    else {
      const waiting = this.#waiting.get(stream);
      if (waiting === undefined) return;
      waiting.window = widened(waiting.window, bytes);
    }
    this.#proceed();
  }

  /** The server sets the windows of streams, also of those that are open. Throws ProtocolError. */
  setStreamWindow(bytes: number): void {
    const change = bytes - this.#streamWindow;
    this.#streamWindow = widened(bytes, 0);
    for (const waiting of this.#waiting.values()) waiting.window = widened(waiting.window, change);
    this.#proceed();
  }

  flush(): void {
    const [first, ...more] = this.#parts;
    this.#parts = [];
    if (first !== undefined) this.#write(more.length === 0 ? first : Buffer.concat([first, ...more]));
  }

  #proceed(): void {
    for (const [stream, waiting] of this.#waiting) {
      if (this.#window <= 0) return;
      this.#send(stream, waiting);
      if (waiting.rest.length === 0) this.#waiting.delete(stream);
    }
  }

  #send(stream: number, waiting: Waiting): void {
    for (;;) {
      const length = Math.min(waiting.rest.length, this.#window, waiting.window, FRAME_BYTES_MAX);
      if (length <= 0) return;
      const part = waiting.rest.subarray(0, length);
      waiting.rest = waiting.rest.subarray(length);
      waiting.window -= length;
      this.#window -= length;
      const end = waiting.last && waiting.rest.length === 0;
      this.put(frame(FRAME.DATA, end ? FLAG.END_STREAM : FLAG.NONE, stream, part));
    }
  }
}

function widened(window: number, bytes: number): number {
  if (window + bytes > WINDOW_BYTES_MAX) throw new ProtocolError('a window that is too large');
  return window + bytes;
}

import { FLAG, FRAME, numberFrame } from './frames.js';
import type { GrpcStatus } from './grpc-status.js';
import { STATUS, statusOfFields } from './grpc-status.js';
import { decodeBlock } from './header-block.js';
import { STREAM_WINDOW_BYTES } from './limits.js';
import { MessageReader } from './messages.js';

export interface CallListener {
  message(bytes: Buffer): void;
  /** Called once, unless the call was cancelled. */
  ended(status: GrpcStatus): void;
}

/** What is asked. */
export interface Request {
  /** The header block, for as long as the call may last. */
  readonly block: Buffer;
  readonly message: Buffer;
  /** False when the server waits for more, and so goes on answering. */
  readonly last: boolean;
  /** How long the answer may take; without it, for ever. */
  readonly timeoutMs?: number;
}

/** A call from the moment it is made until it has ended, and what has come of its answer. */
export class ActiveCall {
  readonly request: Request;
  /** The tick of the connection by which it has failed. */
  readonly expires: number;
  /** 0 while it waits for its turn. */
  stream = 0;
  readonly #listener: CallListener;
  readonly #messages = new MessageReader();
  #http: string | undefined;
  /** Bytes that the server does not know yet that we have read. */
  #unread = 0;
  #over = false;

  constructor(request: Request, listener: CallListener, expires: number) {
    this.request = request;
    this.#listener = listener;
    this.expires = expires;
  }

  /** Takes a frame of data in; returns what to tell the server about it. Throws ProtocolError. */
  data(bytes: Buffer, length: number, last: boolean): Buffer | undefined {
    this.#messages.add(bytes, (message) => {
      if (!this.#over) this.#listener.message(message);
    });
    this.#unread += length;
    if (last || this.#unread < STREAM_WINDOW_BYTES / 2) return undefined;
    const read = this.#unread;
    this.#unread = 0;
    return numberFrame(FRAME.WINDOW_UPDATE, this.stream, read);
  }

  /** Takes header fields in; those at the end are how the call ended. Throws ProtocolError. */
  fields(block: Buffer, flags: number): GrpcStatus | undefined {
    const fields = decodeBlock(block);
    this.#http ??= fields.get(':status');
    const last = (flags & FLAG.END_STREAM) !== 0;
    if (!last && this.#http === '200') return undefined;
    const status = statusOfFields(fields, this.#http);
    if (status.code !== STATUS.OK || this.#messages.empty) return status;
    return { code: STATUS.INTERNAL, details: 'an answer that ends within a message' };
  }

  /** Nobody is told of it any more. */
  cancel(): void {
    this.#over = true;
  }

  end(status: GrpcStatus): void {
    if (this.#over) return;
    this.#over = true;
    this.#listener.ended(status);
  }
}

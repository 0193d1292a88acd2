import { turnAmongMany } from '@kcp/apimachinery/turns/turn';
import { type Answer, type Call, readAll, type StreamedAnswer, type Transport, TransportError } from './transport.js';

/** What the server's side gives for a call: a whole body, or one that comes bit by bit. */
export interface InProcessAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | AsyncIterable<Buffer>;
}

/** The server's handler chain as a function; the composition root provides it. */
export type InProcessHandler = (call: Call) => Promise<InProcessAnswer>;

/** Calls a server in the same process: no TLS and no sockets, the same handler chain. */
export class InProcessTransport implements Transport {
  readonly #handle: InProcessHandler;
  #closed = false;

  constructor(handle: InProcessHandler) {
    this.#handle = handle;
  }

  async request(call: Call): Promise<Answer> {
    const { status, headers, body } = await this.#call(call);
    return { status, headers, body: Buffer.isBuffer(body) ? body : await readAll(body) };
  }

  async stream(call: Call): Promise<StreamedAnswer> {
    const { status, headers, body } = await this.#call(call);
    return { status, headers, body: Buffer.isBuffer(body) ? once(body) : body };
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #call(call: Call): Promise<InProcessAnswer> {
    if (this.#closed) return Promise.reject(new TransportError('the transport is closed'));
    call.signal.throwIfAborted();
    // Calls that are answered at once follow each other without end, and no socket ever comes between them.
    const turn = turnAmongMany();
    return turn === undefined ? this.#handle(call) : turn.then(() => this.#handle(call));
  }
}

async function* once(body: Buffer): AsyncGenerator<Buffer, void, void> {
  yield body;
}

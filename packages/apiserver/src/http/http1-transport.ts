import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { readBody } from './body.js';
import { compressed } from './compression.js';
import type { ApiHandler, ApiRequest, ApiResponse, PeerIdentity, StreamSink } from './exchange.js';
import { writeChunks } from './write-chunks.js';

/** Serves one HTTP/1.1 request. */
export function serveHttp1(
  message: IncomingMessage,
  answer: ServerResponse,
  peer: PeerIdentity,
  handler: ApiHandler,
  onError: (error: unknown) => void,
): void {
  const request = new Http1Request(message, peer, answer);
  handler
    .handle(request)
    .then((response) => compressed(request, response))
    .then((response) => respond(message, answer, response))
    .catch(onError);
}

export class Http1Request implements ApiRequest {
  readonly method: string;
  readonly target: string;
  readonly peer: PeerIdentity;
  readonly #message: IncomingMessage;
  readonly #exchange: Writable;
  #signal: AbortSignal | undefined;

  /** `exchange` emits `close` when the answer is complete or the client has gone. */
  constructor(message: IncomingMessage, peer: PeerIdentity, exchange: Writable) {
    this.#message = message;
    this.#exchange = exchange;
    this.method = message.method ?? 'GET';
    this.target = message.url ?? '/';
    this.peer = peer;
  }

  header(name: string): string | undefined {
    const value = this.#message.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  headersWith(prefix: string): ReadonlyMap<string, readonly string[]> {
    const found = new Map<string, readonly string[]>();
    for (const [name, values] of Object.entries(this.#message.headersDistinct)) {
      if (name.startsWith(prefix) && values !== undefined) found.set(name, values);
    }
    return found;
  }

  body(maxBytes: number): Promise<Buffer> {
    return readBody(this.#message, this.header('content-length'), maxBytes);
  }

  over(listener: () => void): void {
    if (this.#message.socket.destroyed) listener();
    else this.#exchange.once('close', listener);
  }

  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      const controller = new AbortController();
      this.#signal = controller.signal;
      if (this.#message.socket.destroyed) controller.abort();
      else this.#exchange.once('close', () => this.#exchange.writableFinished || controller.abort());
    }
    return this.#signal;
  }
}

function respond(message: IncomingMessage, answer: ServerResponse, response: ApiResponse): void {
  if (answer.destroyed) return;
  if (response.kind === 'stream') {
    answer.writeHead(response.status, response.headers);
    answer.flushHeaders();
    response.run(new Http1Sink(answer));
    return;
  }
  const bytes = response.body.reduce((sum, { length }) => sum + length, 0);
  // A body that was not read would be taken for the next request.
  const close = message.readableEnded || message.complete || !hasBody(message) ? {} : { connection: 'close' };
  answer.writeHead(response.status, { ...response.headers, ...close, 'content-length': String(bytes) });
  if (message.method === 'HEAD') answer.end();
  else writeChunks(answer, response.body);
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? '0') > 0;
}

class Http1Sink implements StreamSink {
  readonly #answer: ServerResponse;

  constructor(answer: ServerResponse) {
    this.#answer = answer;
  }

  write(bytes: Buffer): boolean {
    return this.#answer.destroyed || this.#answer.writableEnded ? true : this.#answer.write(bytes);
  }

  onDrain(listener: () => void): void {
    this.#answer.on('drain', listener);
  }

  onClose(listener: () => void): void {
    this.#answer.once('close', listener);
  }

  end(): void {
    if (!this.#answer.destroyed) this.#answer.end();
  }
}

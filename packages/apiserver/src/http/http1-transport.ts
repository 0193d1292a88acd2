import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { readBody } from './body.js';
import { compressed } from './compression.js';
import type { Connection, Exchange } from './connection.js';
import type { ApiHandler, ApiRequest, ApiResponse, PeerIdentity, StreamSink } from './exchange.js';
import { writeChunks } from './write-chunks.js';

/** Serves one HTTP/1.1 request. */
export function serveHttp1(
  message: IncomingMessage,
  answer: ServerResponse,
  peer: PeerIdentity,
  connection: Connection,
  handler: ApiHandler,
  onError: (error: unknown) => void,
): void {
  const exchange = connection.begin(() => message.socket.destroy());
  answer.on('close', () => connection.end(exchange));
  const request = new Http1Request(message, peer, answer);
  handler
    .handle(request)
    .then((response) => compressed(request, response))
    .then((response) => respond(message, answer, exchange, response))
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

function respond(message: IncomingMessage, answer: ServerResponse, exchange: Exchange, response: ApiResponse): void {
  if (answer.destroyed) return;
  if (response.kind === 'stream') {
    answer.writeHead(response.status, response.headers);
    answer.flushHeaders();
    exchange.lasts();
    response.run(new Http1Sink(answer, exchange));
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
  readonly #exchange: Exchange;

  constructor(answer: ServerResponse, exchange: Exchange) {
    this.#answer = answer;
    this.#exchange = exchange;
  }

  write(bytes: Buffer): boolean {
    if (this.#answer.destroyed || this.#answer.writableEnded || this.#answer.write(bytes)) return true;
    this.#exchange.stalls();
    return false;
  }

  onDrain(listener: () => void): void {
    this.#answer.on('drain', () => {
      this.#exchange.flows();
      listener();
    });
  }

  onClose(listener: () => void): void {
    this.#answer.once('close', listener);
  }

  end(): void {
    if (!this.#answer.destroyed) this.#answer.end();
  }
}

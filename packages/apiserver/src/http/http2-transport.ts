import { constants, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { HTTP2_ANONYMOUS_STREAMS_MAX, HTTP2_FAREWELL_MS } from '../limits.js';
import { readBody } from './body.js';
import { compressed } from './compression.js';
import type { Connection, Exchange } from './connection.js';
import type { ApiHandler, ApiRequest, ApiResponse, PeerIdentity, StreamSink } from './exchange.js';
import type { Begin } from './paced-connection.js';
import { writeChunks } from './write-chunks.js';

const { NGHTTP2_CANCEL, NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants;

/** The client has taken its request back before its turn came. */
const NOTHING_TO_DO = Promise.resolve();

/** One HTTP/2 connection to be served. */
export interface Served {
  readonly session: ServerHttp2Session;
  readonly peer: PeerIdentity;
  readonly connection: Connection;
  readonly handler: ApiHandler;
  /** Begins with a request: now, or when its turn comes. */
  readonly pace: (begin: Begin) => void;
  /** Hears of faults that no client can be told. */
  readonly onError: (error: unknown) => void;
}

/** Serves every stream of one HTTP/2 connection. */
export function serveHttp2({ session, peer, connection, handler, pace, onError }: Served): void {
  let anonymous = 0;
  let ending = false;
  const calm = (): void => {
    if (ending || session.destroyed || connection.takenBack()) return;
    ending = true;
    session.goaway(NGHTTP2_ENHANCE_YOUR_CALM);
    // A socket that is closed on unread bytes takes the farewell with it.
    setTimeout(() => session.destroy(), HTTP2_FAREWELL_MS).unref();
  };
  session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, raw: unknown) => {
    stream.on('error', ignoreReset);
    if (ending) {
      stream.close(NGHTTP2_REFUSED_STREAM);
      return;
    }
    const nameless = isNameless(peer, headers);
    if (nameless && anonymous >= HTTP2_ANONYMOUS_STREAMS_MAX) {
      stream.close(NGHTTP2_REFUSED_STREAM);
      calm();
      return;
    }
    if (nameless) anonymous++;
    const exchange = connection.begin(() => stream.close(NGHTTP2_CANCEL));
    stream.on('close', () => {
      if (nameless) anonymous--;
      connection.end(exchange);
      if (stream.rstCode !== NGHTTP2_NO_ERROR && !exchange.cut) calm();
    });
    const request = new Http2Request(stream, headers, Array.isArray(raw) ? raw : [], peer);
    pace(() =>
      stream.destroyed
        ? NOTHING_TO_DO
        : handler
            .handle(request)
            .then((response) => compressed(request, response))
            .then((response) => respond(stream, exchange, request.method, response))
            .catch(onError),
    );
  });
}

/** Nothing says who asks; whether what others say is true turns out later. */
function isNameless(peer: PeerIdentity, headers: IncomingHttpHeaders): boolean {
  if (peer.kind === 'tls' && (peer.certificate ?? peer.proxy) !== undefined) return false;
  return headers.authorization === undefined;
}

/** A client may reset its stream at any time; the stream's close tells all that matters. */
function ignoreReset(): void {}

class Http2Request implements ApiRequest {
  readonly method: string;
  readonly target: string;
  readonly peer: PeerIdentity;
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  /** Names and values in turn, as sent. */
  readonly #raw: readonly unknown[];
  #signal: AbortSignal | undefined;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, raw: readonly unknown[], peer: PeerIdentity) {
    this.#stream = stream;
    this.#headers = headers;
    this.#raw = raw;
    this.method = String(headers[':method'] ?? 'GET');
    this.target = String(headers[':path'] ?? '/');
    this.peer = peer;
  }

  header(name: string): string | undefined {
    const value = this.#headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  headersWith(prefix: string): ReadonlyMap<string, readonly string[]> {
    // Node joins repeated headers that it does not know, and values may hold commas: only what was sent tells them apart.
    const found = new Map<string, string[]>();
    for (let at = 0; at + 1 < this.#raw.length; at += 2) {
      const name = String(this.#raw[at]);
      if (!name.startsWith(prefix)) continue;
      const value = String(this.#raw[at + 1]);
      const values = found.get(name);
      if (values === undefined) found.set(name, [value]);
      else values.push(value);
    }
    return found;
  }

  body(maxBytes: number): Promise<Buffer> {
    return readBody(this.#stream, this.header('content-length'), maxBytes);
  }

  over(listener: () => void): void {
    if (this.#stream.closed || this.#stream.destroyed) listener();
    else this.#stream.once('close', listener);
  }

  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      const controller = new AbortController();
      this.#signal = controller.signal;
      if (this.#stream.closed || this.#stream.destroyed) controller.abort();
      else this.#stream.once('close', () => this.#stream.writableFinished || controller.abort());
    }
    return this.#signal;
  }
}

function respond(stream: ServerHttp2Stream, exchange: Exchange, method: string, response: ApiResponse): void {
  if (stream.destroyed || stream.closed) return;
  const head = { ':status': response.status, ...response.headers };
  if (response.kind === 'stream') {
    stream.respond(head);
    exchange.lasts();
    response.run(new Http2Sink(stream, exchange));
    return;
  }
  // Who is answered before the end of its body need not send the rest (RFC 9113 §8.1).
  if (!stream.endAfterHeaders && !stream.readableEnded) stream.once('finish', () => stream.close(NGHTTP2_NO_ERROR));
  const bytes = response.body.reduce((sum, { length }) => sum + length, 0);
  const headers = { ...head, 'content-length': String(bytes) };
  if (method === 'HEAD' || bytes === 0) {
    stream.respond(headers, { endStream: true });
    return;
  }
  stream.respond(headers);
  const [only] = response.body;
  if (response.body.length === 1 && only) stream.end(only);
  else writeChunks(stream, response.body);
}

class Http2Sink implements StreamSink {
  readonly #stream: ServerHttp2Stream;
  readonly #exchange: Exchange;

  constructor(stream: ServerHttp2Stream, exchange: Exchange) {
    this.#stream = stream;
    this.#exchange = exchange;
  }

  write(bytes: Buffer): boolean {
    if (this.#stream.destroyed || this.#stream.writableEnded || this.#stream.write(bytes)) return true;
    this.#exchange.stalls();
    return false;
  }

  onDrain(listener: () => void): void {
    this.#stream.on('drain', () => {
      this.#exchange.flows();
      listener();
    });
  }

  onClose(listener: () => void): void {
    this.#stream.once('close', listener);
  }

  end(): void {
    if (!this.#stream.destroyed) this.#stream.end();
  }
}

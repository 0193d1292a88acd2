import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from 'node:http2';
import { checkServerIdentity } from 'node:tls';
import type { ServerAccess } from '../kubeconfig/resolve-context.js';
import { type Answer, type Call, readAll, type StreamedAnswer, type Transport, TransportError } from './transport.js';

/** A connection that is silent this long is asked whether it still lives. */
const PING_AFTER_MS = 30_000;
const PING_TIMEOUT_MS = 15_000;
const STREAM_WINDOW_BYTES = 4 * 1024 * 1024;

const openStreams = new WeakMap<ClientHttp2Session, number>();

type ResponseHeaders = IncomingHttpHeaders & IncomingHttpStatusHeader;

/** HTTP/2 over TLS with one connection, made with the first request and again whenever it was lost. */
export class HttpsTransport implements Transport {
  readonly #access: ServerAccess;
  readonly #prefix: string;
  #session: ClientHttp2Session | undefined;
  #closed = false;

  constructor(access: ServerAccess) {
    this.#access = access;
    this.#prefix = new URL(access.server).pathname.replace(/\/$/, '');
  }

  async request(call: Call): Promise<Answer> {
    const { status, headers, body } = await this.stream(call);
    return { status, headers, body: await readAll(body) };
  }

  stream(call: Call): Promise<StreamedAnswer> {
    if (this.#closed) return Promise.reject(new TransportError('the transport is closed'));
    call.signal.throwIfAborted();
    return openStream(this.#connected(), this.#headers(call), call);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const session = this.#session;
    if (session === undefined || session.closed) return;
    // Whoever waits for the end is to see it, also when nothing else keeps the process alive.
    session.ref();
    await new Promise<void>((resolve) => session.close(resolve));
  }

  #headers({ method, target, headers }: Call): Record<string, string> {
    const { token } = this.#access;
    return {
      ':method': method,
      ':path': `${this.#prefix}${target}`,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    };
  }

  #connected(): ClientHttp2Session {
    const known = this.#session;
    if (known !== undefined && !known.closed && !known.destroyed) return known;
    const session = connect(new URL(this.#access.server).origin, tlsOptions(this.#access));
    // Every stream hears of the loss itself.
    session.on('error', () => session.destroy());
    session.on('goaway', () => session.close());
    session.setTimeout(PING_AFTER_MS, () => probe(session));
    session.unref();
    this.#session = session;
    return session;
  }
}

function tlsOptions({ authority, certificate, key, serverName, skipVerify }: ServerAccess) {
  return {
    ...(authority === undefined ? {} : { ca: authority, allowPartialTrustChain: true }),
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : nameOptions(serverName)),
    rejectUnauthorized: !skipVerify,
    settings: { initialWindowSize: STREAM_WINDOW_BYTES, enablePush: false },
  };
}

function nameOptions(name: string) {
  return {
    servername: name,
    checkServerIdentity: (_host: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
      checkServerIdentity(name, certificate),
  };
}

/** A peer that vanished without a word would leave its watches waiting for ever. */
function probe(session: ClientHttp2Session): void {
  if (session.destroyed) return;
  const timer = setTimeout(() => session.destroy(new TransportError('the server does not answer')), PING_TIMEOUT_MS);
  timer.unref();
  const sent = session.ping(() => clearTimeout(timer));
  if (!sent) clearTimeout(timer);
}

function openStream(
  session: ClientHttp2Session,
  headers: Record<string, string>,
  { body, signal }: Call,
): Promise<StreamedAnswer> {
  const stream = session.request(headers, { endStream: body === undefined, signal });
  holdOpen(session, stream);
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(failure(error, signal));
    stream.once('error', fail);
    stream.once('close', () => fail(new Error('the connection was closed')));
    stream.once('response', (answer: ResponseHeaders) => {
      stream.off('error', fail);
      // Until the body is read an error has no other listener.
      stream.on('error', () => {});
      resolve({ status: Number(answer[':status']), headers: plainHeaders(answer), body: chunks(stream, signal) });
    });
    if (body !== undefined) stream.end(body);
  });
}

/** An idle connection does not keep the process alive; one that waits for an answer does. */
function holdOpen(session: ClientHttp2Session, stream: ClientHttp2Stream): void {
  openStreams.set(session, (openStreams.get(session) ?? 0) + 1);
  session.ref();
  stream.once('close', () => {
    const left = (openStreams.get(session) ?? 1) - 1;
    openStreams.set(session, left);
    if (left === 0 && !session.destroyed && !session.closed) session.unref();
  });
}

async function* chunks(stream: ClientHttp2Stream, signal: AbortSignal): AsyncGenerator<Buffer, void, void> {
  try {
    for await (const chunk of stream) yield chunk;
  } catch (error) {
    throw failure(error, signal);
  }
}

function plainHeaders(headers: ResponseHeaders): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(':') || value === undefined) continue;
    plain[name] = Array.isArray(value) ? value.join(', ') : String(value);
  }
  return plain;
}

function failure(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  const why = error instanceof Error ? error.message : String(error);
  return new TransportError(`the server was not reached or was lost: ${why}`, { cause: error });
}

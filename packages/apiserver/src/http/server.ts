import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { performServerHandshake, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { HTTP2_STREAMS_MAX, REQUEST_HEADER_BYTES_MAX } from '../limits.js';
import type { ApiHandler, PeerIdentity } from './exchange.js';
import { serveHttp1 } from './http1-transport.js';
import { serveHttp2 } from './http2-transport.js';
import { fingerprintsOf, type PeerAuthorities, peerOf } from './peer.js';
import { serveUpgrade } from './websocket.js';

export interface ServerOptions {
  readonly host: string | undefined;
  /** 0: any free port. */
  readonly port: number;
  /** PEM: the serving chain, its key, and the CAs that client certificates are checked against. */
  readonly certificate: string;
  readonly key: string;
  readonly clientCa: string;
  /** PEM: the CAs of authenticating proxies. */
  readonly proxyCa?: string;
  readonly handler: ApiHandler;
  readonly onError: (error: unknown) => void;
}

/** What may be exchanged while the server runs. */
export type TlsMaterial = Pick<ServerOptions, 'certificate' | 'key' | 'clientCa' | 'proxyCa'>;

const MIN_TLS = 'TLSv1.2';
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Memory that one HTTP/2 connection may take, in MiB as Node counts it. */
const SESSION_MEMORY_MIB_MAX = 64;
const STREAM_WINDOW_BYTES = 1024 * 1024;

/**
 * One TLS port for HTTP/2 and HTTP/1.1: the client chooses by ALPN, and each side then runs as if it were alone.
 * Client certificates are asked for and checked, never required.
 */
export class ApiServer {
  readonly #options: ServerOptions;
  readonly #tls: Server;
  readonly #http1: HttpServer;
  readonly #peers = new WeakMap<object, PeerIdentity>();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #sockets = new Set<TLSSocket>();
  #authorities: PeerAuthorities;

  constructor(options: ServerOptions) {
    this.#options = options;
    const { certificate, key, clientCa, proxyCa = '' } = options;
    this.#authorities = authoritiesOf(clientCa, proxyCa);
    this.#http1 = this.#makeHttp1();
    this.#tls = createServer({
      cert: certificate,
      key,
      ca: `${clientCa}\n${proxyCa}`,
      requestCert: true,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2', 'http/1.1'],
      minVersion: MIN_TLS,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    });
    this.#tls.on('secureConnection', (socket) => this.#connected(socket));
    // A client that breaks off its handshake is nobody's fault.
    this.#tls.on('tlsClientError', (_error, socket) => socket.destroy());
  }

  /** Resolves with the port. Rejects when it cannot be bound. */
  listen(): Promise<number> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      this.#tls.once('error', reject);
      this.#tls.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
        this.#tls.off('error', reject);
        this.#tls.on('error', this.#options.onError);
        resolve((this.#tls.address() as AddressInfo).port);
      });
    });
  }

  /**
   * Takes other certificates and CAs (PEM) into use for connections to come; those that are open go on with what was
   * verified when they began. Throws what the system says of material that cannot be used.
   */
  reload({ certificate, key, clientCa, proxyCa = '' }: TlsMaterial): void {
    const authorities = authoritiesOf(clientCa, proxyCa);
    this.#tls.setSecureContext({ cert: certificate, key, ca: `${clientCa}\n${proxyCa}`, minVersion: MIN_TLS });
    this.#authorities = authorities;
  }

  /** Takes no new connections, lets open requests finish for `graceMs`, then ends what is left. */
  async close(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#tls.close(() => resolve()));
    this.#http1.closeIdleConnections();
    for (const session of this.#sessions) session.close();
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, graceMs);
    for (const socket of this.#sockets) if (socket.alpnProtocol !== 'h2') socket.end();
    await closed;
    clearTimeout(timer);
  }

  #connected(socket: TLSSocket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setNoDelay(true);
    const peer = peerOf(socket, this.#authorities);
    if (socket.alpnProtocol === 'h2') this.#serveSession(socket, peer);
    else {
      this.#peers.set(socket, peer);
      this.#http1.emit('connection', socket);
    }
  }

  #serveSession(socket: TLSSocket, peer: PeerIdentity): void {
    const session = performServerHandshake(socket, {
      maxSessionMemory: SESSION_MEMORY_MIB_MAX,
      settings: {
        maxConcurrentStreams: HTTP2_STREAMS_MAX,
        initialWindowSize: STREAM_WINDOW_BYTES,
        maxHeaderListSize: REQUEST_HEADER_BYTES_MAX,
      },
    });
    this.#sessions.add(session);
    session.once('close', () => this.#sessions.delete(session));
    session.on('error', () => session.destroy());
    serveHttp2(session, peer, this.#options.handler, this.#options.onError);
  }

  #makeHttp1(): HttpServer {
    const { handler, onError } = this.#options;
    const server = createHttpServer({ maxHeaderSize: REQUEST_HEADER_BYTES_MAX });
    const peer = (socket: object): PeerIdentity => this.#peers.get(socket) ?? { kind: 'none' };
    server.on('request', (message, answer) => serveHttp1(message, answer, peer(message.socket), handler, onError));
    server.on('upgrade', (message, socket, head) =>
      serveUpgrade(message, socket, head, peer(message.socket), handler, onError),
    );
    return server;
  }
}

function authoritiesOf(clientCa: string, proxyCa: string): PeerAuthorities {
  return { users: fingerprintsOf(clientCa), proxies: fingerprintsOf(proxyCa) };
}

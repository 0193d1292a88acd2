import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { performServerHandshake, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { MemoryPressure } from '../flow-control/memory-pressure.js';
import {
  CONNECTIONS_MAX,
  CONNECTIONS_TIGHT_MAX,
  CONNECTIONS_UNVERIFIED_MAX,
  HTTP_SWEEP_MS,
  HTTP2_STREAMS_MAX,
  REQUEST_HEADER_BYTES_MAX,
  STREAM_WINDOW_BYTES,
} from '../limits.js';
import { Connection, PATIENCE, type Patience, tightened } from './connection.js';
import type { ApiHandler, PeerIdentity } from './exchange.js';
import { serveHttp1 } from './http1-transport.js';
import { serveHttp2 } from './http2-transport.js';
import { LifeSigns } from './life-signs.js';
import { lineOf } from './line.js';
import type { Begin } from './paced-connection.js';
import { fingerprintsOf, type PeerAuthorities, peerOf } from './peer.js';
import { ReadPacing } from './read-pacing.js';
import { keepFewStreams } from './session-streams.js';
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
  /** How much memory there is; plenty when absent. */
  readonly pressure?: Pick<MemoryPressure, 'level'>;
  /** How long clients may take; as `limits` has it when absent. */
  readonly patience?: Patience;
}

/** What may be exchanged while the server runs. */
export type TlsMaterial = Pick<ServerOptions, 'certificate' | 'key' | 'clientCa' | 'proxyCa'>;

const MIN_TLS = 'TLSv1.2';
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Memory that one HTTP/2 connection may take, in MiB as Node counts it. */
const SESSION_MEMORY_MIB_MAX = 64;

/**
 * One TLS port for HTTP/2 and HTTP/1.1: the client chooses by ALPN, and each side then runs as if it were alone.
 * Client certificates are asked for and checked, never required.
 */
export class ApiServer {
  readonly #options: ServerOptions;
  readonly #tls: Server;
  readonly #http1: HttpServer;
  readonly #peers = new WeakMap<object, { readonly peer: PeerIdentity; readonly connection: Connection }>();
  readonly #sessions = new Set<ServerHttp2Session>();
  /** Every open connection, with how to end it. */
  readonly #sockets = new Map<TLSSocket, Client>();
  readonly #pacing = new ReadPacing();
  #unverified = 0;
  #sweeping: NodeJS.Timeout | undefined;
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
    this.#tls.maxConnections = CONNECTIONS_MAX;
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
        this.#sweeping = setInterval(() => this.#sweep(), HTTP_SWEEP_MS).unref();
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
      for (const socket of this.#sockets.keys()) socket.destroy();
    }, graceMs);
    for (const socket of this.#sockets.keys()) if (socket.alpnProtocol !== 'h2') socket.end();
    await closed;
    clearTimeout(timer);
    clearInterval(this.#sweeping);
  }

  #connected(socket: TLSSocket): void {
    socket.on('error', () => socket.destroy());
    const peer = peerOf(socket, this.#authorities);
    if (!this.#admits(peer)) {
      socket.destroy();
      return;
    }
    const connection = new Connection();
    this.#keep(socket, connection, peer);
    socket.setNoDelay(true);
    if (socket.alpnProtocol === 'h2') this.#serveSession(socket, peer, connection);
    else {
      this.#peers.set(socket, { peer, connection });
      this.#http1.emit('connection', socket);
    }
  }

  /** Whether there is room for one more like this. */
  #admits(peer: PeerIdentity): boolean {
    if (this.#tight() && this.#sockets.size >= CONNECTIONS_TIGHT_MAX) return false;
    return isVerified(peer) || this.#unverified < CONNECTIONS_UNVERIFIED_MAX;
  }

  #keep(socket: TLSSocket, connection: Connection, peer: PeerIdentity): void {
    const counts = isVerified(peer) ? 0 : 1;
    this.#unverified += counts;
    this.#sockets.set(socket, { connection, close: () => socket.destroy() });
    socket.once('close', () => {
      this.#unverified -= counts;
      this.#sockets.delete(socket);
    });
  }

  #tight(): boolean {
    const { pressure } = this.#options;
    return pressure !== undefined && pressure.level !== 'none';
  }

  /** Ends what takes too long: heads, bodies and answers that come or go by drops, connections without use or client. */
  #sweep(): void {
    const now = performance.now();
    const { patience = PATIENCE } = this.#options;
    const allowed = this.#tight() ? tightened(patience) : patience;
    for (const { connection, signs, close } of this.#sockets.values()) {
      if (connection.sweep(now, allowed) || signs?.areGone(now, connection.waits)) close();
    }
  }

  #serveSession(socket: TLSSocket, peer: PeerIdentity, connection: Connection): void {
    const session = performServerHandshake(socket, {
      maxSessionMemory: SESSION_MEMORY_MIB_MAX,
      settings: {
        maxConcurrentStreams: HTTP2_STREAMS_MAX,
        initialWindowSize: STREAM_WINDOW_BYTES,
        maxHeaderListSize: REQUEST_HEADER_BYTES_MAX,
      },
    });
    keepFewStreams(session);
    this.#sessions.add(session);
    session.once('close', () => this.#sessions.delete(session));
    session.on('error', () => session.destroy());
    const signs = new LifeSigns(lineOf(session, socket));
    this.#sockets.set(socket, { connection, signs, close: () => session.destroy() });
    const { handler, onError } = this.#options;
    const paced = this.#pacing.open(socket);
    session.on('stream', () => this.#pacing.arrived(paced));
    const pace = (begin: Begin): void => this.#pacing.take(paced, begin);
    serveHttp2({ session, peer, connection, handler, pace, onError });
  }

  #makeHttp1(): HttpServer {
    const { handler, onError } = this.#options;
    // How long clients may take is looked after by the sweep, for both protocols alike.
    const server = createHttpServer({ maxHeaderSize: REQUEST_HEADER_BYTES_MAX, keepAliveTimeout: 0 });
    const known = (socket: object) => {
      const found = this.#peers.get(socket);
      if (found === undefined) throw new Error('a request came over a connection that is not ours');
      return found;
    };
    server.on('request', (message, answer) => {
      const { peer, connection } = known(message.socket);
      serveHttp1(message, answer, peer, connection, handler, onError);
    });
    server.on('upgrade', (message, socket, head) => {
      const { peer, connection } = known(message.socket);
      serveUpgrade(message, socket, head, peer, connection, handler, onError);
    });
    return server;
  }
}

interface Client {
  readonly connection: Connection;
  /** Undefined for HTTP/1.1, where Node.js tells of every end. */
  readonly signs?: LifeSigns;
  close(): void;
}

/** The client has a certificate that an authority vouches for. */
function isVerified(peer: PeerIdentity): boolean {
  return peer.kind === 'tls' && (peer.certificate ?? peer.proxy) !== undefined;
}

function authoritiesOf(clientCa: string, proxyCa: string): PeerAuthorities {
  return { users: fingerprintsOf(clientCa), proxies: fingerprintsOf(proxyCa) };
}

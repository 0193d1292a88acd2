import { connect, isIP, Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, createSecureContext, type SecureContext } from 'node:tls';

/** PEM texts; the system's authorities are used where none is named. */
export interface Credentials {
  readonly authority?: Buffer;
  readonly certificate?: Buffer;
  readonly key?: Buffer;
}

/** What a certificate, its key and an authority are good for. Throws what OpenSSL says of them. */
export function securityOf({ authority, certificate, key }: Credentials): SecureContext {
  return createSecureContext({
    ...(authority === undefined ? {} : { ca: authority }),
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
  });
}

/** Where a server is, and how one gets in. */
export interface Target {
  /** `http://host:port` or `https://host:port`. */
  readonly url: URL;
  /** For https; asked for with every connection, as certificates are replaced while a server runs. May throw. */
  readonly security?: (() => SecureContext) | undefined;
}

/**
 * Calls `ready` when the socket stands, and with TLS the server is who it should be and agreed to speak HTTP/2. Whatever
 * fails is an error of the socket.
 */
export function openSocket({ url, security }: Target, ready: () => void): Socket {
  const secure = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port) || (secure ? 443 : 80);
  if (!secure) return connect({ host, port }, ready).setNoDelay(true);
  try {
    const socket = connectTls(securing(host, port, security?.()), () => {
      if (socket.alpnProtocol === 'h2') ready();
      else socket.destroy(new Error('it does not speak HTTP/2'));
    });
    return socket.setNoDelay(true);
  } catch (error) {
    return new Socket().destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

function securing(host: string, port: number, security: SecureContext | undefined): ConnectionOptions {
  return {
    host,
    port,
    ALPNProtocols: ['h2'],
    // A name for the server to choose its certificate by; addresses are not allowed there (RFC 6066 §3).
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(security === undefined ? {} : { secureContext: security }),
  };
}

/** In words: a host with several addresses fails once for each and says nothing of its own, OpenSSL tells where in its code. */
export function reasonOf(error: unknown): string {
  const [first = error] = error instanceof AggregateError ? (error.errors as readonly unknown[]) : [];
  if (!(first instanceof Error)) return String(first);
  return 'library' in first && 'reason' in first ? `TLS: ${first.reason}` : first.message;
}

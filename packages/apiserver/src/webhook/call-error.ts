import { getServers } from 'node:dns';
import { isIP } from 'node:net';
import type { PeerCertificate } from 'node:tls';

/** A call of a webhook that brought no usable answer. The message is what upstream's client would say. */
export class WebhookCallError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'WebhookCallError';
  }
}

/** What Node.js tells of a failed connection, each part only where it applies. */
interface ConnectionFault extends Error {
  readonly code?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
  readonly host?: string;
  readonly cert?: PeerCertificate;
  readonly errors?: readonly ConnectionFault[];
}

const CONNECT_TEXTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
  EACCES: 'connect: permission denied',
  EADDRNOTAVAIL: 'connect: cannot assign requested address',
};
const UNKNOWN_AUTHORITY: ReadonlySet<string> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);
const VERIFY = 'tls: failed to verify certificate: x509:';

/** A failed connection in the words of Go's HTTP client, which clients of the API know and search for. */
export function goConnectionText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const fault: ConnectionFault = error;
  const [first] = fault.errors ?? [];
  if (first !== undefined) return goConnectionText(first);
  const { code = '', address = '', port = 0 } = fault;
  const connect = CONNECT_TEXTS[code];
  if (connect !== undefined) return `dial tcp ${isIP(address) === 6 ? `[${address}]` : address}:${port}: ${connect}`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `dial tcp: ${lookupText(fault)}`;
  if (code === 'ECONNRESET') return 'EOF';
  if (code === 'EPIPE') return 'write: broken pipe';
  return tlsText(fault) ?? fault.message;
}

function lookupText({ code, hostname = '' }: ConnectionFault): string {
  const [server = ''] = getServers();
  const asked = server === '' ? '' : ` on ${server.includes(':') ? server : `${server}:53`}`;
  return `lookup ${hostname}${asked}: ${code === 'ENOTFOUND' ? 'no such host' : 'server misbehaving'}`;
}

function tlsText(fault: ConnectionFault): string | undefined {
  const { code = '' } = fault;
  if (UNKNOWN_AUTHORITY.has(code)) return `${VERIFY} certificate signed by unknown authority`;
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return `${VERIFY} certificate has expired or is not yet valid`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `${VERIFY} ${wrongNameText(fault)}`;
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'EPROTO') {
    return 'http: server gave HTTP response to HTTPS client';
  }
  return code.startsWith('HPE_')
    ? 'net/http: HTTP/1.x transport connection broken: malformed HTTP response'
    : undefined;
}

function wrongNameText({ host = '', cert }: ConnectionFault): string {
  const names = (cert?.subjectaltname ?? '').split(', ');
  const ip = isIP(host) !== 0;
  const prefix = ip ? 'IP Address:' : 'DNS:';
  const valid = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  if (valid.length > 0) return `certificate is valid for ${valid.join(', ')}, not ${host}`;
  return ip
    ? `cannot validate certificate for ${host} because it doesn't contain any IP SANs`
    : `certificate is not valid for any names, but wanted to match ${host}`;
}

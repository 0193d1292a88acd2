import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { CertificateSubject, PeerIdentity } from './exchange.js';

/** Upstream's own attribute type for the uid of a user. */
const UID_ATTRIBUTE = '1.3.6.1.4.1.57683.2';
const CHAIN_LENGTH_MAX = 10;

/** Fingerprints of the authorities whose certificates count, as `fingerprintsOf` makes them. */
export interface PeerAuthorities {
  readonly users: ReadonlySet<string>;
  readonly proxies: ReadonlySet<string>;
}

/** The fingerprints of all certificates of a PEM text. */
export function fingerprintsOf(pem: string): ReadonlySet<string> {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return new Set(blocks.map((block) => new X509Certificate(block).fingerprint256));
}

/**
 * Who is at the other end of a TLS connection; asked once per connection. The connection was verified against the
 * authorities of users and of proxies together, so the chain tells for which of them a certificate is good.
 */
export function peerOf(socket: TLSSocket, { users, proxies }: PeerAuthorities): PeerIdentity {
  const { remoteAddress: address = '' } = socket;
  const detailed = socket.getPeerCertificate(true);
  if (Object.keys(detailed).length === 0) {
    return { kind: 'tls', address, certificate: undefined, proxy: undefined, refused: false };
  }
  const chain = socket.authorized ? chainOf(detailed) : [];
  const subject = subjectOf(detailed);
  const goodFor = (authorities: ReadonlySet<string>): boolean =>
    chain.some(({ fingerprint256 }) => authorities.has(fingerprint256));
  const isUser = goodFor(users);
  return {
    kind: 'tls',
    address,
    certificate: isUser ? subject : undefined,
    proxy: goodFor(proxies) ? subject : undefined,
    refused: !isUser,
  };
}

/** The certificate and its issuers; a root names itself as its issuer. */
function chainOf(leaf: DetailedPeerCertificate): readonly DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  let next: DetailedPeerCertificate | undefined = leaf;
  while (next !== undefined && !chain.includes(next) && chain.length < CHAIN_LENGTH_MAX) {
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain;
}

function subjectOf(certificate: DetailedPeerCertificate): CertificateSubject {
  const subject: unknown = certificate.subject;
  const attributes = new Map<string, unknown>(typeof subject === 'object' && subject ? Object.entries(subject) : []);
  const [commonName = ''] = texts(attributes.get('CN'));
  const [uid = ''] = texts(attributes.get(UID_ATTRIBUTE));
  const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  return { commonName, organizations: texts(attributes.get('O')), uid, fingerprint };
}

function texts(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' ? [value] : [];
}

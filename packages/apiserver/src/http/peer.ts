import type { TLSSocket } from 'node:tls';
import type { CertificateSubject, PeerIdentity } from './exchange.js';

/** Upstream's own attribute type for the uid of a user. */
const UID_ATTRIBUTE = '1.3.6.1.4.1.57683.2';

/** Who is at the other end of a TLS connection; asked once per connection. A certificate that did not verify is none. */
export function peerOf(socket: TLSSocket): PeerIdentity {
  return { kind: 'tls', certificate: socket.authorized ? subjectOf(socket) : undefined };
}

function subjectOf(socket: TLSSocket): CertificateSubject | undefined {
  const subject: unknown = socket.getPeerCertificate().subject;
  if (typeof subject !== 'object' || subject === null) return undefined;
  const attributes = new Map<string, unknown>(Object.entries(subject));
  const [commonName = ''] = texts(attributes.get('CN'));
  const [uid = ''] = texts(attributes.get(UID_ATTRIBUTE));
  return { commonName, organizations: texts(attributes.get('O')), uid };
}

function texts(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' ? [value] : [];
}

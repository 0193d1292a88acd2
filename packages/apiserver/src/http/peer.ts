import type { TLSSocket } from 'node:tls';
import type { CertificateSubject, PeerIdentity } from './exchange.js';

/** Who is at the other end of a TLS connection; asked once per connection. A certificate that did not verify is none. */
export function peerOf(socket: TLSSocket): PeerIdentity {
  return { kind: 'tls', certificate: socket.authorized ? subjectOf(socket) : undefined };
}

function subjectOf(socket: TLSSocket): CertificateSubject | undefined {
  const { subject } = socket.getPeerCertificate();
  if (subject === undefined) return undefined;
  const organizations: unknown = subject.O;
  const commonName: unknown = subject.CN;
  return {
    commonName: typeof commonName === 'string' ? commonName : '',
    organizations: Array.isArray(organizations)
      ? organizations.map(String)
      : typeof organizations === 'string'
        ? [organizations]
        : [],
  };
}

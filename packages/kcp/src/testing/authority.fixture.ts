import { issueCertificate, type KeyPair } from '../certificates/issue-certificate.js';

const HOUR_MS = 3_600_000;

/** A certificate authority of a test. */
export class Authority {
  readonly #subject;
  readonly pair: KeyPair;

  constructor(commonName: string) {
    this.#subject = { commonName, organizations: [] };
    this.pair = issueCertificate({ subject: this.#subject, purpose: { kind: 'authority' }, ...period() });
  }

  client(commonName: string, organizations: readonly string[] = [], times = period()): KeyPair {
    return issueCertificate(
      { subject: { commonName, organizations }, purpose: { kind: 'client' }, ...times },
      this.#issuer(),
    );
  }

  /** For a server on this machine. */
  server(): KeyPair {
    const purpose = { kind: 'server' as const, dnsNames: ['localhost'], addresses: ['127.0.0.1'] };
    return issueCertificate(
      { subject: { commonName: 'server', organizations: [] }, purpose, ...period() },
      this.#issuer(),
    );
  }

  #issuer() {
    return { subject: this.#subject, key: this.pair.key };
  }
}

/** From and to in milliseconds from now. */
export function period(from = -HOUR_MS, to = HOUR_MS) {
  return { validFrom: Date.now() + from, validTo: Date.now() + to };
}

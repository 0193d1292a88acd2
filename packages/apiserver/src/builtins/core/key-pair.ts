import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readPem } from '@kcp/apimachinery/x509/pem';

const PRIVATE_KEY = 'PRIVATE KEY';

/** Why a certificate and a key, both in PEM, are no pair, in the words of Go's `tls.X509KeyPair`; undefined when they are. */
export function keyPairFault(certificatePem: string, keyPem: string): string | undefined {
  const certificates = readPem(certificatePem).map(({ type }) => type);
  if (!certificates.includes('CERTIFICATE')) return noCertificate(certificates);
  const keys = readPem(keyPem).map(({ type }) => type);
  if (!keys.some((type) => type === PRIVATE_KEY || type.endsWith(` ${PRIVATE_KEY}`))) return noKey(keys);
  const certificate = attempt(() => new X509Certificate(certificatePem));
  if (certificate === undefined) return 'x509: malformed certificate';
  const key = attempt(() => createPrivateKey(keyPem));
  if (key === undefined) return 'tls: failed to parse private key';
  return mismatch(certificate, key);
}

function noCertificate(types: readonly string[]): string {
  if (types.length === 0) return 'tls: failed to find any PEM data in certificate input';
  if (types.length === 1 && types[0]?.endsWith(PRIVATE_KEY)) {
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched';
  }
  return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${types.join(' ')}]`;
}

function noKey(types: readonly string[]): string {
  if (types.length === 0) return 'tls: failed to find any PEM data in key input';
  if (types.length === 1 && types[0] === 'CERTIFICATE') {
    return 'tls: found a certificate rather than a key in the PEM for the private key';
  }
  return `tls: failed to find PEM block with type ending in "${PRIVATE_KEY}" in key input after skipping PEM blocks of the following types: [${types.join(' ')}]`;
}

function mismatch(certificate: X509Certificate, key: KeyObject): string | undefined {
  if (certificate.checkPrivateKey(key)) return undefined;
  return certificate.publicKey.asymmetricKeyType === key.asymmetricKeyType
    ? 'tls: private key does not match public key'
    : 'tls: private key type does not match public key type';
}

/** What cannot be read is undefined: node says no more than that. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

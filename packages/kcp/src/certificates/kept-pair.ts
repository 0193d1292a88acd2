import { createPrivateKey, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { KeyPair } from './issue-certificate.js';
import { readIfPresent, writePrivateFile } from './private-file.js';

/** A pair as it was found on disk, with its certificate taken apart. */
export interface KeptPair extends KeyPair {
  readonly parsed: X509Certificate;
}

/** A certificate or key of the data directory that cannot be used and must not be replaced silently. */
export class CertificateFault extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CertificateFault';
  }
}

export function certificatePath(directory: string, name: string): string {
  return join(directory, `${name}.crt`);
}

export function keyPath(directory: string, name: string): string {
  return join(directory, `${name}.key`);
}

/**
 * Reads `<name>.crt` and `<name>.key`; undefined when either is missing or they do not belong together, which is what
 * an interrupted renewal leaves behind. Throws CertificateFault for files that are neither.
 */
export function readPair(directory: string, name: string): KeptPair | undefined {
  const certificate = readIfPresent(certificatePath(directory, name));
  const key = readIfPresent(keyPath(directory, name));
  if (certificate === undefined || key === undefined) return undefined;
  try {
    const parsed = new X509Certificate(certificate);
    return parsed.checkPrivateKey(createPrivateKey(key)) ? { certificate, key, parsed } : undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const text = `certificate ${certificatePath(directory, name)} or its key is damaged (${why}); delete both to have them made anew`;
    throw new CertificateFault(text, { cause: error });
  }
}

/** The key goes first: a certificate that is there always has had its key. */
export function writePair(directory: string, name: string, pair: KeyPair): void {
  writePrivateFile(keyPath(directory, name), pair.key);
  writePrivateFile(certificatePath(directory, name), pair.certificate);
}

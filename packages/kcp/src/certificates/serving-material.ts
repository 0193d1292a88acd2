import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { CertificateFiles } from '../config/server-config.js';
import type { Certificates } from './ensure-certificates.js';
import { CertificateFault } from './kept-pair.js';

/** What a TLS server is made from, all PEM, and what clients must trust to reach it. */
export interface ServingMaterial {
  readonly certificate: string;
  readonly key: string;
  /** The authorities that client certificates are checked against: ours and those the user gave. */
  readonly clientCa: string;
  /** The authorities of authenticating proxies; empty: there are none. */
  readonly proxyCa: string;
  /** For kubeconfigs. A certificate that the user gave is trusted as it is: its issuer need not be known to us. */
  readonly trusted: string;
}

/**
 * Our own certificates with what the user gave in their place. Throws CertificateFault for files that cannot be read,
 * hold no certificate, or do not belong together.
 */
export function servingMaterial(
  own: Certificates,
  given: CertificateFiles | undefined,
  clientCaFile: string | undefined,
  proxyCaFile?: string,
): ServingMaterial {
  const clientCa = clientCaFile === undefined ? own.authority : `${own.authority}${readCertificates(clientCaFile)}`;
  const proxyCa = proxyCaFile === undefined ? '' : readCertificates(proxyCaFile);
  if (given === undefined) return { ...own.serving, clientCa, proxyCa, trusted: own.authority };
  const certificate = readCertificates(given.certificateFile);
  const key = readPem(given.keyFile);
  checkPair(given, certificate, key);
  return { certificate, key, clientCa, proxyCa, trusted: certificate };
}

function checkPair(files: CertificateFiles, certificate: string, key: string): void {
  const fits = within(files.keyFile, () => new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key)));
  if (!fits) throw new CertificateFault(`${files.keyFile} is not the key of ${files.certificateFile}`);
}

function readCertificates(file: string): string {
  const text = readPem(file);
  within(file, () => new X509Certificate(text));
  return text;
}

function readPem(file: string): string {
  return within(file, () => readFileSync(file, 'utf8'));
}

function within<T>(file: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CertificateFault(`cannot use ${file}: ${why}`, { cause: error });
  }
}

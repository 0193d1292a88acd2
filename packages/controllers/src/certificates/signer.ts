import type { RequestedCertificate } from '@kcp/apimachinery/x509/certificate-request';

/** What is to be signed, after it has been checked. */
export interface SigningTask {
  readonly requested: RequestedCertificate;
  /** As the API names them: `client auth`, `digital signature`. */
  readonly usages: readonly string[];
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly validTo: number;
}

/** An authority that makes certificates for keys that others hold. */
export interface Signer {
  /** The certificate in PEM; it never outlives the authority. */
  sign(task: SigningTask): Promise<string> | string;
}

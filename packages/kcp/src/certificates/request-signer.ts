import type { Signer } from '@kcp/controllers/certificates/signer';
import type { Authority } from './ensure-certificates.js';
import { certifyKey } from './issue-certificate.js';

/** The server's own authority as the signer of client certificates that are asked for through the API. */
export function requestSigner(authority: Authority): Signer {
  return {
    sign({ requested, usages, validFrom, validTo }) {
      const { subject, publicKey, alternativeNamesExtension: alternativeNames } = requested;
      const end = Math.min(validTo, authority.validTo);
      return certifyKey({ subject, publicKey, usages, alternativeNames, validFrom, validTo: end }, authority);
    },
  };
}

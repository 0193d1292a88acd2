import type { RequestedCertificate } from '@kcp/apimachinery/x509/certificate-request';

export const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';
export const KUBELET_SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet';
const NODES_GROUP = 'system:nodes';
export const NODE_PREFIX = 'system:node:';
const OPTIONAL: ReadonlySet<string> = new Set(['digital signature', 'key encipherment']);
const REQUIRED = 'client auth';
const KUBELET_USAGES = ['client auth', 'digital signature', 'key encipherment'];
const KUBELET_USAGES_WITHOUT_RSA = ['client auth', 'digital signature'];

/** Why a signer does not sign a request, in upstream's words; undefined: it does. */
export function clientFault(
  signerName: string,
  requested: RequestedCertificate,
  usages: readonly string[],
): string | undefined {
  return signerName === KUBELET_SIGNER ? kubeletFault(requested, usages) : usageFault(usages);
}

function usageFault(usages: readonly string[]): string | undefined {
  const other = usages.find((usage) => usage !== REQUIRED && !OPTIONAL.has(usage));
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  return usages.includes(REQUIRED) ? undefined : `missing required usage for client certificate: ${REQUIRED}`;
}

/** A kubelet's certificate is one of its node and of nothing else. */
export function kubeletFault(requested: RequestedCertificate, usages: readonly string[]): string | undefined {
  const { organizations, commonName, alternativeNames } = requested;
  if (organizations.length !== 1 || organizations[0] !== NODES_GROUP) {
    return 'subject organization is not system:nodes';
  }
  if (alternativeNames.dns > 0) return 'DNS subjectAltNames are not allowed';
  if (alternativeNames.email > 0) return 'Email subjectAltNames are not allowed';
  if (alternativeNames.address > 0) return 'IP subjectAltNames are not allowed';
  if (alternativeNames.uri > 0) return 'URI subjectAltNames are not allowed';
  if (!commonName.startsWith(NODE_PREFIX)) return 'subject common name does not begin with system:node:';
  const sorted = [...new Set(usages)].sort().join();
  if (sorted === KUBELET_USAGES.join() || sorted === KUBELET_USAGES_WITHOUT_RSA.join()) return undefined;
  return `usages did not match [${KUBELET_USAGES.join(' ')}]`;
}

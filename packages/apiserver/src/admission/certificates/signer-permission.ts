import type { Authorizer } from '../../authz/authorizer.js';
import type { AdmissionAttributes } from '../admission.js';

/** Whether somebody may `approve` or `sign` for a signer: for it by name, or for all of its domain (`example.com/*`). */
export async function mayUseSigner(
  authorizer: Authorizer,
  { user, cluster: scope }: AdmissionAttributes,
  verb: 'approve' | 'sign',
  signerName: string,
): Promise<boolean> {
  const [domain = ''] = signerName.split('/');
  for (const name of [signerName, `${domain}/*`]) {
    const { decision } = await authorizer.authorize({
      kind: 'resource',
      user,
      scope,
      verb,
      group: 'certificates.k8s.io',
      version: '*',
      resource: 'signers',
      subresource: '',
      namespace: '',
      name,
    });
    if (decision === 'allow') return true;
  }
  return false;
}

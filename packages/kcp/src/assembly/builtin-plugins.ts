import type { AdmissionPlugin } from '@kcp/apiserver/admission/admission';
import {
  CertificateApproval,
  CertificateSigning,
  CertificateSubjectRestriction,
} from '@kcp/apiserver/admission/certificates/certificate-plugins';
import { LimitRanger } from '@kcp/apiserver/admission/limits/limit-ranger';
import { OwnerReferencesPermissionEnforcement } from '@kcp/apiserver/admission/owner-permission';
import type { Authorizer } from '@kcp/apiserver/authz/authorizer';
import type { ResourceCatalog } from '@kcp/apiserver/registry/catalog';
import type { WatchCache } from '@kcp/storage/cache';

export interface BuiltinPluginsOptions {
  readonly cache: WatchCache;
  readonly catalog: ResourceCatalog;
  readonly authorizer: Authorizer;
  /** Names of plugins that upstream leaves out unless they are asked for. */
  readonly enabled: readonly string[];
}

/** Those between NamespaceLifecycle and what users bring, in upstream's order. */
export function builtinPlugins({ cache, catalog, authorizer, enabled }: BuiltinPluginsOptions): AdmissionPlugin[] {
  const owners = new OwnerReferencesPermissionEnforcement(authorizer, () => catalog);
  return [
    new LimitRanger(cache),
    ...(enabled.includes(owners.name) ? [owners] : []),
    new CertificateApproval(authorizer),
    new CertificateSigning(authorizer),
    new CertificateSubjectRestriction(),
  ];
}

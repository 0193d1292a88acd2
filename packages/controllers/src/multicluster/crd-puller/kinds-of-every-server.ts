import type { ServedKind } from './discover-kinds.js';

/** Resources that every kcp serves itself. A definition of one of them would be refused. */
const SERVED: ReadonlySet<string> = new Set([
  ...['configmaps', 'events', 'limitranges', 'namespaces', 'resourcequotas', 'secrets', 'serviceaccounts'].map(core),
  'leases.coordination.k8s.io',
  'certificatesigningrequests.certificates.k8s.io',
  'events.events.k8s.io',
]);
/** Groups that are the server's alone. */
const GROUPS: ReadonlySet<string> = new Set([
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'rbac.authorization.k8s.io',
]);

function core(resource: string): string {
  return `${resource}.`;
}

/** A kind that kcp has without a definition. */
export function isOfEveryServer({ plural, group }: ServedKind): boolean {
  return GROUPS.has(group) || SERVED.has(`${plural}.${group}`);
}

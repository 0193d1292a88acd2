/** Groups of Kubernetes itself that have no domain; the core group has no name at all. */
const WITHOUT_DOMAIN: ReadonlySet<string> = new Set(['', 'apps', 'autoscaling', 'batch', 'extensions', 'policy']);

const WITH_DOMAIN: ReadonlySet<string> = new Set([
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
]);

/** Groups without a domain that a definition may have all the same (an addition of kcp's). */
export function needsNoDomain(group: string): boolean {
  return WITHOUT_DOMAIN.has(group);
}

/**
 * A group of Kubernetes itself. Where its types are defined by definitions, they take strategic merge patches as they
 * do where they are built in (an addition of kcp's); other custom types do not.
 */
export function isKubernetesGroup(group: string): boolean {
  return WITHOUT_DOMAIN.has(group) || WITH_DOMAIN.has(group);
}

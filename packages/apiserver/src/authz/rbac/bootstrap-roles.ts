import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';

const API_VERSION = 'rbac.authorization.k8s.io/v1';
const BOOTSTRAP_LABEL = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
/** Set to `false` by whoever wants the server to leave a role or binding alone. */
export const AUTOUPDATE_ANNOTATION = 'rbac.authorization.kubernetes.io/autoupdate';

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const CORE = '';
const RBAC = 'rbac.authorization.k8s.io';
const AUTHENTICATION = 'authentication.k8s.io';
const AUTHORIZATION = 'authorization.k8s.io';
const CERTIFICATES = 'certificates.k8s.io';

/** The cluster roles that every logical cluster can bind, after upstream's bootstrap policy as far as its types go. */
export function bootstrapClusterRoles(): readonly KubeObject[] {
  return [
    clusterRole('cluster-admin', [rule(['*'], '*', ['*']), paths(['*'], ['*'])]),
    clusterRole('system:discovery', [paths(['get'], DISCOVERY)]),
    clusterRole('system:public-info-viewer', [paths(['get'], PUBLIC)]),
    clusterRole('system:basic-user', [
      rule(['create'], AUTHORIZATION, ['selfsubjectaccessreviews', 'selfsubjectrulesreviews']),
      rule(['create'], AUTHENTICATION, ['selfsubjectreviews']),
    ]),
    clusterRole('system:monitoring', [paths(['get'], MONITORING)]),
    clusterRole('system:auth-delegator', [
      rule(['create'], AUTHENTICATION, ['tokenreviews']),
      rule(['create'], AUTHORIZATION, ['subjectaccessreviews']),
    ]),
    clusterRole('system:service-account-issuer-discovery', [
      paths(['get'], ['/.well-known/openid-configuration', '/openid/v1/jwks']),
    ]),
    clusterRole('system:certificates.k8s.io:kube-apiserver-client-approver', [
      named(['approve'], CERTIFICATES, ['signers'], ['kubernetes.io/kube-apiserver-client']),
    ]),
    aggregated('admin', ['admin']),
    aggregated('edit', ['edit']),
    aggregated('view', ['view']),
    part('admin', [
      rule(['create'], AUTHORIZATION, ['localsubjectaccessreviews']),
      rule([...WRITE, ...READ], RBAC, ['rolebindings', 'roles']),
    ]),
    part('edit', [
      rule(WRITE, CORE, ['configmaps', 'events', 'secrets', 'serviceaccounts']),
      rule(READ, CORE, ['secrets']),
      rule(['impersonate'], CORE, ['serviceaccounts']),
      rule(['create'], CORE, ['serviceaccounts/token']),
      rule([...WRITE, ...READ], 'coordination.k8s.io', ['leases']),
    ]),
    part('view', [
      rule(READ, CORE, VIEWED),
      rule(READ, 'events.k8s.io', ['events']),
      rule(READ, CORE, ['namespaces/status', 'resourcequotas/status']),
    ]),
  ];
}

/** Who has which of these roles everywhere from the start. */
export function bootstrapClusterRoleBindings(): readonly KubeObject[] {
  return [
    binding('cluster-admin', ['system:masters']),
    binding('system:discovery', ['system:authenticated']),
    binding('system:basic-user', ['system:authenticated']),
    binding('system:public-info-viewer', ['system:authenticated', 'system:unauthenticated']),
    binding('system:monitoring', ['system:monitoring']),
    binding('system:service-account-issuer-discovery', ['system:serviceaccounts']),
  ];
}

const DISCOVERY = [
  '/api',
  '/api/*',
  '/apis',
  '/apis/*',
  '/healthz',
  '/livez',
  '/openapi',
  '/openapi/*',
  '/readyz',
].concat(['/version', '/version/']);
const PUBLIC = ['/healthz', '/livez', '/readyz', '/version', '/version/'];
const MONITORING = ['/healthz', '/healthz/*', '/livez', '/livez/*', '/metrics', '/metrics/*', '/readyz', '/readyz/*'];
const VIEWED = ['configmaps', 'events', 'limitranges', 'namespaces', 'resourcequotas', 'serviceaccounts'];

function clusterRole(name: string, rules: JsonObject[], labels: Record<string, string> = {}): KubeObject {
  return { kind: 'ClusterRole', apiVersion: API_VERSION, metadata: metadata(name, labels), rules };
}

/** A role that is the sum of all roles with the label of one of `parts`. A wider role contains the narrower ones. */
function aggregated(name: string, parts: readonly string[]): KubeObject {
  const aggregationRule = {
    clusterRoleSelectors: parts.map((part) => ({ matchLabels: { [partLabel(part)]: 'true' } })),
  };
  const labels = WIDER[name] === undefined ? {} : { [partLabel(WIDER[name])]: 'true' };
  return { ...clusterRole(name, [], labels), aggregationRule };
}

const WIDER: Readonly<Record<string, string>> = { edit: 'admin', view: 'edit' };

function part(name: string, rules: JsonObject[]): KubeObject {
  return clusterRole(`system:aggregate-to-${name}`, rules, { [partLabel(name)]: 'true' });
}

function partLabel(name: string): string {
  return `rbac.authorization.k8s.io/aggregate-to-${name}`;
}

function binding(role: string, groups: readonly string[]): KubeObject {
  return {
    kind: 'ClusterRoleBinding',
    apiVersion: API_VERSION,
    metadata: metadata(role, {}),
    subjects: groups.map((name) => ({ kind: 'Group', apiGroup: RBAC, name })),
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role },
  };
}

function metadata(name: string, labels: Record<string, string>): KubeObject['metadata'] {
  return { name, labels: { ...BOOTSTRAP_LABEL, ...labels }, annotations: { [AUTOUPDATE_ANNOTATION]: 'true' } };
}

function rule(verbs: readonly string[], group: string, resources: readonly string[]): JsonObject {
  return { verbs: [...verbs], apiGroups: [group], resources: [...resources] };
}

function named(
  verbs: readonly string[],
  group: string,
  resources: readonly string[],
  names: readonly string[],
): JsonObject {
  return { ...rule(verbs, group, resources), resourceNames: [...names] };
}

function paths(verbs: readonly string[], urls: readonly string[]): JsonObject {
  return { verbs: [...verbs], nonResourceURLs: [...urls] };
}

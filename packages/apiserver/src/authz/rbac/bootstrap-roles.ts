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
    aggregated('admin', [...ADMIN, ...EDIT, ...VIEW]),
    aggregated('edit', [...EDIT, ...VIEW]),
    aggregated('view', VIEW),
    part('admin', ADMIN),
    part('edit', EDIT),
    part('view', VIEW),
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
  '/version',
  '/version/',
];
const PUBLIC = ['/healthz', '/livez', '/readyz', '/version', '/version/'];
const MONITORING = ['/healthz', '/healthz/*', '/livez', '/livez/*', '/metrics', '/metrics/*', '/readyz', '/readyz/*'];
const VIEWED = ['configmaps', 'events', 'limitranges', 'namespaces', 'resourcequotas', 'serviceaccounts'];
/** What the three roles for users of a namespace add to each other. */
const ADMIN: readonly JsonObject[] = [
  rule(['create'], AUTHORIZATION, ['localsubjectaccessreviews']),
  rule([...WRITE, ...READ], RBAC, ['rolebindings', 'roles']),
];
const EDIT: readonly JsonObject[] = [
  rule(WRITE, CORE, ['configmaps', 'events', 'secrets', 'serviceaccounts']),
  rule(READ, CORE, ['secrets']),
  rule(['impersonate'], CORE, ['serviceaccounts']),
  rule(['create'], CORE, ['serviceaccounts/token']),
  rule([...WRITE, ...READ], 'coordination.k8s.io', ['leases']),
];
const VIEW: readonly JsonObject[] = [
  rule(READ, CORE, VIEWED),
  rule(READ, 'events.k8s.io', ['events']),
  rule(READ, CORE, ['namespaces/status', 'resourcequotas/status']),
];

function clusterRole(name: string, rules: readonly JsonObject[], labels: Record<string, string> = {}): KubeObject {
  return { kind: 'ClusterRole', apiVersion: API_VERSION, metadata: metadata(name, labels), rules: [...rules] };
}

/**
 * A role that is the sum of all roles with its label; a wider role contains the narrower ones. It is written with its sum,
 * so that it holds before anybody has added it up.
 */
function aggregated(name: string, rules: readonly JsonObject[]): KubeObject {
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { [partLabel(name)]: 'true' } }] };
  const labels = WIDER[name] === undefined ? {} : { [partLabel(WIDER[name])]: 'true' };
  return { ...clusterRole(name, rules, labels), aggregationRule };
}

const WIDER: Readonly<Record<string, string>> = { edit: 'admin', view: 'edit' };

function part(name: string, rules: readonly JsonObject[]): KubeObject {
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

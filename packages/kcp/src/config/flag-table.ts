/** How the value of a flag is written. */
export type FlagKind =
  | 'text'
  | 'switch'
  | 'count'
  /** Names separated by commas; given several times, they add up. */
  | 'list';

export interface FlagSpec {
  readonly name: string;
  readonly kind: FlagKind;
  /** Stands for the value in the help text. */
  readonly placeholder: string;
  readonly help: string;
}

function flag(name: string, kind: FlagKind, placeholder: string, help: string): FlagSpec {
  return { name, kind, placeholder, help };
}

const ETCD_FLAGS: readonly FlagSpec[] = [
  flag('etcd-servers', 'text', 'URLS', 'members of an etcd to keep the data in, such as https://host:2379'),
  flag('etcd-certfile', 'text', 'FILE', 'PEM client certificate for etcd'),
  flag('etcd-keyfile', 'text', 'FILE', 'PEM key of --etcd-certfile'),
  flag('etcd-cafile', 'text', 'FILE', 'PEM authority of the members of etcd'),
  flag('etcd-prefix', 'text', 'PREFIX', 'what every key in etcd begins with (/registry)'),
];

const CONTROLLER_FLAGS: readonly FlagSpec[] = [
  flag('event-ttl', 'text', 'DURATION', 'how long Events last after they were last written (1h)'),
  flag(
    'leader-elect',
    'switch',
    '',
    'run controllers only where the lease in the store is held (with etcd true, else false)',
  ),
];

const LOG_FLAGS: readonly FlagSpec[] = [
  flag('v', 'count', 'LEVEL', 'how much the log tells, 0 to 10 (0)'),
  flag('log-format', 'text', 'text|json', 'a log for people or for machines (text)'),
];

const SYNC_FLAGS: readonly FlagSpec[] = [
  flag('pull-mode', 'switch', '', 'run syncers as Deployments in the physical clusters'),
  flag('push-mode', 'switch', '', 'run syncers here'),
  flag('syncer-image', 'text', 'IMAGE', 'image of the syncer in pull mode (quay.io/kcp-dev/kcp-syncer)'),
  flag('syncer-upstream-url', 'text', 'URL', 'where syncers in physical clusters reach this server (its own address)'),
  flag('auto-publish-apis', 'switch', '', 'serve negotiated APIs at once'),
];

/** The flags of `cluster-controller`, which takes the resources to sync as arguments. */
export const CLUSTER_CONTROLLER_FLAGS: readonly FlagSpec[] = [
  flag('kubeconfig', 'text', 'FILE', 'where the server is and who may do everything there'),
  flag('context', 'text', 'NAME', 'a context of the kubeconfig other than the current one'),
  ...SYNC_FLAGS,
  ...LOG_FLAGS,
];

/** The flags of the commands that work on data. */
export const DATA_FLAGS: readonly FlagSpec[] = [
  flag('root-directory', 'text', 'DIRECTORY', 'where an embedded store is kept (.kcp)'),
  ...ETCD_FLAGS,
  flag('to', 'text', 'etcd|embedded', 'kcp migrate: where the data shall be'),
];

/** The flags of `kcp controllers`, in the order of the help text. */
export const CONTROLLERS_FLAGS: readonly FlagSpec[] = [
  flag('kubeconfig', 'text', 'FILE', 'where the server is and who may do everything there'),
  flag('context', 'text', 'NAME', 'a context of the kubeconfig other than the current one'),
  ...CONTROLLER_FLAGS,
  ...LOG_FLAGS,
];

/**
 * The flags of `kcp start`, in the order of the help text. Names are those of the first kcp and of kube-apiserver where
 * either has one.
 */
export const START_FLAGS: readonly FlagSpec[] = [
  flag('listen', 'text', 'HOST:PORT', 'where to serve; no host means all interfaces, port 0 any free one (:6443)'),
  flag('bind-address', 'text', 'ADDRESS', 'the host of --listen alone'),
  flag('secure-port', 'count', 'PORT', 'the port of --listen alone'),
  flag('external-hostname', 'text', 'NAMES', 'names or addresses that clients use, separated by commas'),
  flag('root-directory', 'text', 'DIRECTORY', 'where data, certificates and kubeconfigs are kept (.kcp)'),
  flag('in-memory', 'switch', '', 'keep no data on disk'),
  ...ETCD_FLAGS,
  flag('history-max-age', 'text', 'DURATION', 'how long changes stay watchable, such as 90s, 10m, 1h (5m)'),
  flag('history-max-entries', 'count', 'N', 'how many changes stay watchable (50000)'),
  flag('history-max-bytes', 'count', 'N', 'how many bytes of previous values are kept for watches (268435456)'),
  flag('memory-limit-bytes', 'count', 'N', 'memory that the server may take (what its container may take)'),
  flag('encryption-provider-config', 'text', 'FILE', 'an EncryptionConfiguration: what is encrypted on disk, and how'),
  flag('anonymous-auth', 'switch', '', 'requests without credentials are system:anonymous, not refused (true)'),
  flag('token-auth-file', 'text', 'FILE', 'CSV of static bearer tokens: token,user,uid,"group1,group2"'),
  flag('client-ca-file', 'text', 'FILE', 'PEM authorities whose client certificates are accepted too'),
  flag('authentication-config', 'text', 'FILE', 'an AuthenticationConfiguration: other issuers of tokens'),
  flag('oidc-issuer-url', 'text', 'URL', 'one other issuer of tokens, without such a file'),
  flag('oidc-client-id', 'text', 'NAME', 'for whom its tokens must be made'),
  flag('oidc-username-claim', 'text', 'CLAIM', 'where the user stands (sub)'),
  flag('oidc-username-prefix', 'text', 'PREFIX', 'what stands before it, - for nothing (the issuer and #)'),
  flag('oidc-groups-claim', 'text', 'CLAIM', 'where the groups stand'),
  flag('oidc-groups-prefix', 'text', 'PREFIX', 'what stands before each'),
  flag('oidc-required-claim', 'text', 'CLAIM=VALUE', 'what tokens must say, several separated by commas'),
  flag('oidc-ca-file', 'text', 'FILE', 'PEM authority of the issuer'),
  flag('enable-bootstrap-token-auth', 'switch', '', 'take bootstrap tokens that lie in Secrets of kube-system (false)'),
  flag('authentication-token-webhook-config-file', 'text', 'FILE', 'kubeconfig of a service that knows tokens'),
  flag('authentication-token-webhook-cache-ttl', 'text', 'DURATION', 'how long its answers are remembered (2m)'),
  flag('authorization-mode', 'text', 'MODES', 'who decides in which order: RBAC, RBAC,Webhook or Webhook,RBAC'),
  flag('authorization-webhook-config-file', 'text', 'FILE', 'kubeconfig of a service that decides'),
  flag('authorization-webhook-cache-authorized-ttl', 'text', 'DURATION', 'how long a yes is remembered (5m)'),
  flag('authorization-webhook-cache-unauthorized-ttl', 'text', 'DURATION', 'how long a no is remembered (30s)'),
  flag('requestheader-client-ca-file', 'text', 'FILE', 'PEM authorities of proxies that may say who the user is'),
  flag('requestheader-allowed-names', 'text', 'NAMES', 'common names of such proxies (any of that authority)'),
  flag('requestheader-username-headers', 'text', 'NAMES', 'headers with the user (x-remote-user)'),
  flag('requestheader-uid-headers', 'text', 'NAMES', 'headers with his uid (x-remote-uid)'),
  flag('requestheader-group-headers', 'text', 'NAMES', 'headers with his groups (x-remote-group)'),
  flag('requestheader-extra-headers-prefix', 'text', 'PREFIXES', 'headers with more of him (x-remote-extra-)'),
  flag('service-account-issuer', 'text', 'URLS', 'issuers of service-account tokens; the first issues'),
  flag(
    'service-account-signing-key-file',
    'text',
    'FILE',
    'PEM key that signs service-account tokens (one of our own)',
  ),
  flag('service-account-key-file', 'text', 'FILES', 'PEM keys that such tokens are checked with besides'),
  flag('service-account-jwks-uri', 'text', 'URL', 'where the keys are published, for the discovery document'),
  flag('service-account-max-token-expiration', 'text', 'DURATION', 'the longest life of a requested token'),
  flag('api-audiences', 'text', 'NAMES', 'for whom tokens must be made to be good here (the issuer)'),
  flag('max-requests-inflight', 'count', 'N', 'how many requests are worked on at the same time (64)'),
  flag('flow-control-config-file', 'text', 'FILE', 'List of priority levels and flow schemas: who comes first'),
  flag('audit-policy-file', 'text', 'FILE', 'an audit.k8s.io/v1 Policy: what is put on record'),
  flag('audit-log-path', 'text', 'FILE', 'where audit events go, one a line; - for standard output'),
  flag(
    'audit-log-mode',
    'text',
    'blocking|batch',
    'write an event before the answer, or several soon after (blocking)',
  ),
  flag('audit-log-maxsize', 'count', 'MIB', 'size at which the log is set aside (100)'),
  flag('audit-log-maxbackup', 'count', 'N', 'how many logs that were set aside are kept (all)'),
  flag('audit-log-maxage', 'count', 'DAYS', 'how long they are kept (for ever)'),
  flag('audit-webhook-config-file', 'text', 'FILE', 'kubeconfig of a service that takes audit events'),
  flag('tls-cert-file', 'text', 'FILE', 'PEM serving certificate in place of a generated one'),
  flag('tls-private-key-file', 'text', 'FILE', 'PEM key of --tls-cert-file'),
  flag('webhook-addresses', 'text', 'any|public', 'where webhooks may be: anywhere, or only at public addresses (any)'),
  flag('enable-admission-plugins', 'text', 'NAMES', 'admission plugins besides those that every server has'),
  flag('controllers', 'switch', '', 'run the controllers within the server (true)'),
  flag('install-cluster-controller', 'switch', '', 'register and negotiate with physical clusters within the server'),
  flag('install-deployment-splitter', 'switch', '', 'spread Deployments over physical clusters within the server'),
  ...SYNC_FLAGS,
  flag('resources-to-sync', 'list', 'RESOURCES', 'what is imported and synced (pods,deployments.apps)'),
  ...CONTROLLER_FLAGS,
  ...LOG_FLAGS,
];

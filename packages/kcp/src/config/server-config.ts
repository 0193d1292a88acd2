/** What a server is to be, as the command line or an embedding program says it. Paths are as given. */
export interface ServerConfig {
  readonly listen: ListenAddress;
  /** Names or addresses by which clients reach the server; the first stands in kubeconfigs. */
  readonly externalHostnames: readonly string[];
  readonly rootDirectory: string;
  /** Keeps everything in memory; nothing outlives the server but its certificates and kubeconfigs. */
  readonly inMemory: boolean;
  /** Data is kept in an etcd, which other servers may share, not in the root directory. */
  readonly etcd?: EtcdConfig;
  readonly history: HistoryConfig;
  /** An EncryptionConfiguration: which resources are encrypted in the store, and how. */
  readonly encryptionFile?: string;
  readonly authentication: AuthenticationConfig;
  /** Somebody who decides besides RBAC. */
  readonly authorization?: AuthorizationConfig;
  readonly flowControl?: FlowControlFlags;
  /** Memory that the process may take; what its container may take when absent. Work is refused before it is reached. */
  readonly memoryLimitBytes?: number;
  /** Requests are put on record. */
  readonly audit?: AuditConfig;
  readonly webhookAddresses: WebhookAddresses;
  /** The user's own serving certificate; undefined: one of ours. */
  readonly serving: CertificateFiles | undefined;
  /** Admission plugins besides those that every server has. */
  readonly admissionPlugins: readonly string[];
  readonly controllers: ControllerConfig;
  /** Physical clusters can be registered. */
  readonly multicluster?: MulticlusterConfig;
  /** Deployments are spread over the physical clusters within the server. */
  readonly splitsDeployments?: boolean;
  readonly log: LogConfig;
}

/** How physical clusters are dealt with. */
export interface MulticlusterConfig {
  /** Where syncers run: here, in the physical clusters, or nowhere that we care for. */
  readonly mode: 'push' | 'pull' | 'none';
  readonly syncerImage: string;
  /** Where syncers in physical clusters reach the server; its own address when absent. */
  readonly upstreamUrl?: string;
  /** What is imported and synced: `pods`, `deployments.apps`. */
  readonly resources: readonly string[];
  readonly autoPublish: boolean;
}

/** What `cluster-controller` is to do. Paths are as given. */
export interface ClusterControllerConfig {
  readonly kubeconfig: string;
  /** Undefined: the current one. */
  readonly context: string | undefined;
  readonly multicluster: MulticlusterConfig;
  readonly log: LogConfig;
}

/** What `kcp controllers` is to do. Paths are as given. */
export interface ControllersConfig {
  readonly kubeconfig: string;
  /** Undefined: the current one. */
  readonly context: string | undefined;
  readonly controllers: ControllerConfig;
  readonly log: LogConfig;
}

export interface ControllerConfig {
  /** Whether the server runs them itself. */
  readonly within: boolean;
  /** How long Events last after they were last written. */
  readonly eventLifeMs: number;
  /** Whether controllers run only where a lease in the store is held. */
  readonly leaderElection: boolean;
}

export interface ListenAddress {
  /** Undefined: all interfaces. */
  readonly host: string | undefined;
  /** 0: any free port. */
  readonly port: number;
}

export interface EtcdConfig {
  /** `https://host:port` of each member. */
  readonly servers: readonly string[];
  /** What every key begins with; no slash at its end. */
  readonly prefix: string;
  /** PEM, as who the server comes to etcd. */
  readonly certificateFile?: string;
  readonly keyFile?: string;
  /** PEM, whom it believes there. */
  readonly caFile?: string;
}

/** How long changes stay watchable; a member that is missing leaves it to the store. */
export interface HistoryConfig {
  readonly entriesMax?: number;
  readonly ageMs?: number;
  readonly bytesMax?: number;
}

export interface AuthenticationConfig {
  /** Whether a request without credentials is `system:anonymous` or 401. */
  readonly anonymous: boolean;
  /** CSV: token, user, uid, groups. */
  readonly tokenFile: string | undefined;
  /** PEM: authorities whose client certificates count besides our own. */
  readonly clientCaFile: string | undefined;
  readonly serviceAccounts: ServiceAccountConfig;
  /** An AuthenticationConfiguration: foreign issuers, and who may come without a name. */
  readonly configFile?: string;
  /** One foreign issuer, where there is no `configFile`. */
  readonly oidc?: OidcFlags;
  /** Tokens that lie in Secrets of kube-system, for machines that introduce themselves. */
  readonly bootstrapTokens?: boolean;
  /** A service that knows tokens. */
  readonly tokenWebhook?: TokenWebhookFlags;
  /** Authenticating proxies that are believed. */
  readonly requestHeader?: RequestHeaderFlags;
}

/** An authority whose clients may say who the user is, and how they say it. */
export interface RequestHeaderFlags {
  /** PEM. */
  readonly caFile: string;
  readonly allowedNames: readonly string[];
  readonly usernameHeaders: readonly string[];
  readonly uidHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  readonly extraHeaderPrefixes: readonly string[];
}

/** How service accounts prove who they are; what is missing is the server's own choice. */
export interface ServiceAccountConfig {
  /** PEM private key that signs tokens. */
  readonly signingKeyFile?: string;
  /** PEM keys that tokens are checked with besides. */
  readonly keyFiles?: readonly string[];
  /** The first issues; tokens of all are taken. */
  readonly issuers?: readonly string[];
  readonly audiences?: readonly string[];
  readonly jwksUri?: string;
  readonly tokenSecondsMax?: number;
}

export interface OidcFlags {
  readonly issuerUrl: string;
  readonly clientId: string;
  readonly usernameClaim: string;
  readonly usernamePrefix?: string;
  readonly groupsClaim?: string;
  readonly groupsPrefix?: string;
  /** PEM. */
  readonly caFile?: string;
  readonly requiredClaims: readonly (readonly [claim: string, value: string])[];
}

export interface TokenWebhookFlags {
  /** A kubeconfig. */
  readonly file: string;
  readonly cacheMs: number;
}

export interface AuthorizationConfig {
  readonly webhook: AuthorizationWebhookFlags;
  /** Whether the service is asked before RBAC or after. */
  readonly beforeRbac: boolean;
}

export interface AuthorizationWebhookFlags {
  /** A kubeconfig. */
  readonly file: string;
  /** How long answers are remembered. */
  readonly allowedMs: number;
  readonly refusedMs: number;
}

/** Who comes first when there are more requests than can be worked on; what is missing is the server's own choice. */
export interface FlowControlFlags {
  /** A List of PriorityLevelConfigurations and FlowSchemas. */
  readonly file?: string;
  readonly seats?: number;
}

export interface AuditConfig {
  /** An `audit.k8s.io/v1` Policy. */
  readonly policyFile: string;
  readonly log?: AuditLogConfig;
  /** A kubeconfig of the service that takes events. */
  readonly webhookFile?: string;
}

/** 0 stands for no bound. */
export interface AuditLogConfig {
  /** `-` for standard output. */
  readonly path: string;
  readonly mode: 'blocking' | 'batch';
  readonly maxSizeMib: number;
  readonly maxBackups: number;
  readonly maxAgeDays: number;
}

/** Where webhooks may be: anywhere, or not in the network around the server. */
export type WebhookAddresses = 'any' | 'public';

export interface CertificateFiles {
  readonly certificateFile: string;
  readonly keyFile: string;
}

export interface LogConfig {
  readonly format: 'text' | 'json';
  /** 0 tells what a user must know; higher tells more, as in klog. */
  readonly verbosity: number;
}

export const DEFAULT_PORT = 6443;

export const DEFAULT_CONFIG: ServerConfig = {
  listen: { host: undefined, port: DEFAULT_PORT },
  externalHostnames: [],
  rootDirectory: '.kcp',
  inMemory: false,
  history: {},
  authentication: { anonymous: true, tokenFile: undefined, clientCaFile: undefined, serviceAccounts: {} },
  serving: undefined,
  webhookAddresses: 'any',
  admissionPlugins: [],
  controllers: { within: true, eventLifeMs: 3_600_000, leaderElection: false },
  log: { format: 'text', verbosity: 0 },
};

import { auditConfig } from './audit-flags.js';
import { authenticationConfig, authorizationConfig } from './authentication-flags.js';
import { etcdConfig } from './etcd-flags.js';
import { given, parseCount, parseDuration, parseListen, filePath as path, textList } from './flag-values.js';
import { multiclusterConfig } from './multicluster-flags.js';
import { invalidValue, UsageFault } from './read-flags.js';
import {
  type CertificateFiles,
  type ClusterControllerConfig,
  type ControllerConfig,
  type ControllersConfig,
  DEFAULT_CONFIG,
  type FlowControlFlags,
  type HistoryConfig,
  type ListenAddress,
  type LogConfig,
  type MulticlusterConfig,
  type ServerConfig,
  type WebhookAddresses,
} from './server-config.js';

type Values = ReadonlyMap<string, string>;

const PORT_MAX = 65_535;
const VERBOSITY_MAX = 10;
/** Upstream's names of the plugins that there are. */
const ADMISSION_PLUGINS = [
  'NamespaceLifecycle',
  'LimitRanger',
  'OwnerReferencesPermissionEnforcement',
  'CertificateApproval',
  'CertificateSigning',
  'CertificateSubjectRestriction',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionWebhook',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionWebhook',
  'ResourceQuota',
];
const SEATS_MAX = 100_000;

/** Makes a configuration from the raw values of flags. Throws UsageFault for values that are none. */
export function startConfig(values: Values): ServerConfig {
  return {
    listen: listenAddress(values),
    externalHostnames: textList(values, 'external-hostname') ?? [],
    rootDirectory: path(values, 'root-directory') ?? DEFAULT_CONFIG.rootDirectory,
    inMemory: values.get('in-memory') === 'true',
    history: history(values),
    ...given({
      etcd: etcdConfig(values),
      authorization: authorizationConfig(values),
      encryptionFile: path(values, 'encryption-provider-config'),
      audit: auditConfig(values),
      flowControl: flowControl(values),
      memoryLimitBytes: count(values, 'memory-limit-bytes', 1, Number.MAX_SAFE_INTEGER),
    }),
    authentication: authenticationConfig(values),
    serving: serving(values),
    webhookAddresses: webhookAddresses(values),
    admissionPlugins: admissionPlugins(values),
    controllers: controllers(values),
    ...given({ multicluster: multicluster(values) }),
    ...(values.get('install-deployment-splitter') === 'true' ? { splitsDeployments: true } : {}),
    log: log(values),
  };
}

/** The same for `kcp controllers`. */
export function controllersConfig(values: Values): ControllersConfig {
  const kubeconfig = path(values, 'kubeconfig');
  if (kubeconfig === undefined) throw new UsageFault('--kubeconfig is required');
  return { kubeconfig, context: path(values, 'context'), controllers: controllers(values), log: log(values) };
}

/** The same for `cluster-controller`, whose arguments are resources. */
export function clusterControllerConfig(values: Values, resources: readonly string[]): ClusterControllerConfig {
  const kubeconfig = path(values, 'kubeconfig');
  if (kubeconfig === undefined) throw new UsageFault('--kubeconfig is required');
  const multicluster = multiclusterConfig(values, true, resources);
  return { kubeconfig, context: path(values, 'context'), multicluster, log: log(values) };
}

function multicluster(values: Values): MulticlusterConfig | undefined {
  const config = multiclusterConfig(values, false, []);
  return values.get('install-cluster-controller') === 'true' ? config : undefined;
}

function listenAddress(values: Values): ListenAddress {
  const listen = values.get('listen');
  const address = listen === undefined ? DEFAULT_CONFIG.listen : parseListen(listen);
  const host = values.get('bind-address');
  const port = count(values, 'secure-port', 0, PORT_MAX);
  if (listen !== undefined && (host !== undefined || port !== undefined)) {
    throw new UsageFault('--listen says the same as --bind-address and --secure-port: give one or the others');
  }
  return { host: host === undefined ? address.host : anyHost(host), port: port ?? address.port };
}

function anyHost(host: string): string | undefined {
  return host === '' ? undefined : host;
}

function flowControl(values: Values): FlowControlFlags | undefined {
  const file = path(values, 'flow-control-config-file');
  const seats = count(values, 'max-requests-inflight', 1, SEATS_MAX);
  return file === undefined && seats === undefined ? undefined : given({ file, seats });
}

function webhookAddresses(values: Values): WebhookAddresses {
  const text = values.get('webhook-addresses') ?? DEFAULT_CONFIG.webhookAddresses;
  if (text === 'any' || text === 'public') return text;
  throw invalidValue('webhook-addresses', text, 'must be any or public');
}

function history(values: Values): HistoryConfig {
  const age = values.get('history-max-age');
  const entriesMax = count(values, 'history-max-entries', 1, Number.MAX_SAFE_INTEGER);
  const bytesMax = count(values, 'history-max-bytes', 1, Number.MAX_SAFE_INTEGER);
  return {
    ...(age === undefined ? {} : { ageMs: parseDuration('history-max-age', age) }),
    ...(entriesMax === undefined ? {} : { entriesMax }),
    ...(bytesMax === undefined ? {} : { bytesMax }),
  };
}

function serving(values: Values): CertificateFiles | undefined {
  const certificateFile = path(values, 'tls-cert-file');
  const keyFile = path(values, 'tls-private-key-file');
  if (certificateFile === undefined && keyFile === undefined) return undefined;
  if (certificateFile === undefined || keyFile === undefined) {
    throw new UsageFault('--tls-cert-file and --tls-private-key-file belong together');
  }
  return { certificateFile, keyFile };
}

/** Those that every server has may be named as well. */
function admissionPlugins(values: Values): readonly string[] {
  const text = values.get('enable-admission-plugins') ?? '';
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => name !== '' && !ADMISSION_PLUGINS.includes(name));
  if (unknown === undefined) return names.filter((name) => name !== '');
  throw invalidValue('enable-admission-plugins', text, `there is no plugin ${unknown}`);
}

function controllers(values: Values): ControllerConfig {
  const life = values.get('event-ttl');
  const { eventLifeMs } = DEFAULT_CONFIG.controllers;
  return {
    within: values.get('controllers') !== 'false',
    eventLifeMs: life === undefined ? eventLifeMs : parseDuration('event-ttl', life),
    // Whoever shares a store is not alone.
    leaderElection: (values.get('leader-elect') ?? String(values.has('etcd-servers'))) === 'true',
  };
}

function log(values: Values): LogConfig {
  const format = values.get('log-format') ?? DEFAULT_CONFIG.log.format;
  if (format !== 'text' && format !== 'json') throw invalidValue('log-format', format, 'must be text or json');
  return { format, verbosity: count(values, 'v', 0, VERBOSITY_MAX) ?? DEFAULT_CONFIG.log.verbosity };
}

function count(values: Values, name: string, min: number, max: number): number | undefined {
  const text = values.get(name);
  return text === undefined ? undefined : parseCount(name, text, min, max);
}

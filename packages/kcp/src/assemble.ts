import { readFileSync } from 'node:fs';
import type { Auditor } from '@kcp/apiserver/audit/auditor';
import type { TokenAuthenticator } from '@kcp/apiserver/authn/token';
import { tokenFileAuthenticator } from '@kcp/apiserver/authn/token-file';
import { systemClock } from '@kcp/apiserver/clock';
import type { FlowControlConfig } from '@kcp/apiserver/flow-control/flow-control';
import { openSocket } from './assembly/open-socket.js';
import { openStore } from './assembly/open-store.js';
import { type Core, startCore } from './assembly/start-core.js';
import { loadAccountIdentity } from './certificates/account-identity.js';
import { certificateDirectory } from './certificates/ensure-certificates.js';
import type { ServerConfig } from './config/server-config.js';
import { writeServerKubeconfigs } from './kubeconfig/server-kubeconfigs.js';
import type { Log } from './log/log.js';

/** A server that answers on a port. */
export interface RunningServer {
  readonly port: number;
  /** `https://host:port`, as kubeconfigs have it. */
  readonly url: string;
  /** The kubeconfig whose contexts are `admin` and `user`. */
  readonly kubeconfigFile: string;
  /** Goes not ready, lets open requests finish, ends watches, flushes the data. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts everything that a configuration asks for, or nothing: what was begun is undone when a later step fails.
 * Rejects with StorageError, CertificateFault, TokenFileError or what the system says of the port.
 */
export async function startServer(config: ServerConfig, log: Log): Promise<RunningServer> {
  const { anonymous, tokenFile, serviceAccounts, requestHeader } = config.authentication;
  const identity = {
    tokens: readTokens(tokenFile),
    anonymous,
    ...(requestHeader === undefined ? {} : { requestHeader }),
    accounts: loadAccountIdentity(certificateDirectory(config.rootDirectory), serviceAccounts),
  };
  const audit = await auditorOf(config, log);
  const flows = await flowsOf(config);
  const core = await startCore({
    ...config.controllers,
    admissionPlugins: config.admissionPlugins,
    store: await openStore(config, log),
    log,
    identity,
    ...audit,
    ...flows,
    webhookAddresses: config.webhookAddresses,
  });
  try {
    return await serve(core, config, log);
  } catch (error) {
    await core.stop();
    throw error;
  }
}

async function serve(core: Core, config: ServerConfig, log: Log): Promise<RunningServer> {
  const { rootDirectory, listen, externalHostnames, serving, authentication } = config;
  const socket = await openSocket(
    core.server,
    {
      listen,
      externalHostnames,
      certificateDirectory: certificateDirectory(rootDirectory),
      serving,
      clientCaFile: authentication.clientCaFile,
      ...(authentication.requestHeader === undefined ? {} : { proxyCaFile: authentication.requestHeader.caFile }),
    },
    log,
  );
  core.trust(socket.trust);
  const stop = () => core.stop(socket);
  try {
    const { admin } = writeServerKubeconfigs(rootDirectory, socket.access);
    return { port: socket.port, url: socket.url, kubeconfigFile: admin, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function readTokens(file: string | undefined): readonly TokenAuthenticator[] {
  return file === undefined ? [] : [tokenFileAuthenticator(readFileSync(file, 'utf8'))];
}

/** Loaded by those who want one alone. */
async function auditorOf({ audit }: ServerConfig, log: Log): Promise<{ auditor?: Auditor }> {
  if (audit === undefined) return {};
  const { loadAuditor } = await import('./files/load-auditor.js');
  return { auditor: loadAuditor(audit, systemClock, log) };
}

async function flowsOf({ flowControl }: ServerConfig): Promise<{ flows?: FlowControlConfig }> {
  if (flowControl === undefined) return {};
  const { loadFlowControl } = await import('./files/load-flow-control.js');
  return { flows: loadFlowControl(flowControl) };
}

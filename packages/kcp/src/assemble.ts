import type { Store } from '@kcp/storage/store';
import { openSocket } from './assembly/open-socket.js';
import { ETCD_WAIT_MS, openStore } from './assembly/open-store.js';
import { probePort } from './assembly/probe-port.js';
import { ServerAddress } from './assembly/server-address.js';
import { serverOptions } from './assembly/server-options.js';
import { type Core, type CoreOptions, startCore } from './assembly/start-core.js';
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
  await probePort(config.listen);
  const store = config.etcd === undefined ? undefined : await openShared(config, log);
  const options = await serverOptions(config, log).catch(async (error: unknown) => {
    await store?.close();
    throw error;
  });
  const address = new ServerAddress();
  const controllers = await registrars(config, address);
  const core = await startCore({ ...options, ...controllers, store: store ?? (await openStore(config, log)) });
  try {
    return await serve(core, config, log, address);
  } catch (error) {
    await core.stop();
    throw error;
  }
}

/** A store that other servers share, and with it what clients of one must find at all. */
async function openShared(config: ServerConfig, log: Log): Promise<Store> {
  const store = await openStore(config, log, ETCD_WAIT_MS);
  try {
    const { shareIdentity } = await import('./certificates/shared-identity.js');
    await shareIdentity(store, certificateDirectory(config.rootDirectory), Date.now());
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Loaded by those who have physical clusters alone. */
async function registrars(
  { multicluster, splitsDeployments }: ServerConfig,
  address: ServerAddress,
): Promise<Pick<CoreOptions, 'controllers'>> {
  if (multicluster === undefined && splitsDeployments !== true) return {};
  const { definitionInstaller, deploymentSplitter, multiclusterControllers } = await import(
    './assembly/multicluster.js'
  );
  return {
    controllers: (environmentOf) => {
      const environment = environmentOf('cluster-controller');
      return [
        definitionInstaller(environment),
        ...(multicluster === undefined ? [] : multiclusterControllers(multicluster, environment, () => address.access)),
        ...(splitsDeployments === true ? [deploymentSplitter(environmentOf('deployment-splitter'))] : []),
      ];
    },
  };
}

async function serve(core: Core, config: ServerConfig, log: Log, address: ServerAddress): Promise<RunningServer> {
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
  address.access = { url: socket.url, authorities: socket.trust.authorities };
  const stop = () => core.stop(socket);
  try {
    const { admin } = writeServerKubeconfigs(rootDirectory, socket.access);
    return { port: socket.port, url: socket.url, kubeconfigFile: admin, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

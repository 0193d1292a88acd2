import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TokenAuthenticator } from '@kcp/apiserver/authn/authenticator';
import { tokenFileAuthenticator } from '@kcp/apiserver/authn/token-file';
import { systemClock } from '@kcp/apiserver/clock';
import { ApiServer } from '@kcp/apiserver/http/server';
import { SHUTDOWN_GRACE_MS } from '@kcp/apiserver/limits';
import type { Store } from '@kcp/storage/store';
import { assemble } from './assembly/assemble-server.js';
import { startControllers } from './assembly/start-controllers.js';
import { certificateDirectory, ensureCertificates } from './certificates/ensure-certificates.js';
import { servingMaterial } from './certificates/serving-material.js';
import type { HistoryConfig, ServerConfig } from './config/server-config.js';
import { serverUrl, writeServerKubeconfigs } from './kubeconfig/server-kubeconfigs.js';
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
  const store = await openStore(config);
  try {
    return await startOn(store, config, log);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function startOn(store: Store, config: ServerConfig, log: Log): Promise<RunningServer> {
  const { rootDirectory, authentication, externalHostnames, listen } = config;
  const names = listen.host === undefined ? externalHostnames : [...externalHostnames, listen.host];
  const own = ensureCertificates({ directory: certificateDirectory(rootDirectory), names, now: Date.now() });
  const material = servingMaterial(own, config.serving, authentication.clientCaFile);
  const server = await assemble({
    store,
    log,
    tokens: readTokens(authentication.tokenFile),
    anonymous: authentication.anonymous,
  });
  const socket = new ApiServer({
    ...listen,
    certificate: material.certificate,
    key: material.key,
    clientCa: material.clientCa,
    handler: server.chain,
    onError: (error) => log.error('a connection failed', { error }),
  });
  const port = await socket.listen();
  const controllers = await startControllers(server, log, systemClock);
  const url = serverUrl(externalHostnames[0] ?? listen.host, port);
  const kubeconfigs = writeServerKubeconfigs({
    rootDirectory,
    serverUrl: url,
    trusted: material.trusted,
    client: own.admin,
  });
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    server.startDraining();
    await controllers.stop();
    const closed = socket.close(SHUTDOWN_GRACE_MS);
    await server.cache.close();
    await closed;
    await store.close();
  };
  return {
    port,
    url,
    kubeconfigFile: kubeconfigs.admin,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** The store that a configuration names; engines are loaded when they are needed. */
export async function openStore(config: Pick<ServerConfig, 'inMemory' | 'rootDirectory' | 'history'>): Promise<Store> {
  const retention = retentionOf(config.history);
  if (config.inMemory) {
    const { createMemoryStore } = await import('@kcp/storage/memory/memory-store');
    return createMemoryStore(retention);
  }
  const { openLmdbStore } = await import('@kcp/storage/lmdb/lmdb-store');
  return openLmdbStore({ directory: join(config.rootDirectory, 'data', 'store'), ...retention });
}

function retentionOf({ entriesMax, ageMs, bytesMax }: HistoryConfig): {
  historyEntriesMax?: number;
  historyAgeMs?: number;
  historyBytesMax?: number;
} {
  return {
    ...(entriesMax === undefined ? {} : { historyEntriesMax: entriesMax }),
    ...(ageMs === undefined ? {} : { historyAgeMs: ageMs }),
    ...(bytesMax === undefined ? {} : { historyBytesMax: bytesMax }),
  };
}

function readTokens(file: string | undefined): readonly TokenAuthenticator[] {
  return file === undefined ? [] : [tokenFileAuthenticator(readFileSync(file, 'utf8'))];
}

import { parseClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { systemClock } from '@kcp/apiserver/clock';
import type { Client } from '@kcp/client/rest/client';
import { inProcessClient, mastersUser } from './assembly/in-process-client.js';
import type { OpenSocket } from './assembly/open-socket.js';
import { openStore } from './assembly/open-store.js';
import { type Core, startCore } from './assembly/start-core.js';
import type { HistoryConfig } from './config/server-config.js';
import type { Log } from './log/log.js';

export { hasReason, StatusError } from '@kcp/apimachinery/errors/status-error';
export type { KubeObject } from '@kcp/apimachinery/meta/object';
export type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
export type { Client } from '@kcp/client/rest/client';
export type { Log } from './log/log.js';

export type KcpOptions =
  /** With a `directory`, certificates and kubeconfigs of a server that listens are kept there. */
  (
    | { readonly storage: 'memory'; readonly directory?: string }
    /** Everything is kept below `directory`; one server at a time uses it. */
    | { readonly storage: 'disk'; readonly directory: string }
  ) & {
    /** To let clients in from outside as well; port 0 is any free one, and the host this machine's own unless it is named. */
    readonly listen?: { readonly host?: string; readonly port: number };
    /** How long changes stay watchable. */
    readonly history?: HistoryConfig;
    /** Hears what happens inside; nobody does unless someone is named. */
    readonly log?: Log;
  };

/** A whole API server within this process. */
export interface Kcp {
  /** A client of one logical cluster, which comes into being with its first write. Throws TypeError for a name that none can have. */
  cluster(name: string): Client;
  /** A client that lists and watches across all logical clusters. */
  all(): Client;
  /** Where it listens, if it does. */
  readonly port: number | undefined;
  /** `https://host:port`; `/clusters/NAME` after it addresses a logical cluster. */
  readonly url: string | undefined;
  /** The text of a kubeconfig with contexts `admin` and `user`; its certificate is the administrator's. */
  readonly kubeconfig: string | undefined;
  /** The file that holds it, where there is a `directory`. */
  readonly kubeconfigFile: string | undefined;
  /** Ends watches, flushes what is on disk, leaves nothing running. Idempotent. */
  stop(): Promise<void>;
}

const LOOPBACK_HOST = '127.0.0.1';
const NO_LOG: Log = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

/**
 * Starts a server with its controllers, for tests and for programs that bring their own types. Without `listen` nothing
 * is opened but the store. Rejects with StorageError or what the system says of the port; then nothing is left running.
 */
export async function startKcp(options: KcpOptions): Promise<Kcp> {
  const { log = NO_LOG, history = {}, directory } = options;
  const store = await openStore(
    { inMemory: options.storage === 'memory', rootDirectory: directory ?? '', history },
    log,
  );
  const core = await startCore({ store, log, identity: { tokens: [], anonymous: true } });
  try {
    await core.policyInForce;
    return kcpOf(core, options.listen === undefined ? undefined : await listen(core, options.listen, directory, log));
  } catch (error) {
    await core.stop();
    throw error;
  }
}

interface Outside {
  readonly socket: OpenSocket;
  readonly kubeconfig: string;
  readonly kubeconfigFile: string | undefined;
}

/** TLS and certificates are loaded by those who listen alone. */
async function listen(
  core: Core,
  { host = LOOPBACK_HOST, port }: NonNullable<KcpOptions['listen']>,
  directory: string | undefined,
  log: Log,
): Promise<Outside> {
  const [{ openSocket }, { adminKubeconfig, writeServerKubeconfigs }, { certificateDirectory }] = await Promise.all([
    import('./assembly/open-socket.js'),
    import('./kubeconfig/server-kubeconfigs.js'),
    import('./certificates/ensure-certificates.js'),
  ]);
  const socket = await openSocket(
    core.server,
    {
      listen: { host, port },
      externalHostnames: [],
      certificateDirectory: directory === undefined ? undefined : certificateDirectory(directory),
      serving: undefined,
      clientCaFile: undefined,
    },
    log,
  );
  core.trust(socket.trust);
  const kubeconfig = adminKubeconfig(socket.access);
  if (directory === undefined) return { socket, kubeconfig, kubeconfigFile: undefined };
  try {
    return { socket, kubeconfig, kubeconfigFile: writeServerKubeconfigs(directory, socket.access).admin };
  } catch (error) {
    await core.stop(socket);
    throw error;
  }
}

function kcpOf(core: Core, outside: Outside | undefined): Kcp {
  const all = inProcessClient(core.server, mastersUser('kcp-admin'), systemClock, 'kcp-embedded');
  return {
    cluster(name) {
      const cluster = parseClusterName(name);
      if (cluster === undefined) throw new TypeError(`${JSON.stringify(name)} is no name of a logical cluster`);
      return all.in(cluster);
    },
    all: () => all,
    port: outside?.socket.port,
    url: outside?.socket.url,
    kubeconfig: outside?.kubeconfig,
    kubeconfigFile: outside?.kubeconfigFile,
    stop: () => core.stop(outside?.socket),
  };
}

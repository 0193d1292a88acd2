import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { systemClock } from '@kcp/apiserver/clock';
import { loadKubeconfig } from '@kcp/client/kubeconfig/load-kubeconfig';
import { Client } from '@kcp/client/rest/client';
import { HttpsTransport } from '@kcp/client/transport/https-transport';
import { startServer } from '../assemble.js';
import { DEFAULT_CONFIG } from '../config/server-config.js';

const LOG = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

/** One of several servers of a test, and clients of it. */
export interface ServerOnEtcd {
  readonly kubeconfigFile: string;
  /** A client of this server; with the kubeconfig of another server it comes as that one's administrator. */
  client(cluster: ClusterName, kubeconfigFile?: string): Promise<Client>;
  stop(): Promise<void>;
}

/** Starts a server that keeps its data in an etcd and its files in a directory of its own. */
export async function startOnEtcd(endpoints: readonly string[]): Promise<ServerOnEtcd> {
  const rootDirectory = mkdtempSync(join(tmpdir(), 'kcp-on-etcd-'));
  const config = {
    ...DEFAULT_CONFIG,
    listen: { host: '127.0.0.1', port: 0 },
    rootDirectory,
    etcd: { servers: endpoints, prefix: '/registry' },
    controllers: { ...DEFAULT_CONFIG.controllers, leaderElection: true },
  };
  const server = await startServer(config, LOG);
  const transports: HttpsTransport[] = [];
  return {
    kubeconfigFile: server.kubeconfigFile,
    async client(scope, kubeconfigFile = server.kubeconfigFile) {
      const transport = new HttpsTransport({ ...(await loadKubeconfig(kubeconfigFile)), server: server.url });
      transports.push(transport);
      return new Client({ transport, scope, clock: systemClock, random: Math.random });
    },
    async stop() {
      await Promise.all(transports.map((transport) => transport.close()));
      await server.stop();
      rmSync(rootDirectory, { recursive: true });
    },
  };
}

import { ALL_CLUSTERS } from '@kcp/apimachinery/meta/cluster-name';
import { systemClock } from '@kcp/apiserver/clock';
import { loadKubeconfig } from '@kcp/client/kubeconfig/load-kubeconfig';
import { Client } from '@kcp/client/rest/client';
import { HttpsTransport } from '@kcp/client/transport/https-transport';
import { DeploymentSplitter } from '@kcp/controllers/multicluster/splitter/deployment-splitter';
import type { SplitterConfig } from '../config/sync-flags.js';
import type { Log } from '../log/log.js';

/** Splits Deployments of all logical clusters of a server. Rejects with KubeconfigFault. */
export async function runSplitter({ server }: SplitterConfig, log: Log): Promise<{ stop(): Promise<void> }> {
  const access = await loadKubeconfig(server.kubeconfig, server.context);
  const transport = new HttpsTransport({ ...access, server: new URL(access.server).origin });
  const parts = { clock: systemClock, random: Math.random };
  const client = new Client({ transport, scope: ALL_CLUSTERS, ...parts, userAgent: 'kcp-deployment-splitter' });
  const splitter = new DeploymentSplitter({ client, ...parts, log });
  splitter.start();
  return {
    async stop() {
      await splitter.stop();
      await transport.close();
    },
  };
}

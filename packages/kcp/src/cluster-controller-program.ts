import { ALL_CLUSTERS } from '@kcp/apimachinery/meta/cluster-name';
import { systemClock } from '@kcp/apiserver/clock';
import { loadKubeconfig } from '@kcp/client/kubeconfig/load-kubeconfig';
import { Client } from '@kcp/client/rest/client';
import { HttpsTransport } from '@kcp/client/transport/https-transport';
import { multiclusterControllers } from './assembly/multicluster.js';
import type { ClusterControllerConfig } from './config/server-config.js';
import type { RemoteControllers } from './controllers-program.js';
import type { Log } from './log/log.js';

/**
 * Connects physical clusters to the server of a kubeconfig, in all its logical clusters; its user must be allowed
 * everything there. Rejects with KubeconfigFault, and with TransportError or StatusError when the server does not answer.
 */
export async function runClusterController(config: ClusterControllerConfig, log: Log): Promise<RemoteControllers> {
  const access = await loadKubeconfig(config.kubeconfig, config.context);
  // Controllers address logical clusters themselves, whichever one the context is about.
  const { origin } = new URL(access.server);
  const transport = new HttpsTransport({ ...access, server: origin });
  const userAgent = 'kcp/cluster-controller';
  const client = new Client({ transport, scope: ALL_CLUSTERS, clock: systemClock, random: Math.random, userAgent });
  try {
    await client.discover();
    const environment = { client, clock: systemClock, random: Math.random, log };
    const own = { url: origin, authorities: access.authority };
    const controllers = multiclusterControllers(config.multicluster, environment, () => own);
    for (const controller of controllers) controller.start();
    return {
      url: origin,
      async stop() {
        await Promise.all(controllers.map((controller) => controller.stop()));
        await transport.close();
      },
    };
  } catch (error) {
    await transport.close();
    throw error;
  }
}

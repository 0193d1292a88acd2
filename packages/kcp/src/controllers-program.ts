import { ALL_CLUSTERS } from '@kcp/apimachinery/meta/cluster-name';
import { systemClock } from '@kcp/apiserver/clock';
import { loadKubeconfig } from '@kcp/client/kubeconfig/load-kubeconfig';
import { Client } from '@kcp/client/rest/client';
import { HttpsTransport } from '@kcp/client/transport/https-transport';
import type { IsBuiltin } from '@kcp/controllers/definition/cleanup-controller';
import { electControllers } from './assembly/elect-controllers.js';
import { startControllers } from './assembly/start-controllers.js';
import type { ControllersConfig } from './config/server-config.js';
import type { Log } from './log/log.js';

/** Controllers that work on a server elsewhere. */
export interface RemoteControllers {
  /** As the kubeconfig has it. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Runs the controllers against the server of a kubeconfig, whose user must be allowed everything they do, in all logical
 * clusters. Certificates are signed by the server's own process alone, which has the key. Rejects with KubeconfigFault,
 * and with TransportError or StatusError when the server does not tell what it serves.
 */
export async function runControllers(config: ControllersConfig, log: Log): Promise<RemoteControllers> {
  const access = await loadKubeconfig(config.kubeconfig, config.context);
  // Controllers address logical clusters themselves, whichever one the context is about.
  const { origin } = new URL(access.server);
  const transport = new HttpsTransport({ ...access, server: origin });
  const clientOf = (name: string): Client =>
    new Client({ transport, scope: ALL_CLUSTERS, clock: systemClock, random: Math.random, userAgent: `kcp/${name}` });
  try {
    const isBuiltin = await builtinsOf(clientOf('controllers'));
    const run = config.controllers.leaderElection ? electControllers : startControllers;
    const controllers = run({ ...config.controllers, clientOf, isBuiltin, log, clock: systemClock });
    if (access.authority !== undefined) controllers.trust({ authorities: access.authority });
    return {
      url: origin,
      async stop() {
        await controllers.stop();
        await transport.close();
      },
    };
  } catch (error) {
    await transport.close();
    throw error;
  }
}

/** The wildcard serves what every logical cluster serves. */
async function builtinsOf(client: Client): Promise<IsBuiltin> {
  const found = new Set((await client.discover()).map(({ group, resource }) => `${resource}.${group}`));
  return ({ group, resource }) => found.has(`${resource}.${group}`);
}

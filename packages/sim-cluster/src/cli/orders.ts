import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@kcp/apiserver/clock';
import { loadKubeconfig } from '@kcp/client/kubeconfig/load-kubeconfig';
import { Client } from '@kcp/client/rest/client';
import { HttpsTransport } from '@kcp/client/transport/https-transport';
import { NODES, PODS } from '../controllers/resources.js';
import { CRASH, NODE_DOWN } from '../node/sim-annotations.js';
import type { Place } from './sim-flags.js';

/** As long as this file is there, the cluster is away. */
export const AWAY_FILE = 'away';

/** Orders to a cluster that runs in another process. Throws when there is no such cluster. */
export function orderAway({ name, directory }: Place, away: boolean): void {
  if (!existsSync(directory)) throw new Error(`there is no cluster ${name} in ${directory}`);
  const file = join(directory, AWAY_FILE);
  if (away) writeFileSync(file, '');
  else rmSync(file, { force: true });
}

export async function orderNode(place: Place, node: string, down: boolean): Promise<void> {
  const annotations = { [NODE_DOWN]: down ? 'true' : null };
  await withClient(place, (client) =>
    client.patch(NODES, { name: node }, { type: 'merge', value: { metadata: { annotations } } }),
  );
}

/** `pod`: `namespace/name`, or a name in `default`. */
export async function orderCrash(place: Place, pod: string): Promise<void> {
  const [namespace = '', name = ''] = pod.includes('/') ? pod.split('/') : ['default', pod];
  const annotations = { [CRASH]: String(Date.now()) };
  await withClient(place, (client) =>
    client.patch(PODS, { namespace, name }, { type: 'merge', value: { metadata: { annotations } } }),
  );
}

async function withClient(place: Place, work: (client: Client) => Promise<unknown>): Promise<void> {
  const access = await loadKubeconfig(join(place.directory, 'admin.kubeconfig'));
  const transport = new HttpsTransport(access);
  try {
    await work(new Client({ transport, clock: systemClock, random: Math.random, userAgent: 'sim-cluster' }));
  } finally {
    await transport.close();
  }
}

import { type ClusterName, parseClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { systemClock } from '@kcp/apiserver/clock';
import { inClusterAccess } from '@kcp/client/kubeconfig/in-cluster';
import { loadKubeconfig } from '@kcp/client/kubeconfig/load-kubeconfig';
import type { ServerAccess } from '@kcp/client/kubeconfig/resolve-context';
import { Client } from '@kcp/client/rest/client';
import { HttpsTransport } from '@kcp/client/transport/https-transport';
import { TokenFileTransport } from '@kcp/client/transport/token-file-transport';
import type { Transport } from '@kcp/client/transport/transport';
import type { Access } from '../config/sync-flags.js';

/** A client and how to close what is below it. */
export interface OpenClient {
  readonly client: Client;
  close(): Promise<void>;
}

const CLUSTER_PATH = /^\/clusters\/([^/]+)\/?$/;

/** A client of the logical cluster that a context is about. Throws KubeconfigFault. */
export async function openLogicalCluster({ kubeconfig, context }: Access, userAgent: string): Promise<OpenClient> {
  const access = await loadKubeconfig(kubeconfig, context);
  const scope = scopeOf(access);
  const server = scope === undefined ? access.server : new URL(access.server).origin;
  return open(new HttpsTransport({ ...access, server }), userAgent, scope);
}

/** A client of a physical cluster, or of the one that this program runs in. Throws KubeconfigFault. */
export async function openPhysicalCluster(access: Access | undefined, userAgent: string): Promise<OpenClient> {
  if (access !== undefined) {
    return open(new HttpsTransport(await loadKubeconfig(access.kubeconfig, access.context)), userAgent, undefined);
  }
  const inside = inClusterAccess(process.env);
  const transport = new HttpsTransport({ ...inside.access, token: undefined });
  return open(new TokenFileTransport(transport, inside.tokenFile, systemClock), userAgent, undefined);
}

function open(transport: Transport, userAgent: string, scope: ClusterName | undefined): OpenClient {
  const client = new Client({ transport, scope, clock: systemClock, random: Math.random, userAgent });
  return { client, close: () => transport.close() };
}

function scopeOf({ server }: ServerAccess): ClusterName | undefined {
  const [, name] = CLUSTER_PATH.exec(new URL(server).pathname) ?? [];
  return name === undefined ? undefined : parseClusterName(name);
}

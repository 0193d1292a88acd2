import { kubeconfigText } from 'kcp/kubeconfig/kubeconfig-text';
import type { KubeconfigSource } from 'kcp/kubeconfig/server-kubeconfigs';

/** The kubeconfig of a stand-in cluster: one cluster, one administrator, one context, all called after it. */
export function simKubeconfig(name: string, source: KubeconfigSource): string {
  const user = `${name}-admin`;
  return kubeconfigText({
    trusted: source.trusted,
    client: source.client,
    serverName: source.serverName,
    users: [user],
    clusters: { [name]: source.serverUrl },
    contexts: { [name]: [name, user] },
    currentContext: name,
  });
}

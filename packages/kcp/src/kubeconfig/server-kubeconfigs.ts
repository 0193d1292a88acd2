import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { KeyPair } from '../certificates/issue-certificate.js';
import { writePrivateFile } from '../certificates/private-file.js';
import { type KubeconfigPlan, kubeconfigText } from './kubeconfig-text.js';

/** The kubeconfigs that a server leaves for its administrator. */
export interface KubeconfigPaths {
  /** Contexts `admin` (current) and `user`. */
  readonly admin: string;
  /** Contexts `root` (current), `base`, `system:admin` and `shard-base`, which kcp's own tools expect. */
  readonly root: string;
}

export interface KubeconfigSource {
  /** Without a path: `https://host:port`. */
  readonly serverUrl: string;
  /** The name to check the serving certificate against, where it is not the host of the URL. */
  readonly serverName?: string;
  /** PEM of what signed the serving certificate. */
  readonly trusted: string;
  readonly client: KeyPair;
}

export function kubeconfigPaths(rootDirectory: string): KubeconfigPaths {
  return { admin: join(rootDirectory, 'data', 'admin.kubeconfig'), root: join(rootDirectory, 'admin.kubeconfig') };
}

/** Writes both files, each whole or not at all, readable by their owner alone. Throws what the system says. */
export function writeServerKubeconfigs(rootDirectory: string, source: KubeconfigSource): KubeconfigPaths {
  const paths = kubeconfigPaths(rootDirectory);
  writePrivateFile(paths.admin, adminKubeconfig(source));
  writePrivateFile(paths.root, rootKubeconfig(source));
  return paths;
}

/** `https://host:port` for a client: the name given, or one that reaches this machine from itself. */
export function serverUrl(host: string | undefined, port: number): string {
  const unspecified = host === undefined || host === '0.0.0.0' || host === '::';
  const name = unspecified ? 'localhost' : isIPv6(host) ? `[${host}]` : host;
  return `https://${name}:${port}`;
}

/** The text of the kubeconfig with contexts `admin` and `user`. */
export function adminKubeconfig(source: KubeconfigSource): string {
  return kubeconfigText({
    ...plan(source),
    users: ['kcp-admin'],
    clusters: { admin: source.serverUrl, user: `${source.serverUrl}/clusters/user` },
    contexts: { admin: ['admin', 'kcp-admin'], user: ['user', 'kcp-admin'] },
    currentContext: 'admin',
  });
}

/** `system:admin` is no name that a logical cluster of ours can have, so that context means the base. */
function rootKubeconfig(source: KubeconfigSource): string {
  return kubeconfigText({
    ...plan(source),
    users: ['kcp-admin', 'shard-admin'],
    clusters: { root: `${source.serverUrl}/clusters/root`, base: source.serverUrl },
    contexts: {
      root: ['root', 'kcp-admin'],
      base: ['base', 'kcp-admin'],
      'system:admin': ['base', 'shard-admin'],
      'shard-base': ['base', 'shard-admin'],
    },
    currentContext: 'root',
  });
}

function plan(source: KubeconfigSource): Pick<KubeconfigPlan, 'trusted' | 'client' | 'serverName'> {
  const { trusted, client, serverName } = source;
  return { trusted, client, serverName };
}

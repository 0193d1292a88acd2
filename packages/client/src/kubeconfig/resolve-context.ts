import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Kubeconfig, KubeconfigFault, type Material, type TokenSource } from './kubeconfig.js';

/** What one context amounts to: a server and who we are there, with every file read. Certificates are PEM. */
export interface ServerAccess {
  /** As in the kubeconfig: it may carry a path such as `/clusters/user`. */
  readonly server: string;
  readonly serverName: string | undefined;
  readonly skipVerify: boolean;
  readonly authority: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly token: string | undefined;
  readonly namespace: string;
}

const DEFAULT_NAMESPACE = 'default';

/**
 * Resolves a context, the current one unless `name` says otherwise. Paths are relative to `directory`, the one that the
 * kubeconfig lies in. Throws KubeconfigFault for names without an entry and files that cannot be read.
 */
export function resolveContext(config: Kubeconfig, directory: string, name = config.currentContext): ServerAccess {
  if (name === undefined) throw new KubeconfigFault('no context is current');
  const context = entry(config.contexts, 'context', name);
  const cluster = entry(config.clusters, 'cluster', context.cluster);
  const user = context.user === '' ? undefined : entry(config.users, 'user', context.user);
  return {
    server: cluster.server,
    serverName: cluster.serverName,
    skipVerify: cluster.skipVerify,
    authority: pem(cluster.authority, directory),
    certificate: pem(user?.certificate, directory),
    key: pem(user?.key, directory),
    token: token(user?.token, directory),
    namespace: context.namespace ?? DEFAULT_NAMESPACE,
  };
}

function entry<T>(entries: ReadonlyMap<string, T>, what: string, name: string): T {
  const found = entries.get(name);
  if (found === undefined) throw new KubeconfigFault(`${what} ${JSON.stringify(name)} does not exist`);
  return found;
}

function pem(material: Material | undefined, directory: string): string | undefined {
  if (material === undefined) return undefined;
  return material.kind === 'data' ? material.pem : read(directory, material.path);
}

function token(source: TokenSource | undefined, directory: string): string | undefined {
  if (source === undefined) return undefined;
  return source.kind === 'token' ? source.token : read(directory, source.path).trim();
}

function read(directory: string, path: string): string {
  try {
    return readFileSync(resolve(directory, path), 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new KubeconfigFault(`cannot read ${path}: ${why}`, { cause: error });
  }
}

import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { KubeconfigFault } from './kubeconfig.js';
import type { ServerAccess } from './resolve-context.js';

/** Access to the cluster that the program runs in, as its pod's service account. */
export interface InClusterAccess {
  readonly access: ServerAccess;
  /** Holds the token; it is replaced from time to time. */
  readonly tokenFile: string;
}

const DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Finds it by the environment variables and files that a kubelet gives to containers; `KUBERNETES_SERVICE_ACCOUNT_DIRECTORY`
 * says where the files are when they are elsewhere. Throws KubeconfigFault outside of a cluster.
 */
export function inClusterAccess(variables: Readonly<Record<string, string | undefined>>): InClusterAccess {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = variables;
  if (host === '' || port === '') {
    throw new KubeconfigFault('not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set');
  }
  const directory = variables.KUBERNETES_SERVICE_ACCOUNT_DIRECTORY ?? DIRECTORY;
  const tokenFile = join(directory, 'token');
  const access: ServerAccess = {
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    serverName: undefined,
    skipVerify: false,
    authority: read(join(directory, 'ca.crt')),
    certificate: undefined,
    key: undefined,
    token: read(tokenFile).trim(),
    namespace: read(join(directory, 'namespace')).trim(),
  };
  return { access, tokenFile };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new KubeconfigFault(`cannot read ${path}: ${why}`, { cause: error });
  }
}

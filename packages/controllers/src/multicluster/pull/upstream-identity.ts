import { writeYaml } from '@kcp/apimachinery/codec/write-yaml';
import { isObject } from '@kcp/apimachinery/json/value';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import type { ObjectKey } from '@kcp/client/informer/object-key';
import type { Client } from '@kcp/client/rest/client';
import { unlessGone } from '../../controller/unless-gone.js';
import type { SyncedResource } from '../syncer/synced-resource.js';
import { applyAll } from './apply-all.js';
import {
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  NAMESPACES,
  SECRETS,
  SERVICE_ACCOUNTS,
  SYNCER_NAMESPACE,
  syncerAccount,
} from './syncer-names.js';
import { roleAndBinding, rulesAbove } from './syncer-roles.js';

/** Where syncers in physical clusters reach the server, and what vouches for it. */
export interface UpstreamAccess {
  /** `https://host:port`. */
  readonly url: string;
  /** PEM; undefined: what every machine trusts. */
  readonly authorities: string | undefined;
}

/** Gives a location's syncer an account in the logical cluster that may do what it must for these resources alone. */
export async function grantAbove(
  client: Client,
  location: string,
  resources: readonly SyncedResource[],
  signal: AbortSignal,
): Promise<void> {
  const name = syncerAccount(location);
  const metadata = { name, namespace: SYNCER_NAMESPACE };
  const [role, binding] = roleAndBinding(name, rulesAbove(resources));
  await applyAll(
    client,
    [
      [NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: SYNCER_NAMESPACE } }],
      [SERVICE_ACCOUNTS, { apiVersion: 'v1', kind: 'ServiceAccount', metadata }],
      [
        SECRETS,
        {
          apiVersion: 'v1',
          kind: 'Secret',
          type: 'kubernetes.io/service-account-token',
          metadata: {
            name: tokenSecret(location),
            namespace: SYNCER_NAMESPACE,
            annotations: { 'kubernetes.io/service-account.name': name },
          },
        },
      ],
      [CLUSTER_ROLES, role],
      [CLUSTER_ROLE_BINDINGS, binding],
    ],
    signal,
  );
}

/** A kubeconfig for that account; undefined as long as its token is not there. */
export async function kubeconfigFor(
  client: Client,
  { cluster, name: location }: ObjectKey,
  { url, authorities }: UpstreamAccess,
  signal: AbortSignal,
): Promise<string | undefined> {
  const place = { namespace: SYNCER_NAMESPACE, name: tokenSecret(location) };
  const secret = await unlessGone(client.get(SECRETS, place, { signal }));
  const encoded = isObject(secret) ? readString(readObject(secret, 'data') ?? {}, 'token') : '';
  if (encoded === '') return undefined;
  const trusted =
    authorities === undefined ? {} : { 'certificate-authority-data': Buffer.from(authorities).toString('base64') };
  return writeYaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: cluster, cluster: { server: `${url}/clusters/${cluster}`, ...trusted } }],
    users: [{ name: 'syncer', user: { token: Buffer.from(encoded, 'base64').toString('utf8') } }],
    contexts: [{ name: cluster, context: { cluster, user: 'syncer' } }],
    'current-context': cluster,
  });
}

/** Takes the account away; its token is worth nothing from then on. */
export async function revokeAbove(client: Client, location: string, signal: AbortSignal): Promise<void> {
  const name = syncerAccount(location);
  await unlessGone(client.delete(CLUSTER_ROLE_BINDINGS, { name }, { signal }));
  await unlessGone(client.delete(CLUSTER_ROLES, { name }, { signal }));
  await unlessGone(client.delete(SECRETS, { namespace: SYNCER_NAMESPACE, name: tokenSecret(location) }, { signal }));
  await unlessGone(client.delete(SERVICE_ACCOUNTS, { namespace: SYNCER_NAMESPACE, name }, { signal }));
}

function tokenSecret(location: string): string {
  return `${syncerAccount(location)}-token`;
}

import { createHash } from 'node:crypto';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { apiVersionOf, type GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import type { ObjectKey } from '@kcp/client/informer/object-key';
import type { Client } from '@kcp/client/rest/client';
import { unlessGone } from '../../controller/unless-gone.js';
import { resourceText, type SyncedResource } from '../syncer/synced-resource.js';
import {
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  DEPLOYMENTS,
  kubeconfigSecret,
  NAMESPACES,
  SECRETS,
  SERVICE_ACCOUNTS,
  SYNCER_NAMESPACE,
  syncerFrom,
} from './syncer-names.js';
import { roleAndBinding, rulesBelow } from './syncer-roles.js';

const KUBECONFIG_PATH = '/kcp';
const KUBECONFIG_KEY = 'kubeconfig';

/** Everything that a syncer in a physical cluster is made of. */
export interface Installation {
  readonly key: ObjectKey;
  readonly image: string;
  readonly kubeconfig: string;
  readonly resources: readonly SyncedResource[];
}

/** The objects of an installation, in the order in which they are made. */
export function manifest(installation: Installation): readonly (readonly [GroupVersionResource, KubeObject])[] {
  const { key, kubeconfig, resources } = installation;
  const name = syncerFrom(key.cluster);
  const [role, binding] = roleAndBinding(name, rulesBelow(resources));
  const metadata = { name: kubeconfigSecret(key.cluster), namespace: SYNCER_NAMESPACE };
  const data = { [KUBECONFIG_KEY]: Buffer.from(kubeconfig).toString('base64') };
  return [
    [NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: SYNCER_NAMESPACE } }],
    [SERVICE_ACCOUNTS, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: SYNCER_NAMESPACE } }],
    [CLUSTER_ROLES, role],
    [CLUSTER_ROLE_BINDINGS, binding],
    [SECRETS, { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata, data }],
    [DEPLOYMENTS, deployment(installation, name)],
  ];
}

function deployment({ key, image, kubeconfig, resources }: Installation, name: string): KubeObject {
  const labels = { app: name };
  const container = {
    name: 'syncer',
    image,
    args: [
      '-cluster',
      key.name,
      '-from_kubeconfig',
      `${KUBECONFIG_PATH}/${KUBECONFIG_KEY}`,
      ...resources.map(resourceText),
    ],
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [{ name: 'kubeconfig', mountPath: KUBECONFIG_PATH, readOnly: true }],
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
  return {
    apiVersion: apiVersionOf(DEPLOYMENTS),
    kind: 'Deployment',
    metadata: { name, namespace: SYNCER_NAMESPACE, labels },
    spec: {
      replicas: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: labels },
      template: {
        // A new kubeconfig is a new pod.
        metadata: { labels, annotations: { 'kubeconfig/version': digest(kubeconfig) } },
        spec: {
          serviceAccountName: name,
          containers: [container],
          volumes: [{ name: 'kubeconfig', secret: { secretName: kubeconfigSecret(key.cluster) } }],
        },
      },
    },
  };
}

/** Removes an installation. The namespace stays as long as another logical cluster has its syncer there. */
export async function uninstall(client: Client, { cluster }: ObjectKey, signal: AbortSignal): Promise<void> {
  const name = syncerFrom(cluster);
  const place = { namespace: SYNCER_NAMESPACE };
  await unlessGone(client.delete(DEPLOYMENTS, { ...place, name }, { propagationPolicy: 'Background', signal }));
  await unlessGone(client.delete(SECRETS, { ...place, name: kubeconfigSecret(cluster) }, { signal }));
  await unlessGone(client.delete(CLUSTER_ROLE_BINDINGS, { name }, { signal }));
  await unlessGone(client.delete(CLUSTER_ROLES, { name }, { signal }));
  await unlessGone(client.delete(SERVICE_ACCOUNTS, { ...place, name }, { signal }));
  const { items } = await client.list(DEPLOYMENTS, { ...place, limit: 1, metadataOnly: true, signal });
  if (items.length === 0) await unlessGone(client.delete(NAMESPACES, { name: SYNCER_NAMESPACE }, { signal }));
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

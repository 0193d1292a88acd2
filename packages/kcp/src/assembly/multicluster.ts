import { type ClusterName, parseClusterName, ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import type { ObjectKey } from '@kcp/client/informer/object-key';
import type { Environment } from '@kcp/controllers/controller/environment';
import { DefinitionInstaller } from '@kcp/controllers/multicluster/apis/install-definitions';
import { PushMode } from '@kcp/controllers/multicluster/cluster/push-mode';
import { NO_SYNC, type SyncMode } from '@kcp/controllers/multicluster/cluster/sync-mode';
import { MulticlusterControllers } from '@kcp/controllers/multicluster/multicluster-controllers';
import { PullMode } from '@kcp/controllers/multicluster/pull/pull-mode';
import type { UpstreamAccess } from '@kcp/controllers/multicluster/pull/upstream-identity';
import type { MulticlusterConfig } from '../config/server-config.js';
import type { Startable } from './start-controllers.js';

/** Where a server installs the kinds for physical clusters itself: the contexts of its kubeconfig. */
export const INSTALLED_IN = [ROOT_CLUSTER, parseClusterName('user')].filter((name) => name !== undefined);

/**
 * The controllers by which physical clusters are registered, in all logical clusters. `own` is where syncers in physical
 * clusters reach the server unless the configuration says otherwise; undefined as long as it is not known. The kinds are
 * installed in `installedIn`; elsewhere whoever wants them applies `config/`.
 */
export function multiclusterControllers(
  config: MulticlusterConfig,
  environment: Environment,
  own: () => UpstreamAccess | undefined,
  installedIn: readonly ClusterName[],
): readonly Startable[] {
  const { resources, autoPublish } = config;
  const mode = (look: (key: ObjectKey) => void) => syncMode(config, environment, own, look);
  return [
    new DefinitionInstaller(environment, installedIn),
    new MulticlusterControllers({ environment, resources, autoPublish, mode }),
  ];
}

function syncMode(
  { mode, syncerImage: image, upstreamUrl }: MulticlusterConfig,
  environment: Environment,
  own: () => UpstreamAccess | undefined,
  look: (key: ObjectKey) => void,
): SyncMode {
  if (mode === 'none') return NO_SYNC;
  if (mode === 'push') return new PushMode(environment);
  const upstream = (): UpstreamAccess | undefined => {
    const access = own();
    return access === undefined || upstreamUrl === undefined ? access : { ...access, url: upstreamUrl };
  };
  return new PullMode({ environment, image, upstream, look });
}

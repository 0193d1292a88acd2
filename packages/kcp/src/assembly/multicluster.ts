import { parseClusterName, ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import type { ObjectKey } from '@kcp/client/informer/object-key';
import type { Environment } from '@kcp/controllers/controller/environment';
import { DefinitionInstaller } from '@kcp/controllers/multicluster/apis/install-definitions';
import { PushMode } from '@kcp/controllers/multicluster/cluster/push-mode';
import { NO_SYNC, type SyncMode } from '@kcp/controllers/multicluster/cluster/sync-mode';
import { MulticlusterControllers } from '@kcp/controllers/multicluster/multicluster-controllers';
import { PullMode } from '@kcp/controllers/multicluster/pull/pull-mode';
import type { UpstreamAccess } from '@kcp/controllers/multicluster/pull/upstream-identity';
import { DeploymentSplitter } from '@kcp/controllers/multicluster/splitter/deployment-splitter';
import type { MulticlusterConfig } from '../config/server-config.js';
import type { Startable } from './start-controllers.js';

/** Logical clusters that get the kinds for physical clusters by themselves: the contexts of the kubeconfig. */
const INSTALLED_IN = [ROOT_CLUSTER, parseClusterName('user')].filter((name) => name !== undefined);

/**
 * The controllers by which physical clusters are registered, in all logical clusters. `own` is where syncers in physical
 * clusters reach the server unless the configuration says otherwise; undefined as long as it is not known.
 */
export function multiclusterControllers(
  config: MulticlusterConfig,
  environment: Environment,
  own: () => UpstreamAccess | undefined,
): readonly Startable[] {
  const { resources, autoPublish } = config;
  const mode = (look: (key: ObjectKey) => void) => syncMode(config, environment, own, look);
  return [new MulticlusterControllers({ environment, resources, autoPublish, mode })];
}

/** What brings the kinds of `config/` into a server that registers physical clusters itself. */
export function definitionInstaller(environment: Environment): Startable {
  return new DefinitionInstaller(environment, INSTALLED_IN);
}

/** What spreads Deployments over the clusters that are registered. */
export function deploymentSplitter(environment: Environment): Startable {
  return new DeploymentSplitter(environment);
}

function syncMode(
  { mode, syncerImage: image, upstreamUrl }: MulticlusterConfig,
  environment: Environment,
  own: () => UpstreamAccess | undefined,
  look: (key: ObjectKey) => void,
): SyncMode {
  if (mode === 'none') return NO_SYNC;
  if (mode === 'push') return new PushMode(environment);
  let warned = false;
  const upstream = (): UpstreamAccess | undefined => {
    const access = own();
    if (access === undefined || upstreamUrl !== undefined)
      return access && { ...access, url: upstreamUrl ?? access.url };
    if (!warned && isLoopback(access.url)) environment.log.warn(ONLY_HERE, { url: access.url });
    warned = true;
    return access;
  };
  return new PullMode({ environment, image, upstream, look });
}

const ONLY_HERE = 'pods of other machines cannot reach this address; --syncer-upstream-url gives them another';

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

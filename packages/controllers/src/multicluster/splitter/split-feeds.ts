import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { Informer } from '@kcp/client/informer/informer';
import { conditionsOf } from '../../controller/conditions.js';
import type { Environment } from '../../controller/environment.js';
import type { DefinitionDigest } from '../../definition/definition-digest.js';
import { definitionInformer } from '../../definition/definition-informer.js';
import { CLUSTERS } from '../apis/names.js';
import { type DeploymentView, deploymentView } from './deployment-view.js';
import type { RegisteredCluster } from './plan.js';

export const DEPLOYMENTS = { group: 'apps', version: 'v1', resource: 'deployments' };
const DEPLOYMENT_DEFINITION = 'deployments.apps';
const CLUSTER_DEFINITION = 'clusters.cluster.example.dev';

/** Finds the leaves of a root by its name; see `rootText`. */
export const BY_ROOT = 'root';

export function rootText(cluster: ClusterName, namespace: string, name: string): string {
  return `${cluster}/${namespace}/${name}`;
}

/**
 * Deployments and physical clusters of all logical clusters, by one watch each. Both are custom types: they are watched
 * from the moment that some logical cluster serves them.
 */
export class SplitFeeds {
  readonly definitions: Informer<DefinitionDigest>;
  readonly deployments: Informer<DeploymentView>;
  readonly clusters: Informer<RegisteredCluster>;

  constructor(environment: Environment) {
    const { log } = environment;
    this.definitions = definitionInformer(environment);
    this.deployments = new Informer<DeploymentView>({
      ...environment,
      resource: DEPLOYMENTS,
      keep: deploymentView,
      indexers: {
        [BY_ROOT]: ({ key, value }) =>
          value.kind === 'leaf' ? [rootText(key.cluster, key.namespace, value.rootName)] : [],
      },
      onError: (error) => log.warn('deployments cannot be watched', { error }),
    });
    this.clusters = new Informer<RegisteredCluster>({
      ...environment,
      resource: CLUSTERS,
      keep: registeredCluster,
      onError: (error) => log.warn('physical clusters cannot be watched', { error }),
    });
  }

  start(): void {
    this.definitions.subscribe(({ after }) => {
      if (after?.value.type === undefined) return;
      if (after.key.name === DEPLOYMENT_DEFINITION) this.deployments.start();
      if (after.key.name === CLUSTER_DEFINITION) this.clusters.start();
    });
    this.definitions.start();
  }

  async stop(): Promise<void> {
    await Promise.all([this.definitions.stop(), this.deployments.stop(), this.clusters.stop()]);
  }

  /** Hears of a logical cluster that begins to serve physical clusters. */
  onClustersServed(handler: (cluster: ClusterName) => void): void {
    this.definitions.subscribe(({ key, before, after }) => {
      if (key.name === CLUSTER_DEFINITION && before?.value.type !== after?.value.type) handler(key.cluster);
    });
  }

  /** False for a logical cluster that does not know physical ones: its Deployments are none of ours. */
  servesClusters(cluster: ClusterName): boolean {
    return this.definitions.get({ cluster, namespace: '', name: CLUSTER_DEFINITION })?.value.type !== undefined;
  }

  clustersOf(cluster: ClusterName): RegisteredCluster[] {
    return [...this.clusters.entries(cluster)].map(({ value }) => value);
  }
}

function registeredCluster(object: KubeObject): RegisteredCluster {
  const conditions = conditionsOf(readObject(object, 'status') ?? {});
  return {
    name: object.metadata.name ?? '',
    ready: conditions.some((one) => readString(one, 'type') === 'Ready' && readString(one, 'status') === 'True'),
    deleting: object.metadata.deletionTimestamp !== undefined,
  };
}

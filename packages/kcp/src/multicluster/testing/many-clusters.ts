import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { systemClock } from '@kcp/apiserver/clock';
import type { Client } from '@kcp/client/rest/client';
import { MULTICLUSTER_DEFINITIONS } from '@kcp/controllers/multicluster/apis/definitions/all-definitions';
import { API_IMPORTS, CLUSTERS, NEGOTIATED_APIS } from '@kcp/controllers/multicluster/apis/names';
import {
  MulticlusterControllers,
  type MulticlusterOptions,
} from '@kcp/controllers/multicluster/multicluster-controllers';
import { type Kcp, startKcp } from '../../index.js';
import { awaitObject } from '../../testing/await-object.js';

export const DEFINITIONS: GroupVersionResource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  resource: 'customresourcedefinitions',
};
export { API_IMPORTS, CLUSTERS, NEGOTIATED_APIS };

const QUIET = { info: () => {}, warn: () => {}, debug: () => {}, error: () => {} };

type Options = Partial<Omit<MulticlusterOptions, 'environment'>>;

/** A server with the multi-cluster controllers at work in the logical clusters named. */
export async function startMulticluster(clusters: readonly string[], options: Options = {}) {
  const kcp = await startKcp({ storage: 'memory' });
  for (const cluster of clusters) await define(kcp.cluster(cluster), MULTICLUSTER_DEFINITIONS);
  const controllers = startControllers(kcp, options);
  return {
    kcp,
    controllers,
    async stop() {
      await controllers.stop();
      await kcp.stop();
    },
  };
}

export function startControllers(kcp: Kcp, options: Options): MulticlusterControllers {
  const controllers = new MulticlusterControllers({
    environment: { client: kcp.all(), clock: systemClock, random: Math.random, log: QUIET },
    resources: ['deployments.apps'],
    autoPublish: false,
    ...options,
  });
  controllers.start();
  return controllers;
}

/** Makes definitions in a logical cluster and waits until they are served. */
export async function define(client: Client, definitions: readonly KubeObject[]): Promise<void> {
  for (const definition of definitions) {
    await client.create(DEFINITIONS, definition);
    await awaitObject(client, DEFINITIONS, { name: definition.metadata.name ?? '' }, established);
  }
}

/** A physical cluster that can be reached, with definitions of its own. */
export async function startPhysical(definitions: readonly KubeObject[], port = 0): Promise<Kcp> {
  const kcp = await startKcp({ storage: 'memory', listen: { port } });
  await define(kcp.cluster('root'), definitions);
  return kcp;
}

/** A Cluster of that name with a kubeconfig. */
export function registered(name: string, kubeconfig: string): KubeObject {
  return { apiVersion: 'cluster.example.dev/v1alpha1', kind: 'Cluster', metadata: { name }, spec: { kubeconfig } };
}

/** `True`, `False`, `Unknown`, or empty when it is not said. */
export function condition(object: KubeObject | undefined, type: string, member = 'status'): string {
  const all = readObjects(readObject(object ?? {}, 'status') ?? {}, 'conditions');
  return readString(all.find((one) => readString(one, 'type') === type) ?? {}, member);
}

export function isTrue(type: string): (object: KubeObject | undefined) => boolean {
  return (object) => condition(object, type) === 'True';
}

const established = isTrue('Established');

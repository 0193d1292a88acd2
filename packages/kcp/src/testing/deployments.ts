import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject } from '@kcp/apimachinery/schema/read';
import type { Client } from '@kcp/client/rest/client';
import { conditionsOf } from '@kcp/controllers/controller/conditions';
import { awaitObject } from './await-object.js';

export const DEPLOYMENTS = { group: 'apps', version: 'v1', resource: 'deployments' };
const DEFINITIONS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };
const FREE = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

const SCHEMA = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['template'],
      properties: {
        replicas: { type: 'integer', format: 'int32', default: 1, maximum: 1_000 },
        paused: { type: 'boolean' },
        selector: FREE,
        template: FREE,
      },
    },
    status: FREE,
  },
};

const DEFINITION: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'deployments.apps' },
  spec: {
    group: 'apps',
    scope: 'Namespaced',
    names: { plural: 'deployments', singular: 'deployment', kind: 'Deployment', listKind: 'DeploymentList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: SCHEMA },
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
      },
    ],
  },
};

/** Makes a server know deployments, with status and scale, as a negotiated API would be. */
export async function defineDeployments(client: Client): Promise<void> {
  await define(client, DEFINITION);
}

/** Creates a definition and waits until it is established. */
export async function define(client: Client, definition: KubeObject): Promise<void> {
  const { metadata } = await client.create(DEFINITIONS, definition);
  const isEstablished = (found: KubeObject | undefined) =>
    conditionsOf(readObject(found ?? {}, 'status') ?? {}).some(
      (condition) => condition.type === 'Established' && condition.status === 'True',
    );
  await awaitObject(client, DEFINITIONS, { name: metadata.name ?? '' }, isEstablished);
}

/** A deployment in the namespace `demo`. */
export function deployment(name: string, replicas: number, metadata: Partial<KubeObject['metadata']> = {}): KubeObject {
  const labels = { app: name };
  const containers = [{ name: 'web', image: 'nginx:1' }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'demo', ...metadata },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  };
}

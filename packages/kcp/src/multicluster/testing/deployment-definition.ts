import type { KubeObject } from '@kcp/apimachinery/meta/object';

/** A Deployment as a physical cluster defines it, with or without a property that only newer clusters have. */
export function deploymentDefinition({ ephemeral }: { readonly ephemeral: boolean }): KubeObject {
  const container = { type: 'object', required: ['name'], properties: { name: text(), image: text() } };
  const containers = {
    type: 'array',
    items: container,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
  };
  const podSpec = { containers, ...(ephemeral ? { ephemeralContainers: { type: 'array', items: container } } : {}) };
  const template = { type: 'object', properties: { spec: { type: 'object', properties: podSpec } } };
  const replicas = { type: 'integer', format: 'int32' };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: 'deployments.apps',
      annotations: { 'api-approved.kubernetes.io': 'https://github.com/kcp-dev/kubernetes/pull/4' },
    },
    spec: {
      group: 'apps',
      scope: 'Namespaced',
      names: {
        plural: 'deployments',
        singular: 'deployment',
        kind: 'Deployment',
        listKind: 'DeploymentList',
        shortNames: ['deploy'],
        categories: ['all'],
      },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: {
            status: {},
            scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
          },
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: { type: 'object', properties: { replicas, template } },
                status: { type: 'object', properties: { replicas, readyReplicas: replicas } },
              },
            },
          },
        },
      ],
    },
  };
}

function text() {
  return { type: 'string' };
}

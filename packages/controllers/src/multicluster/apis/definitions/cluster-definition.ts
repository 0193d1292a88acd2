import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { KUBECONFIG_LENGTH_MAX } from '../../limits.js';
import { CLUSTER_KIND, CLUSTERS } from '../names.js';
import { AGE, column, conditionColumn, conditions, definition, fields, name, names, text } from './schema-parts.js';

const SYNCED_MAX = 1_000;

/** The kind by which a physical cluster is registered. */
export const CLUSTER_DEFINITION: KubeObject = definition(
  CLUSTERS.group,
  CLUSTER_KIND,
  CLUSTERS.resource,
  {
    description: 'A physical cluster that workloads can be sent to. Its name is the location.',
    spec: {
      ...fields(
        {
          kubeconfig: text('A kubeconfig that carries all its data within itself.', {
            maxLength: KUBECONFIG_LENGTH_MAX,
          }),
          kubeconfigSecretRef: fields(
            {
              namespace: name('The namespace of the Secret.', { minLength: 1 }),
              name: name('The name of the Secret.', { minLength: 1 }),
              key: name('The member that holds the kubeconfig.', { minLength: 1, default: 'kubeconfig' }),
            },
            ['namespace', 'name'],
            'A Secret of the same logical cluster that holds the kubeconfig.',
          ),
        },
        [],
        'How the cluster is reached.',
      ),
      'x-kubernetes-validations': [
        {
          rule: 'has(self.kubeconfig) != has(self.kubeconfigSecretRef)',
          message: 'exactly one of kubeconfig and kubeconfigSecretRef is needed',
        },
      ],
    },
    status: fields(
      {
        conditions: conditions('Ready'),
        syncedResources: names('Resources that are synced, such as deployments.apps.', SYNCED_MAX),
      },
      [],
      'What is known of the cluster.',
    ),
  },
  [
    column('Location', '.metadata.name', 'The name by which objects are assigned to the cluster.'),
    conditionColumn('Ready', 'Whether workloads can be sent there.'),
    column('Synced', '.status.syncedResources', 'Resources that are synced.'),
    column('Reason', '.status.conditions[?(@.type=="Ready")].reason', 'Why it is ready or not.', { priority: 1 }),
    AGE,
  ],
);

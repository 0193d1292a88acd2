import { SEATS_DEFAULT } from '../limits.js';
import type { FlowControlConfig } from './flow-control.js';
import type { FlowRule, FlowSchema, FlowSubject, LevelSpec, ResourceRule } from './flow-schema.js';

const QUEUES = { queues: 16, handSize: 4, lengthMax: 200 };

/** The levels of a server that was told no others; names and shares are those that upstream suggests, where it has them. */
export const DEFAULT_LEVELS: readonly LevelSpec[] = [
  { name: 'exempt' },
  { name: 'system', limited: { shares: 30, queues: QUEUES } },
  { name: 'leader-election', limited: { shares: 10, queues: QUEUES } },
  { name: 'workload-low', limited: { shares: 100, queues: QUEUES } },
  { name: 'global-default', limited: { shares: 100, queues: QUEUES } },
  { name: 'catch-all', limited: { shares: 5 } },
];

const EVERYTHING: ResourceRule = {
  verbs: ['*'],
  apiGroups: ['*'],
  resources: ['*'],
  namespaces: ['*'],
  clusterScope: true,
};
const EVERY_PATH = { verbs: ['*'], urls: ['*'] };

function group(name: string): FlowSubject {
  return { kind: 'Group', name };
}

function anything(...subjects: readonly FlowSubject[]): FlowRule {
  return { subjects, resourceRules: [EVERYTHING], nonResourceRules: [EVERY_PATH] };
}

const ANYBODY = [group('system:authenticated'), group('system:unauthenticated')];

/** Health is answered whatever happens, the server's own work comes before that of tenants. */
export const DEFAULT_FLOWS: readonly FlowSchema[] = [
  {
    name: 'exempt',
    level: 'exempt',
    precedence: 1,
    distinguish: 'none',
    rules: [anything(group('system:masters'))],
  },
  {
    name: 'probes',
    level: 'exempt',
    precedence: 2,
    distinguish: 'none',
    rules: [
      {
        subjects: ANYBODY,
        resourceRules: [],
        nonResourceRules: [
          { verbs: ['get'], urls: ['/healthz', '/readyz', '/livez', '/healthz/*', '/readyz/*', '/livez/*'] },
        ],
      },
    ],
  },
  {
    name: 'system-leader-election',
    level: 'leader-election',
    precedence: 100,
    distinguish: 'user',
    rules: [
      {
        subjects: [{ kind: 'ServiceAccount', namespace: 'kube-system', name: '*' }],
        resourceRules: [
          {
            ...EVERYTHING,
            verbs: ['get', 'create', 'update'],
            apiGroups: ['coordination.k8s.io'],
            resources: ['leases'],
          },
        ],
        nonResourceRules: [],
      },
    ],
  },
  {
    name: 'system',
    level: 'system',
    precedence: 500,
    distinguish: 'user',
    rules: [anything(group('system:nodes'), { kind: 'ServiceAccount', namespace: 'kube-system', name: '*' })],
  },
  {
    name: 'service-accounts',
    level: 'workload-low',
    precedence: 9_000,
    distinguish: 'user',
    rules: [anything(group('system:serviceaccounts'))],
  },
  {
    name: 'global-default',
    level: 'global-default',
    precedence: 9_900,
    distinguish: 'user',
    rules: [anything(...ANYBODY)],
  },
  {
    name: 'catch-all',
    level: 'catch-all',
    precedence: 10_000,
    distinguish: 'none',
    rules: [anything(...ANYBODY)],
  },
];

export const DEFAULT_FLOW_CONTROL: FlowControlConfig = {
  seats: SEATS_DEFAULT,
  levels: DEFAULT_LEVELS,
  flows: DEFAULT_FLOWS,
};

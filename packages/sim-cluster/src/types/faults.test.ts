import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { StatusError } from '@kcp/apimachinery/errors/status-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import { readObject, readObjects } from '@kcp/apimachinery/schema/read';
import { DEPLOYMENTS, JOBS, PODS, SERVICES } from '../controllers/resources.js';
import { type SimCluster, startSimCluster } from '../start-sim-cluster.js';

let cluster: SimCluster;

before(async () => {
  cluster = await startSimCluster({ name: 'types', storage: 'memory', nodes: 0 });
});
after(() => cluster.stop());

const PLACE = { namespace: 'default' };
const LABELS = { app: 'web' };
const CONTAINER = { name: 'web', image: 'nginx' };

function object(apiVersion: string, kind: string, spec: JsonObject): KubeObject {
  return { apiVersion, kind, metadata: { name: 'web', ...PLACE }, spec };
}

function deployment(spec: JsonObject, pod: JsonObject = {}): KubeObject {
  const template = { metadata: { labels: LABELS }, spec: { containers: [CONTAINER], ...pod } };
  return object('apps/v1', 'Deployment', { selector: { matchLabels: LABELS }, template, ...spec });
}

/** The faults of an object as the server tells them. */
async function faults(resource: GroupVersionResource, wrong: KubeObject): Promise<string[]> {
  try {
    await cluster.client.create(resource, wrong, { dryRun: true });
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return (error.status.details?.causes ?? []).map(({ field, message }) => `${field}: ${message}`);
  }
  return [];
}

test('a deployment says what is wrong with it in the words of the reference', async () => {
  const cases: readonly (readonly [KubeObject, readonly string[]])[] = [
    [
      deployment({ selector: { matchLabels: { app: 'other' } } }),
      ['spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'],
    ],
    [deployment({ replicas: -1 }), ['spec.replicas: Invalid value: -1: must be greater than or equal to 0']],
    [deployment({}, { containers: [] }), ['spec.template.spec.containers: Required value']],
    [deployment({}, { containers: [{ name: 'web' }] }), ['spec.template.spec.containers[0].image: Required value']],
    [
      deployment({}, { containers: [CONTAINER, CONTAINER] }),
      ['spec.template.spec.containers[1].name: Duplicate value: "web"'],
    ],
    [
      deployment({}, { restartPolicy: 'Never' }),
      ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
    ],
    [
      deployment({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }),
      ['spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0'],
    ],
    [
      deployment({}, { containers: [{ ...CONTAINER, ports: [{ containerPort: 70_000 }] }] }),
      [
        'spec.template.spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
      ],
    ],
    [
      deployment({}, { containers: [{ ...CONTAINER, volumeMounts: [{ name: 'data', mountPath: '/d' }] }] }),
      ['spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"'],
    ],
    [
      deployment({}, { containers: [{ ...CONTAINER, resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }] }),
      [
        'spec.template.spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
      ],
    ],
  ];
  for (const [wrong, expected] of cases) assert.deepEqual(await faults(DEPLOYMENTS, wrong), expected);
});

test('a selector may not change', async () => {
  await cluster.client.create(DEPLOYMENTS, deployment({ replicas: 0 }));
  const metadata = { labels: { app: 'web', tier: 'a' } };
  const value = { spec: { selector: { matchLabels: { tier: 'a' } }, template: { metadata } } };
  await assert.rejects(
    cluster.client.patch(DEPLOYMENTS, { ...PLACE, name: 'web' }, { type: 'merge', value }),
    /spec\.selector: Invalid value: .*: field is immutable/,
  );
});

test('services, jobs and pods are judged, too', async () => {
  assert.deepEqual(await faults(SERVICES, object('v1', 'Service', {})), ['spec.ports: Required value']);
  assert.deepEqual(await faults(SERVICES, object('v1', 'Service', { ports: [{ port: 80 }, { port: 81 }] })), [
    'spec.ports[0].name: Required value',
    'spec.ports[1].name: Required value',
  ]);
  assert.deepEqual(await faults(JOBS, object('batch/v1', 'Job', { template: { spec: { containers: [CONTAINER] } } })), [
    'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
  ]);
  assert.deepEqual(await faults(PODS, object('v1', 'Pod', { containers: [CONTAINER], dnsPolicy: 'x' })), [
    'spec.dnsPolicy: Unsupported value: "x": supported values: "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"',
  ]);
});

test('what is left out is filled in as the reference does', async () => {
  const made = await cluster.client.create(PODS, { ...object('v1', 'Pod', { containers: [CONTAINER] }) });
  assert.deepEqual(readObjects(readObject(made, 'spec') ?? {}, 'containers'), [
    {
      name: 'web',
      image: 'nginx',
      resources: {},
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      imagePullPolicy: 'Always',
    },
  ]);
  const spec = readObject(made, 'spec') ?? {};
  assert.equal(spec.restartPolicy, 'Always');
  assert.equal(spec.terminationGracePeriodSeconds, 30);
  assert.equal(spec.schedulerName, 'default-scheduler');
  assert.equal(spec.serviceAccountName, 'default');
  assert.deepEqual(made.status, { phase: 'Pending', qosClass: 'BestEffort' });
  const service = await cluster.client.create(SERVICES, object('v1', 'Service', { ports: [{ port: 80 }] }));
  const { clusterIP, clusterIPs, ...rest } = readObject(service, 'spec') ?? {};
  assert.match(String(clusterIP), /^10\.(9[6-9]|10\d|11[01])\.\d+\.\d+$/);
  assert.deepEqual(clusterIPs, [clusterIP]);
  assert.deepEqual(rest, {
    ports: [{ protocol: 'TCP', port: 80, targetPort: 80 }],
    type: 'ClusterIP',
    sessionAffinity: 'None',
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
    internalTrafficPolicy: 'Cluster',
  });
});

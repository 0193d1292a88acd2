import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import type { GroupVersionResource } from '@kcp/apimachinery/meta/resource';
import { readNumber, readObject, readObjects, readString, readStrings } from '@kcp/apimachinery/schema/read';
import {
  DAEMON_SETS,
  ENDPOINT_SLICES,
  ENDPOINTS,
  JOBS,
  PODS,
  SERVICES,
  STATEFUL_SETS,
} from './controllers/resources.js';
import { type SimCluster, startSimCluster } from './start-sim-cluster.js';
import { eventually } from './testing/eventually.js';

let cluster: SimCluster;

before(async () => {
  cluster = await startSimCluster({ name: 'west', storage: 'memory', podStartDelayMs: 1, runForMs: 5, nodes: 3 });
});
after(() => cluster.stop());

const PLACE = { namespace: 'default' };

function template(app: string, more: JsonObject = {}): JsonObject {
  return {
    metadata: { labels: { app } },
    spec: { containers: [{ name: 'main', image: 'main:1', ports: [{ name: 'web', containerPort: 8080 }] }], ...more },
  };
}

async function statusWith(
  resource: GroupVersionResource,
  name: string,
  counts: Readonly<Record<string, number>>,
): Promise<KubeObject> {
  return eventually(
    async () => {
      const object = await cluster.client.get(resource, { ...PLACE, name });
      const status = readObject(object, 'status') ?? {};
      const all = Object.entries(counts).every(([key, count]) => (readNumber(status, key) ?? 0) === count);
      return all ? object : undefined;
    },
    `${name} with ${JSON.stringify(counts)}`,
  );
}

async function podsOf(app: string): Promise<KubeObject[]> {
  return (await cluster.client.list(PODS, { ...PLACE, labelSelector: `app=${app}` })).items;
}

test('a daemon set has one pod on every node, and brings each to a new template', async () => {
  const selector = { matchLabels: { app: 'daemon' } };
  const metadata = { name: 'daemon', ...PLACE };
  await cluster.client.create(DAEMON_SETS, {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata,
    spec: { selector, template: template('daemon') },
  });
  await statusWith(DAEMON_SETS, 'daemon', { desiredNumberScheduled: 3, numberReady: 3, updatedNumberScheduled: 3 });
  const nodes = (await podsOf('daemon')).map((pod) => readString(readObject(pod, 'spec') ?? {}, 'nodeName')).sort();
  assert.deepEqual(nodes, ['west-node-1', 'west-node-2', 'west-node-3']);
  const value = { spec: { template: { spec: { containers: [{ name: 'main', image: 'main:2' }] } } } };
  await cluster.client.patch(DAEMON_SETS, metadata, { type: 'strategic', value });
  await eventually(async () => {
    const images = (await podsOf('daemon')).map(
      (pod) => readObjects(readObject(pod, 'spec') ?? {}, 'containers')[0]?.image,
    );
    return images.length === 3 && images.every((image) => image === 'main:2') ? true : undefined;
  }, 'three pods of the new template');
});

test('a stateful set has numbered pods with claims, and gives up the last first', async () => {
  const metadata = { name: 'db', ...PLACE };
  const claim = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  await cluster.client.create(STATEFUL_SETS, {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata,
    spec: {
      replicas: 2,
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template: template('db'),
      volumeClaimTemplates: [claim],
    },
  });
  await statusWith(STATEFUL_SETS, 'db', { replicas: 2, readyReplicas: 2, updatedReplicas: 2 });
  assert.deepEqual(
    (await podsOf('db')).map((pod) => pod.metadata.name),
    ['db-0', 'db-1'],
  );
  const claims = await cluster.client.list({ group: '', version: 'v1', resource: 'persistentvolumeclaims' }, PLACE);
  assert.deepEqual(
    claims.items.map((one) => one.metadata.name),
    ['data-db-0', 'data-db-1'],
  );
  await cluster.client.patch(STATEFUL_SETS, metadata, { type: 'merge', value: { spec: { replicas: 1 } } });
  await statusWith(STATEFUL_SETS, 'db', { replicas: 1 });
  assert.deepEqual(
    (await podsOf('db')).map((pod) => pod.metadata.name),
    ['db-0'],
  );
});

test('a job runs until it has succeeded often enough', async () => {
  await cluster.client.create(JOBS, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'sum', ...PLACE },
    spec: { completions: 3, parallelism: 2, template: template('sum', { restartPolicy: 'Never' }) },
  });
  const done = await statusWith(JOBS, 'sum', { succeeded: 3 });
  const types = readObjects(readObject(done, 'status') ?? {}, 'conditions').map(({ type }) => type);
  assert.deepEqual(types, ['SuccessCriteriaMet', 'Complete']);
  assert.equal((await podsOf('sum')).length, 3);
});

test('a job gives up after too many failures', async () => {
  const failing = template('fails', { restartPolicy: 'Never' });
  const metadata = { labels: { app: 'fails' }, annotations: { 'sim-cluster.kcp.io/exit-code': '3' } };
  await cluster.client.create(JOBS, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'fails', ...PLACE },
    spec: { backoffLimit: 1, template: { ...failing, metadata } },
  });
  const done = await statusWith(JOBS, 'fails', { failed: 2 });
  const reasons = readObjects(readObject(done, 'status') ?? {}, 'conditions').map(({ reason }) => reason);
  assert.deepEqual(reasons, ['BackoffLimitExceeded', 'BackoffLimitExceeded']);
});

test('a service knows the pods behind it, and their ports by name', async () => {
  await cluster.client.create(SERVICES, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'daemon', ...PLACE },
    spec: { selector: { app: 'daemon' }, ports: [{ port: 80, targetPort: 'web' }] },
  });
  const slice = await eventually(async () => {
    const { items } = await cluster.client.list(ENDPOINT_SLICES, PLACE);
    return items.find((one) => readObjects(one, 'endpoints').length === 3);
  }, 'a slice with three endpoints');
  assert.equal(readObjects(slice, 'ports')[0]?.port, 8080);
  assert.match(readStrings(readObjects(slice, 'endpoints')[0] ?? {}, 'addresses')[0] ?? '', /^10\.244\./);
  const endpoints = await cluster.client.get(ENDPOINTS, { ...PLACE, name: 'daemon' });
  assert.equal(readObjects(readObjects(endpoints, 'subsets')[0] ?? {}, 'addresses').length, 3);
});

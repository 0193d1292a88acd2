import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { DEPLOYMENTS, NODES, PODS, REPLICA_SETS } from './controllers/resources.js';
import { CRASH } from './node/sim-annotations.js';
import { type SimCluster, startSimCluster } from './start-sim-cluster.js';
import { eventually } from './testing/eventually.js';

let cluster: SimCluster;

before(async () => {
  cluster = await startSimCluster({ name: 'us-east1', storage: 'memory', podStartDelayMs: 5, nodeGraceMs: 300 });
});
after(() => cluster.stop());

const PLACE = { namespace: 'default' };

function deployment(name: string, replicas: number, image = 'nginx:1', more: JsonObject = {}): KubeObject {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image }] } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, ...PLACE },
    spec: { replicas, selector: { matchLabels: labels }, template, ...more },
  };
}

function status(object: KubeObject, name: string): number {
  return readNumber(readObject(object, 'status') ?? {}, name) ?? 0;
}

async function rolledOut(name: string, replicas: number): Promise<KubeObject> {
  return eventually(async () => {
    const object = await cluster.client.get(DEPLOYMENTS, { ...PLACE, name });
    const current = status(object, 'observedGeneration') === Number(object.metadata.generation);
    const counts = ['replicas', 'updatedReplicas', 'availableReplicas'].map((count) => status(object, count));
    return current && counts.every((count) => count === replicas) ? object : undefined;
  }, `${replicas} pods of ${name}`);
}

async function podsOf(name: string): Promise<KubeObject[]> {
  const { items } = await cluster.client.list(PODS, { ...PLACE, labelSelector: `app=${name}` });
  return items.filter((pod) => pod.metadata.deletionTimestamp === undefined);
}

function conditionOf(object: KubeObject, type: string): JsonObject {
  const found = readObjects(readObject(object, 'status') ?? {}, 'conditions').find((one) => one.type === type);
  assert.ok(isObject(found), type);
  return found;
}

test('a deployment becomes a replica set, pods that are bound and run, and a status that says so', async () => {
  await cluster.client.create(DEPLOYMENTS, deployment('web', 3));
  const done = await rolledOut('web', 3);
  assert.equal(readString(conditionOf(done, 'Available'), 'reason'), 'MinimumReplicasAvailable');
  const progressing = await eventually(async () => {
    const now = conditionOf(await cluster.client.get(DEPLOYMENTS, { ...PLACE, name: 'web' }), 'Progressing');
    return now.reason === 'NewReplicaSetAvailable' ? now : undefined;
  }, 'a finished rollout');
  assert.match(readString(progressing, 'message'), /^ReplicaSet "web-[a-z0-9]+" has successfully progressed\.$/);
  assert.equal(done.metadata.annotations?.['deployment.kubernetes.io/revision'], '1');
  const pods = await podsOf('web');
  assert.equal(pods.length, 3);
  for (const pod of pods) {
    assert.match(pod.metadata.name ?? '', /^web-[a-z0-9]+-[a-z0-9]{5}$/);
    assert.equal(readString(readObject(pod, 'status') ?? {}, 'phase'), 'Running');
    assert.match(readString(readObject(pod, 'spec') ?? {}, 'nodeName'), /^us-east1-node-[12]$/);
  }
});

test('a new template is rolled out within the leeway, an old one can be gone back to', async () => {
  await cluster.client.create(DEPLOYMENTS, deployment('roll', 4));
  const first = await rolledOut('roll', 4);
  const changed = (image: string) => ({ type: 'strategic', value: template(image) }) as const;
  await cluster.client.patch(DEPLOYMENTS, { ...PLACE, name: 'roll' }, changed('nginx:2'));
  let least = 4;
  await eventually(async () => {
    const ready = (await podsOf('roll')).filter((pod) => readString(conditionOfOrNone(pod), 'status') === 'True');
    least = Math.min(least, ready.length);
    const object = await cluster.client.get(DEPLOYMENTS, { ...PLACE, name: 'roll' });
    return status(object, 'updatedReplicas') === 4 && status(object, 'replicas') === 4 ? true : undefined;
  }, 'the second template');
  assert.ok(least >= 3, `never fewer than three of four were ready, but ${least}`);
  await rolledOut('roll', 4);
  await cluster.client.patch(DEPLOYMENTS, { ...PLACE, name: 'roll' }, changed('nginx:1'));
  const back = await rolledOut('roll', 4);
  assert.equal(back.metadata.annotations?.['deployment.kubernetes.io/revision'], '3');
  const { items } = await cluster.client.list(REPLICA_SETS, { ...PLACE, labelSelector: 'app=roll' });
  assert.equal(items.length, 2);
  assert.equal(first.metadata.uid, back.metadata.uid);
});

function template(image: string): JsonObject {
  return { spec: { template: { spec: { containers: [{ name: 'web', image }] } } } };
}

function conditionOfOrNone(pod: KubeObject): JsonObject {
  return readObjects(readObject(pod, 'status') ?? {}, 'conditions').find((one) => one.type === 'Ready') ?? {};
}

test('scaling takes pods away and brings them', async () => {
  await cluster.client.create(DEPLOYMENTS, deployment('scale', 2));
  await rolledOut('scale', 2);
  const scale = (replicas: number) => ({ type: 'merge', value: { spec: { replicas } } }) as const;
  await cluster.client.patch(DEPLOYMENTS, { ...PLACE, name: 'scale' }, scale(5), { subresource: 'scale' });
  await rolledOut('scale', 5);
  await cluster.client.patch(DEPLOYMENTS, { ...PLACE, name: 'scale' }, scale(1), { subresource: 'scale' });
  await rolledOut('scale', 1);
  assert.equal((await podsOf('scale')).length, 1);
});

test('a deployment that is deleted takes its replica sets and pods along', async () => {
  await cluster.client.create(DEPLOYMENTS, deployment('gone', 2));
  await rolledOut('gone', 2);
  await cluster.client.delete(DEPLOYMENTS, { ...PLACE, name: 'gone' });
  await eventually(async () => {
    const { items } = await cluster.client.list(PODS, { ...PLACE, labelSelector: 'app=gone' });
    return items.length === 0 ? true : undefined;
  }, 'the end of the pods');
});

test('Recreate ends the old pods before it makes new ones', async () => {
  await cluster.client.create(DEPLOYMENTS, deployment('anew', 2, 'nginx:1', { strategy: { type: 'Recreate' } }));
  await rolledOut('anew', 2);
  await cluster.client.patch(
    DEPLOYMENTS,
    { ...PLACE, name: 'anew' },
    { type: 'strategic', value: template('nginx:2') },
  );
  await rolledOut('anew', 2);
  const images = (await podsOf('anew')).map(
    (pod) => readObjects(readObject(pod, 'spec') ?? {}, 'containers')[0]?.image,
  );
  assert.deepEqual(images, ['nginx:2', 'nginx:2']);
});

test('a container that crashes is started again, and counted', async () => {
  await cluster.client.create(DEPLOYMENTS, deployment('crash', 1));
  await rolledOut('crash', 1);
  const [pod] = await podsOf('crash');
  const name = pod?.metadata.name ?? '';
  const annotations = { [CRASH]: '1' };
  await cluster.client.patch(PODS, { ...PLACE, name }, { type: 'merge', value: { metadata: { annotations } } });
  await eventually(async () => {
    const now = await cluster.client.get(PODS, { ...PLACE, name });
    const [container] = readObjects(readObject(now, 'status') ?? {}, 'containerStatuses');
    return container?.restartCount === 1 && container.ready === true ? true : undefined;
  }, 'the restart');
});

test('the pods of a node that falls silent are given up once their patience is over', async () => {
  const impatient = ['not-ready', 'unreachable'].map((state) => ({
    key: `node.kubernetes.io/${state}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 0,
  }));
  const object = deployment('moves', 2);
  const spec = readObject(readObject(readObject(object, 'spec') ?? {}, 'template') ?? {}, 'spec') ?? {};
  spec.tolerations = impatient;
  await cluster.client.create(DEPLOYMENTS, object);
  await rolledOut('moves', 2);
  await cluster.takeNodeDown('us-east1-node-1');
  await eventually(async () => {
    const pods = await podsOf('moves');
    const nodes = pods.map((pod) => readString(readObject(pod, 'spec') ?? {}, 'nodeName'));
    const ready = pods.every((pod) => conditionOfOrNone(pod).status === 'True');
    return pods.length === 2 && ready && nodes.every((node) => node === 'us-east1-node-2') ? true : undefined;
  }, 'two pods on the other node');
  await cluster.bringNodeUp('us-east1-node-1');
  await eventually(async () => {
    const node = await cluster.client.get(NODES, { name: 'us-east1-node-1' });
    return conditionOf(node, 'Ready').status === 'True' ? true : undefined;
  }, 'the node');
});

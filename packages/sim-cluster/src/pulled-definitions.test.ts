import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { writeYaml } from '@kcp/apimachinery/codec/write-yaml';
import { defaultCustomResourceDefinition, withStoredVersion } from '@kcp/apimachinery/crd/defaults';
import { judgeCustomResourceDefinition } from '@kcp/apimachinery/crd/validate';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { atOnce } from '@kcp/apimachinery/turns/work';
import { systemClock } from '@kcp/apiserver/clock';
import type { Client } from '@kcp/client/rest/client';
import type { Environment } from '@kcp/controllers/controller/environment';
import { fileName } from '@kcp/controllers/multicluster/crd-puller/cli/main';
import { type PullResult, pullDefinitions } from '@kcp/controllers/multicluster/crd-puller/pull-definitions';
import { type Kcp, startKcp } from 'kcp/index';
import { DeploymentController } from './controllers/deployment/deployment-controller.js';
import { objectInformer } from './controllers/object-informer.js';
import { REPLICA_SET_KIND } from './controllers/replica-set/replica-kinds.js';
import { ReplicaSetController } from './controllers/replica-set/replica-set-controller.js';
import { DEPLOYMENTS, PODS, REPLICA_SETS } from './controllers/resources.js';
import { type SimCluster, startSimCluster } from './start-sim-cluster.js';
import { CONTRIBUTED, contributedDefinitions, contributedText } from './testing/contributed-definitions.js';
import { eventually } from './testing/eventually.js';

const DEFINITIONS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };
const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };
const PLACE = { namespace: 'demo' };

let cluster: SimCluster;
let kcp: Kcp;
let pulled: PullResult;

before(async () => {
  [cluster, kcp] = await Promise.all([
    startSimCluster({ name: 'us-east1', storage: 'memory' }),
    startKcp({ storage: 'memory' }),
  ]);
  pulled = await pullDefinitions(cluster.client);
});
after(() => Promise.all([cluster.stop(), kcp.stop()]));

test('every kind of a cluster becomes a definition that is valid', () => {
  assert.ok(pulled.pulled.length > 40);
  assert.deepEqual(pulled.unknown, []);
  for (const { definition } of pulled.pulled) {
    const whole = withStoredVersion(defaultCustomResourceDefinition(structuredClone(definition)), undefined);
    const { errors } = atOnce(judgeCustomResourceDefinition({ ...definition, ...whole }));
    assert.deepEqual(errors, [], definition.metadata.name);
  }
});

test('the definitions in contrib/crds are what the puller makes of a cluster', () => {
  for (const [folder, names] of Object.entries(CONTRIBUTED)) {
    for (const name of names) {
      const found = pulled.pulled.find(({ definition }) => definition.metadata.name === name);
      assert.ok(found, name);
      assert.ok(
        contributedText(folder, fileName(found.kind)) === writeYaml(found.definition),
        `${name} is out of date`,
      );
    }
  }
});

test('a name that is asked for and not served is told', async () => {
  const { missing, pulled: some } = await pullDefinitions(cluster.client, { resources: ['pods', 'unicorns'] });
  assert.deepEqual(missing, ['unicorns']);
  assert.deepEqual(
    some.map(({ definition }) => definition.metadata.name),
    ['pods.core'],
  );
});

test('kcp serves deployments, replica sets and pods by these definitions, and controllers work on them', async () => {
  const client = kcp.cluster('demo-cluster');
  await establish(client, [...contributedDefinitions('core'), ...contributedDefinitions('apps')]);
  await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } });
  await client.create(DEPLOYMENTS, deployment());
  await patchOneContainer(client);
  const controllers = controllersOf(client);
  for (const controller of controllers) controller.start();
  try {
    const pods = await eventually(async () => {
      const { items } = await client.list(PODS, PLACE);
      return items.length === 2 ? items : undefined;
    }, 'two pods');
    const images = readObjects(readObject(pods[0] ?? {}, 'spec') ?? {}, 'containers').map(({ image }) => image);
    assert.deepEqual(images, ['web:2', 'log:1']);
    for (const pod of pods) await client.update(PODS, { ...pod, status: READY }, { subresource: 'status' });
    await eventually(async () => {
      const status = readObject(await client.get(DEPLOYMENTS, { ...PLACE, name: 'web' }), 'status') ?? {};
      return readNumber(status, 'availableReplicas') === 2 ? true : undefined;
    }, 'a deployment that is available');
  } finally {
    await Promise.all(controllers.map((controller) => controller.stop()));
  }
});

const READY = {
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }],
};

async function establish(client: Client, definitions: readonly KubeObject[]): Promise<void> {
  await Promise.all(definitions.map((definition) => client.create(DEFINITIONS, definition)));
  await eventually(async () => {
    const { items } = await client.list(DEFINITIONS);
    const established = items.filter((definition) =>
      readObjects(readObject(definition, 'status') ?? {}, 'conditions').some(
        (one) => readString(one, 'type') === 'Established' && readString(one, 'status') === 'True',
      ),
    );
    return established.length === definitions.length ? true : undefined;
  }, 'definitions that are established');
}

/** A strategic merge patch finds the container by its name and leaves the others alone. */
async function patchOneContainer(client: Client): Promise<void> {
  const value = { spec: { template: { spec: { containers: [{ name: 'web', image: 'web:2' }] } } } };
  const patched = await client.patch(DEPLOYMENTS, { ...PLACE, name: 'web' }, { type: 'strategic', value });
  const template = readObject(readObject(patched, 'spec') ?? {}, 'template') ?? {};
  const containers = readObjects(readObject(template, 'spec') ?? {}, 'containers');
  assert.deepEqual(
    containers.map(({ name, image }) => [name, image]),
    [
      ['web', 'web:2'],
      ['log', 'log:1'],
    ],
  );
}

function deployment(): KubeObject {
  const labels = { app: 'web' };
  const containers: JsonObject[] = [
    { name: 'web', image: 'web:1', ports: [{ containerPort: 80 }] },
    { name: 'log', image: 'log:1' },
  ];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', ...PLACE },
    spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  };
}

function controllersOf(client: Client): readonly { start(): void; stop(): Promise<void> }[] {
  const log: Environment['log'] = { info: () => {}, warn: () => {}, debug: () => {} };
  const environment: Environment = { client, clock: systemClock, random: Math.random, log };
  const [deployments, replicaSets, pods] = [DEPLOYMENTS, REPLICA_SETS, PODS].map((one) =>
    objectInformer(environment, one),
  );
  assert.ok(deployments && replicaSets && pods);
  const informers = [deployments, replicaSets, pods];
  return [
    new DeploymentController(environment, { deployments, replicaSets, pods }),
    new ReplicaSetController(environment, REPLICA_SET_KIND, replicaSets, pods),
    ...informers.map((informer) => ({ start: () => {}, stop: () => informer.stop() })),
  ];
}

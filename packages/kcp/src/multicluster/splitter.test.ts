import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { deepEqual, type JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObject, readString } from '@kcp/apimachinery/schema/read';
import { systemClock } from '@kcp/apiserver/clock';
import { conditionsOf } from '@kcp/controllers/controller/conditions';
import { DeploymentSplitter } from '@kcp/controllers/multicluster/splitter/deployment-splitter';
import { type Client, type Kcp, startKcp } from '../index.js';
import { awaitObject, isGone } from '../testing/await-object.js';
import { DEPLOYMENTS, define, defineDeployments, deployment } from '../testing/deployments.js';

const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };
const EVENTS = { group: '', version: 'v1', resource: 'events' };
const CLUSTERS = { group: 'cluster.example.dev', version: 'v1alpha1', resource: 'clusters' };
const LOG = { info: () => {}, warn: () => {}, debug: () => {} };
const PATIENCE_MS = 5_000;

const CLUSTER_DEFINITION: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'clusters.cluster.example.dev' },
  spec: {
    group: 'cluster.example.dev',
    scope: 'Cluster',
    names: { plural: 'clusters', singular: 'cluster', kind: 'Cluster', listKind: 'ClusterList' },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        subresources: { status: {} },
      },
    ],
  },
};

const at = (name: string) => ({ namespace: 'demo', name });
const replicasOf = (object: KubeObject | undefined) => readNumber(readObject(object ?? {}, 'spec') ?? {}, 'replicas');
const statusOf = (object: KubeObject | undefined) => readObject(object ?? {}, 'status') ?? {};
const conditionOf = (object: KubeObject | undefined, type: string) =>
  conditionsOf(statusOf(object)).find((one) => readString(one, 'type') === type);

async function setReady(client: Client, name: string, status: 'True' | 'False'): Promise<void> {
  const operations = [{ op: 'add', path: '/status', value: { conditions: [{ type: 'Ready', status }] } }];
  await client.patch(CLUSTERS, { name }, { type: 'json', operations }, { subresource: 'status' });
}

async function register(client: Client, name: string): Promise<void> {
  await client.create(CLUSTERS, { apiVersion: 'cluster.example.dev/v1alpha1', kind: 'Cluster', metadata: { name } });
  await setReady(client, name, 'True');
}

/** Replicas by leaf, as soon as they are as wanted. */
async function awaitLeaves(client: Client, root: string, wanted: Record<string, number>): Promise<void> {
  const labelSelector = `kcp.dev/owned-by=${root}`;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const leaves: JsonObject = {};
  for await (const { type, object } of client.watch(DEPLOYMENTS, { namespace: 'demo', labelSelector, signal })) {
    if (type === 'BOOKMARK') continue;
    const name = object.metadata.labels?.['kcp.dev/cluster'] ?? '';
    if (type === 'DELETED') delete leaves[name];
    else leaves[name] = replicasOf(object) ?? -1;
    if (deepEqual(leaves, wanted)) return;
  }
  throw new Error(`leaves are ${JSON.stringify(leaves)}, not ${JSON.stringify(wanted)}`);
}

/** A leaf's status as its cluster would tell it. */
async function tellStatus(client: Client, leaf: string, status: JsonObject): Promise<void> {
  const { metadata } = await client.get(DEPLOYMENTS, at(leaf));
  const value = { observedGeneration: metadata.generation ?? 0, ...status };
  const operations = [{ op: 'add', path: '/status', value }];
  await client.patch(DEPLOYMENTS, at(leaf), { type: 'json', operations }, { subresource: 'status' });
}

const condition = (type: string, status: string, reason: string, message = '') => ({ type, status, reason, message });

describe('the deployment splitter', () => {
  let kcp: Kcp;
  let client: Client;
  let splitter: DeploymentSplitter;
  const alive = setInterval(() => {}, 1_000);

  before(async () => {
    kcp = await startKcp({ storage: 'memory' });
    client = kcp.cluster('team-a');
    splitter = new DeploymentSplitter({ client: kcp.all(), clock: systemClock, random: Math.random, log: LOG });
    splitter.start();
    await define(client, CLUSTER_DEFINITION);
    await defineDeployments(client);
    await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } });
  });
  after(async () => {
    clearInterval(alive);
    await splitter.stop();
    await kcp.stop();
  });

  test('without a cluster the root says so in its status, and waits', async () => {
    await client.create(DEPLOYMENTS, deployment('web', 15, { labels: { tier: 'a' }, annotations: { note: 'x' } }));
    const { object } = await awaitObject(
      client,
      DEPLOYMENTS,
      at('web'),
      (found) => conditionOf(found, 'Progressing') !== undefined,
    );
    const told = conditionOf(object, 'Progressing') ?? {};
    assert.deepEqual([told.status, told.reason], ['False', 'NoRegisteredClusters']);
  });

  test('one cluster gets a leaf with everything, and the root stays a root', async () => {
    await register(client, 'us-east1');
    await awaitLeaves(client, 'web', { 'us-east1': 15 });
    const root = await client.get(DEPLOYMENTS, at('web'));
    assert.deepEqual(root.metadata.labels, { tier: 'a' });
    const leaf = await client.get(DEPLOYMENTS, at('web--us-east1'));
    assert.deepEqual(leaf.metadata.labels, { tier: 'a', 'kcp.dev/cluster': 'us-east1', 'kcp.dev/owned-by': 'web' });
    assert.deepEqual(leaf.metadata.annotations, { note: 'x' });
    assert.equal(leaf.metadata.ownerReferences?.[0]?.uid, root.metadata.uid);
    assert.deepEqual({ ...readObject(leaf, 'spec') }, { ...readObject(root, 'spec') });
  });

  test('15 over 2 is 8 + 7', async () => {
    await register(client, 'us-west1');
    await awaitLeaves(client, 'web', { 'us-east1': 8, 'us-west1': 7 });
  });

  test('the status is the sum, and conditions are True when they are of all', async () => {
    const done = [
      condition('Available', 'True', 'MinimumReplicasAvailable'),
      condition('Progressing', 'True', 'NewReplicaSetAvailable'),
    ];
    const east = { replicas: 8, updatedReplicas: 8, readyReplicas: 8, availableReplicas: 8, conditions: done };
    await tellStatus(client, 'web--us-east1', east);
    const short = [condition('Available', 'False', 'MinimumReplicasUnavailable', 'too few')];
    await tellStatus(client, 'web--us-west1', {
      replicas: 7,
      updatedReplicas: 7,
      readyReplicas: 3,
      availableReplicas: 3,
      unavailableReplicas: 4,
      conditions: short,
    });
    const { object } = await awaitObject(
      client,
      DEPLOYMENTS,
      at('web'),
      (found) => statusOf(found).readyReplicas === 11,
    );
    const { conditions: _, ...counts } = statusOf(object);
    assert.deepEqual(counts, {
      replicas: 15,
      updatedReplicas: 15,
      readyReplicas: 11,
      availableReplicas: 11,
      unavailableReplicas: 4,
      observedGeneration: object?.metadata.generation,
    });
    const available = conditionOf(object, 'Available') ?? {};
    assert.deepEqual(
      [available.status, available.reason, available.message],
      ['False', 'MinimumReplicasUnavailable', 'us-west1: too few'],
    );
    assert.equal(conditionOf(object, 'Progressing'), undefined);
    await tellStatus(client, 'web--us-west1', {
      replicas: 7,
      updatedReplicas: 7,
      readyReplicas: 7,
      availableReplicas: 7,
      conditions: done,
    });
    const all = await awaitObject(client, DEPLOYMENTS, at('web'), (found) => statusOf(found).readyReplicas === 15);
    assert.equal(conditionOf(all.object, 'Available')?.status, 'True');
    assert.equal(conditionOf(all.object, 'Progressing')?.reason, 'NewReplicaSetAvailable');
  });

  test('rescaling reaches the leaves, with the fewest moves', async () => {
    await client.patch(DEPLOYMENTS, at('web'), { type: 'merge', value: { spec: { replicas: 18 } } });
    await awaitLeaves(client, 'web', { 'us-east1': 9, 'us-west1': 9 });
    await client.patch(DEPLOYMENTS, at('web'), { type: 'merge', value: { spec: { replicas: 15 } } });
    await awaitLeaves(client, 'web', { 'us-east1': 8, 'us-west1': 7 });
  });

  test('a generation counts as observed only when every cluster has seen it', async () => {
    const { object } = await awaitObject(client, DEPLOYMENTS, at('web'), (found) => statusOf(found).replicas === 15);
    assert.ok(Number(statusOf(object).observedGeneration) < (object?.metadata.generation ?? 0));
  });

  test('a change of the template reaches the leaves', async () => {
    const value = { metadata: { labels: { tier: null, kind: 'b' } }, spec: { paused: true } };
    await client.patch(DEPLOYMENTS, at('web'), { type: 'merge', value });
    const { object } = await awaitObject(
      client,
      DEPLOYMENTS,
      at('web--us-west1'),
      (found) => readObject(found ?? {}, 'spec')?.paused === true && found?.metadata.labels?.tier === undefined,
    );
    assert.equal(object?.metadata.labels?.kind, 'b');
    assert.equal(replicasOf(object), 7);
  });

  test('a leaf that was changed or deleted is as it was before', async () => {
    await client.patch(DEPLOYMENTS, at('web--us-east1'), { type: 'merge', value: { spec: { replicas: 1 } } });
    await awaitLeaves(client, 'web', { 'us-east1': 8, 'us-west1': 7 });
    await client.delete(DEPLOYMENTS, at('web--us-east1'));
    await awaitLeaves(client, 'web', { 'us-east1': 8, 'us-west1': 7 });
  });

  test('the share of a cluster that is not Ready moves to the other, and back', async () => {
    const counts = { replicas: 7, readyReplicas: 7 };
    await tellStatus(client, 'web--us-west1', counts);
    await setReady(client, 'us-west1', 'False');
    await awaitLeaves(client, 'web', { 'us-east1': 15, 'us-west1': 0 });
    await awaitObject(client, DEPLOYMENTS, at('web'), (found) => statusOf(found).readyReplicas === undefined);
    await setReady(client, 'us-west1', 'True');
    await awaitLeaves(client, 'web', { 'us-east1': 8, 'us-west1': 7 });
  });

  test('when none is Ready everything stays where it is', async () => {
    await Promise.all(['us-east1', 'us-west1'].map((name) => setReady(client, name, 'False')));
    await awaitObject(
      client,
      DEPLOYMENTS,
      at('web'),
      (found) => conditionOf(found, 'Progressing')?.reason === 'NoReadyClusters',
    );
    const { items } = await client.list(DEPLOYMENTS, { labelSelector: 'kcp.dev/owned-by=web' });
    assert.equal(
      items.reduce((sum, leaf) => sum + (replicasOf(leaf) ?? 0), 0),
      15,
    );
    await Promise.all(['us-east1', 'us-west1'].map((name) => setReady(client, name, 'True')));
  });

  test('a cluster that joins gets its share; the leaf of one that leaves goes', async () => {
    await register(client, 'eu-1');
    await awaitLeaves(client, 'web', { 'eu-1': 5, 'us-east1': 5, 'us-west1': 5 });
    await client.delete(CLUSTERS, { name: 'us-west1' });
    await awaitLeaves(client, 'web', { 'eu-1': 8, 'us-east1': 7 });
  });

  test('weights and bounds by annotation; what does not fit is told', async () => {
    const annotate = (annotations: Record<string, string | null>) =>
      client.patch(DEPLOYMENTS, at('web'), { type: 'merge', value: { metadata: { annotations } } });
    await annotate({ 'kcp.dev/weight.us-east1': '4' });
    await awaitLeaves(client, 'web', { 'eu-1': 3, 'us-east1': 12 });
    await annotate({ 'kcp.dev/max-replicas.us-east1': '6' });
    await awaitLeaves(client, 'web', { 'eu-1': 9, 'us-east1': 6 });
    await annotate({ 'kcp.dev/max-replicas.eu-1': '7' });
    await awaitLeaves(client, 'web', { 'eu-1': 7, 'us-east1': 6 });
    const { object } = await awaitObject(
      client,
      DEPLOYMENTS,
      at('web'),
      (found) => conditionOf(found, 'Progressing')?.reason === 'InsufficientCapacity',
    );
    assert.equal(conditionOf(object, 'Progressing')?.message, '2 replicas are more than the clusters may take');
    await annotate({
      'kcp.dev/weight.us-east1': 'much',
      'kcp.dev/max-replicas.us-east1': null,
      'kcp.dev/max-replicas.eu-1': null,
    });
    await awaitLeaves(client, 'web', { 'eu-1': 8, 'us-east1': 7 });
    const fieldSelector = 'involvedObject.name=web';
    const signal = AbortSignal.timeout(PATIENCE_MS);
    for await (const { object: event } of client.watch(EVENTS, { namespace: 'demo', fieldSelector, signal })) {
      assert.equal(event.reason, 'InvalidAnnotation');
      break;
    }
  });

  test('a Deployment that somebody placed himself is left alone', async () => {
    await client.create(DEPLOYMENTS, deployment('placed', 3, { labels: { 'kcp.dev/cluster': 'us-east1' } }));
    await client.create(DEPLOYMENTS, deployment('probe', 2));
    await awaitLeaves(client, 'probe', { 'eu-1': 1, 'us-east1': 1 });
    assert.deepEqual(statusOf(await client.get(DEPLOYMENTS, at('placed'))), {});
  });

  test('roots that are deleted take their leaves with them', async () => {
    await client.delete(DEPLOYMENTS, at('web'));
    for (const name of ['web', 'web--eu-1', 'web--us-east1']) await awaitObject(client, DEPLOYMENTS, at(name), isGone);
  });

  test('another logical cluster has clusters of its own', async () => {
    const other = kcp.cluster('team-b');
    await define(other, CLUSTER_DEFINITION);
    await defineDeployments(other);
    await other.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } });
    await register(other, 'us-east1');
    await other.create(DEPLOYMENTS, deployment('web', 4));
    await awaitLeaves(other, 'web', { 'us-east1': 4 });
    assert.equal((await client.list(DEPLOYMENTS, { labelSelector: 'kcp.dev/owned-by=web' })).items.length, 0);
  });

  test('where no physical clusters are known Deployments are not touched', async () => {
    const plain = kcp.cluster('team-c');
    await defineDeployments(plain);
    await plain.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } });
    await plain.create(DEPLOYMENTS, deployment('web', 4));
    await client.create(DEPLOYMENTS, deployment('later', 2));
    await awaitLeaves(client, 'later', { 'eu-1': 1, 'us-east1': 1 });
    assert.deepEqual(statusOf(await plain.get(DEPLOYMENTS, at('web'))), {});
  });
});

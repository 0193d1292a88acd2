import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject } from '@kcp/apimachinery/schema/read';
import { systemClock } from '@kcp/apiserver/clock';
import type { SyncedResource } from '@kcp/controllers/multicluster/syncer/synced-resource';
import { Syncer } from '@kcp/controllers/multicluster/syncer/syncer';
import { type Client, type Kcp, startKcp } from '../index.js';
import { awaitObject, isGone } from '../testing/await-object.js';
import { DEPLOYMENTS, defineDeployments, deployment } from '../testing/deployments.js';

const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };
const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const EVENTS = { group: '', version: 'v1', resource: 'events' };
const SYNCED: readonly SyncedResource[] = [
  { ...DEPLOYMENTS, kind: 'Deployment', namespaced: true, hasStatus: true },
  { ...CONFIG_MAPS, kind: 'ConfigMap', namespaced: true, hasStatus: false },
];
const LOG = { info: () => {}, warn: () => {}, debug: () => {} };
const AUTOSCALER = 'autoscaler';

const to = (location: string, more: Record<string, string> = {}) => ({ 'kcp.dev/cluster': location, ...more });
const at = (name: string, namespace = 'demo') => ({ namespace, name });
const replicasOf = (object: KubeObject | undefined) => readObject(object ?? {}, 'spec')?.replicas;
const isThere = (object: KubeObject | undefined) => object !== undefined;

function syncer(upstream: Client, downstream: Client, location: string): Syncer {
  const made = new Syncer({ upstream, downstream, location, clock: systemClock, random: Math.random, log: LOG });
  made.setResources(SYNCED);
  made.start();
  return made;
}

function configMap(name: string, labels: Record<string, string>, metadata: Partial<KubeObject['metadata']> = {}) {
  const whole = { name, namespace: 'demo', labels, ...metadata };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: whole, data: { k: 'v' } };
}

async function makeNamespace(client: Client, name: string): Promise<void> {
  await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}

describe('a syncer between a logical cluster and two physical ones', () => {
  let kcp: Kcp;
  let eastKcp: Kcp;
  let westKcp: Kcp;
  let up: Client;
  let east: Client;
  let west: Client;
  const syncers: Syncer[] = [];
  /** Pauses keep nothing alive, and everything here is in one process. */
  const alive = setInterval(() => {}, 1_000);

  before(async () => {
    [kcp, eastKcp, westKcp] = (await Promise.all(Array.from({ length: 3 }, () => startKcp({ storage: 'memory' })))) as [
      Kcp,
      Kcp,
      Kcp,
    ];
    [up, east, west] = [kcp.cluster('team-a'), eastKcp.cluster('root'), westKcp.cluster('root')];
    await Promise.all([up, east, west].map(defineDeployments));
    await makeNamespace(up, 'demo');
    syncers.push(syncer(up, east, 'us-east1'), syncer(up, west, 'us-west1'));
  });
  after(async () => {
    clearInterval(alive);
    await Promise.all(syncers.map((one) => one.stop()));
    await Promise.all([kcp, eastKcp, westKcp].map((one) => one.stop()));
  });

  test('what is labelled goes down with its labels, into a namespace that is made for it', async () => {
    const annotations = { note: 'x', 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
    await up.create(DEPLOYMENTS, deployment('web', 3, { labels: to('us-east1', { tier: 'a' }), annotations }));
    const { object } = await awaitObject(east, DEPLOYMENTS, at('web'), isThere);
    assert.equal(replicasOf(object), 3);
    assert.deepEqual(object?.metadata.labels, { 'kcp.dev/cluster': 'us-east1', tier: 'a' });
    assert.deepEqual(object?.metadata.annotations, { note: 'x', 'kcp.dev/synced-from': 'team-a' });
    const above = await up.get(DEPLOYMENTS, at('web'));
    assert.deepEqual(above.metadata.finalizers, ['kcp.dev/syncer-us-east1']);
  });

  test('what is not labelled, or labelled for another cluster, does not', async () => {
    await up.create(DEPLOYMENTS, deployment('root-one', 3));
    await up.create(DEPLOYMENTS, deployment('elsewhere', 3, { labels: to('us-west1') }));
    await awaitObject(west, DEPLOYMENTS, at('elsewhere'), isThere);
    const { items } = await east.list(DEPLOYMENTS);
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name),
      ['web'],
    );
  });

  test('a change of the spec follows', async () => {
    await up.patch(DEPLOYMENTS, at('web'), { type: 'merge', value: { spec: { replicas: 5 } } });
    await awaitObject(east, DEPLOYMENTS, at('web'), (found) => replicasOf(found) === 5);
  });

  test('the status comes up, and speaks of the generation above', async () => {
    const below = await east.get(DEPLOYMENTS, at('web'));
    const status = { replicas: 5, readyReplicas: 4, observedGeneration: below.metadata.generation ?? 0 };
    await east.update(DEPLOYMENTS, { ...below, status }, { subresource: 'status' });
    const { object } = await awaitObject(
      up,
      DEPLOYMENTS,
      at('web'),
      (found) => readObject(found ?? {}, 'status')?.readyReplicas === 4,
    );
    assert.deepEqual(object?.status, { ...status, observedGeneration: object?.metadata.generation });
  });

  test('when nothing changes nothing is written', async () => {
    const versions = async () => {
      const [above, below] = await Promise.all([up.get(DEPLOYMENTS, at('web')), east.get(DEPLOYMENTS, at('web'))]);
      return [above.metadata.resourceVersion, below.metadata.resourceVersion];
    };
    const first = await versions();
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.deepEqual(await versions(), first);
  });

  test('what was changed below is set right', async () => {
    await east.patch(DEPLOYMENTS, at('web'), { type: 'merge', value: { spec: { replicas: 9 } } });
    await awaitObject(east, DEPLOYMENTS, at('web'), (found) => replicasOf(found) === 5);
    assert.equal(replicasOf(await up.get(DEPLOYMENTS, at('web'))), 5);
  });

  test('what others add below stays theirs', async () => {
    await east.patch(DEPLOYMENTS, at('web'), { type: 'merge', value: { metadata: { annotations: { theirs: '1' } } } });
    await up.patch(DEPLOYMENTS, at('web'), { type: 'merge', value: { spec: { paused: true } } });
    const { object } = await awaitObject(
      east,
      DEPLOYMENTS,
      at('web'),
      (found) => readObject(found ?? {}, 'spec')?.paused === true,
    );
    assert.equal(object?.metadata.annotations?.theirs, '1');
  });

  test('a field that is removed above goes below', async () => {
    await up.patch(DEPLOYMENTS, at('web'), { type: 'merge', value: { spec: { paused: null } } });
    await awaitObject(
      east,
      DEPLOYMENTS,
      at('web'),
      (found) => isThere(found) && readObject(found ?? {}, 'spec')?.paused === undefined,
    );
  });

  test('what was deleted below is made anew', async () => {
    const { metadata } = await east.get(DEPLOYMENTS, at('web'));
    await east.delete(DEPLOYMENTS, at('web'));
    await awaitObject(
      east,
      DEPLOYMENTS,
      at('web'),
      (found) => found !== undefined && found.metadata.uid !== metadata.uid,
    );
  });

  test('a delete reaches the physical cluster, and only then the object goes', async () => {
    await up.create(CONFIG_MAPS, configMap('slow', to('us-east1')));
    await awaitObject(east, CONFIG_MAPS, at('slow'), isThere);
    const finalizers = ['example.com/hold'];
    await east.patch(CONFIG_MAPS, at('slow'), { type: 'merge', value: { metadata: { finalizers } } });
    await up.delete(CONFIG_MAPS, at('slow'));
    await awaitObject(east, CONFIG_MAPS, at('slow'), (found) => found?.metadata.deletionTimestamp !== undefined);
    assert.notEqual((await up.get(CONFIG_MAPS, at('slow'))).metadata.deletionTimestamp, undefined);
    await east.patch(CONFIG_MAPS, at('slow'), { type: 'merge', value: { metadata: { finalizers: null } } });
    await awaitObject(east, CONFIG_MAPS, at('slow'), isGone);
    await awaitObject(up, CONFIG_MAPS, at('slow'), isGone);
  });

  test('an object whose label moves is taken over there and removed here', async () => {
    await up.patch(DEPLOYMENTS, at('web'), { type: 'merge', value: { metadata: { labels: to('us-west1') } } });
    await awaitObject(west, DEPLOYMENTS, at('web'), isThere);
    await awaitObject(east, DEPLOYMENTS, at('web'), isGone);
    await awaitObject(
      up,
      DEPLOYMENTS,
      at('web'),
      (found) => found?.metadata.finalizers?.join() === 'kcp.dev/syncer-us-west1',
    );
  });

  test('an object whose label is taken off is removed below and stays above, free', async () => {
    const value = { metadata: { labels: { 'kcp.dev/cluster': null } } };
    await up.patch(DEPLOYMENTS, at('web'), { type: 'merge', value });
    await awaitObject(west, DEPLOYMENTS, at('web'), isGone);
    await awaitObject(up, DEPLOYMENTS, at('web'), (found) => isThere(found) && !found?.metadata.finalizers);
  });

  test('a namespace that was made goes when it is empty; one that was there stays', async () => {
    await awaitObject(east, NAMESPACES, { name: 'demo' }, isGone);
    await makeNamespace(up, 'kept');
    await makeNamespace(east, 'kept');
    await up.create(CONFIG_MAPS, configMap('guest', to('us-east1'), { namespace: 'kept' }));
    await awaitObject(east, CONFIG_MAPS, at('guest', 'kept'), isThere);
    await up.delete(CONFIG_MAPS, at('guest', 'kept'));
    await awaitObject(east, CONFIG_MAPS, at('guest', 'kept'), isGone);
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    assert.equal((await east.get(NAMESPACES, { name: 'kept' })).metadata.deletionTimestamp, undefined);
  });

  test('owners are named by their uid below, whichever comes first', async () => {
    const owner = await up.create(DEPLOYMENTS, deployment('owner', 1));
    const reference = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'owner', uid: owner.metadata.uid ?? '' };
    const outside = await up.create(CONFIG_MAPS, configMap('outside', {}));
    const other = { apiVersion: 'v1', kind: 'ConfigMap', name: 'outside', uid: outside.metadata.uid ?? '' };
    await up.create(CONFIG_MAPS, configMap('owned', to('us-east1'), { ownerReferences: [other, reference] }));
    const first = await awaitObject(east, CONFIG_MAPS, at('owned'), isThere);
    assert.equal(first.object?.metadata.ownerReferences, undefined);
    await up.patch(DEPLOYMENTS, at('owner'), { type: 'merge', value: { metadata: { labels: to('us-east1') } } });
    const below = await awaitObject(east, DEPLOYMENTS, at('owner'), isThere);
    const { object } = await awaitObject(east, CONFIG_MAPS, at('owned'), (found) =>
      isThere(found?.metadata.ownerReferences ? found : undefined),
    );
    assert.deepEqual(object?.metadata.ownerReferences, [{ ...reference, uid: below.object?.metadata.uid }]);
  });

  test('what is there already by that name and is not ours is left alone, and an Event says so', async () => {
    await east.create(CONFIG_MAPS, { ...configMap('taken', {}), data: { theirs: 'yes' } });
    await up.create(CONFIG_MAPS, configMap('taken', to('us-east1')));
    const event = await eventOf(up, 'taken');
    assert.equal(event.reason, 'NameTaken');
    assert.deepEqual((await east.get(CONFIG_MAPS, at('taken'))).data, { theirs: 'yes' });
    await up.delete(CONFIG_MAPS, at('taken'));
    await awaitObject(up, CONFIG_MAPS, at('taken'), isGone);
    assert.deepEqual((await east.get(CONFIG_MAPS, at('taken'))).data, { theirs: 'yes' });
  });

  test('two tenants may have a us-east1, even if it is the same cluster; neither touches what is the other one', async () => {
    const other = kcp.cluster('team-b');
    await Promise.all([defineDeployments(other), makeNamespace(other, 'demo')]);
    await other.create(CONFIG_MAPS, configMap('of-b', to('us-east1')));
    await up.create(CONFIG_MAPS, configMap('of-a', to('us-east1')));
    await up.create(CONFIG_MAPS, configMap('of-both', to('us-east1')));
    await awaitObject(east, CONFIG_MAPS, at('of-both'), isThere);
    syncers.push(syncer(other, east, 'us-east1'));
    await awaitObject(east, CONFIG_MAPS, at('of-b'), isThere);
    await other.create(CONFIG_MAPS, configMap('of-both', to('us-east1')));
    assert.equal((await eventOf(other, 'of-both')).reason, 'NameTaken');
    const marks = await Promise.all(['of-a', 'of-b', 'of-both'].map((name) => east.get(CONFIG_MAPS, at(name))));
    const from = marks.map(({ metadata }) => metadata.annotations?.['kcp.dev/synced-from']);
    assert.deepEqual(from, ['team-a', 'team-b', 'team-a']);
    await other.delete(CONFIG_MAPS, at('of-both'));
    await awaitObject(other, CONFIG_MAPS, at('of-both'), isGone);
    assert.ok(await east.get(CONFIG_MAPS, at('of-both')));
  });

  test('what the physical cluster refuses shows as an Event on the object, with its words', async () => {
    const labels = to('us-east1');
    await up.create(CONFIG_MAPS, configMap('locked', labels));
    await awaitObject(east, CONFIG_MAPS, at('locked'), isThere);
    await east.patch(CONFIG_MAPS, at('locked'), { type: 'merge', value: { immutable: true } });
    await up.patch(CONFIG_MAPS, at('locked'), { type: 'merge', value: { data: { k: 'other' } } });
    const event = await eventOf(up, 'locked');
    assert.equal(event.reason, 'SyncFailed');
    assert.match(String(event.message), /^cannot be synced to us-east1: .*field is immutable when `immutable` is set/);
  });

  test('a field that is left to the physical cluster comes up when it is changed there', async () => {
    const annotations = { 'kcp.dev/sync-up': 'spec.replicas' };
    await up.create(DEPLOYMENTS, deployment('scaled', 2, { labels: to('us-east1'), annotations }));
    await awaitObject(east, DEPLOYMENTS, at('scaled'), (found) => replicasOf(found) === 2);
    const byAutoscaler = { fieldManager: AUTOSCALER };
    await east.patch(DEPLOYMENTS, at('scaled'), { type: 'merge', value: { spec: { replicas: 7 } } }, byAutoscaler);
    await awaitObject(up, DEPLOYMENTS, at('scaled'), (found) => replicasOf(found) === 7);
    await up.patch(DEPLOYMENTS, at('scaled'), { type: 'merge', value: { metadata: { labels: { more: 'x' } } } });
    await awaitObject(east, DEPLOYMENTS, at('scaled'), (found) => found?.metadata.labels?.more === 'x');
    assert.equal(replicasOf(await east.get(DEPLOYMENTS, at('scaled'))), 7);
    await up.patch(DEPLOYMENTS, at('scaled'), { type: 'merge', value: { spec: { replicas: 4 } } });
    await awaitObject(east, DEPLOYMENTS, at('scaled'), (found) => replicasOf(found) === 4);
    await east.patch(DEPLOYMENTS, at('scaled'), { type: 'merge', value: { spec: { replicas: 6 } } }, byAutoscaler);
    await awaitObject(up, DEPLOYMENTS, at('scaled'), (found) => replicasOf(found) === 6);
  });
});

async function eventOf(client: Client, name: string): Promise<KubeObject> {
  const signal = AbortSignal.timeout(5_000);
  const fieldSelector = `involvedObject.name=${name}`;
  for await (const { object } of client.watch(EVENTS, { namespace: 'demo', fieldSelector, signal })) return object;
  throw new Error(`no event on ${name}`);
}

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { KubeObject, OwnerReference } from '@kcp/apimachinery/meta/object';
import { readString } from '@kcp/apimachinery/schema/read';
import { type Client, type Kcp, startKcp } from '../index.js';
import { awaitObject, isGone } from '../testing/await-object.js';

const core = (resource: string) => ({ group: '', version: 'v1', resource });
const CONFIG_MAPS = core('configmaps');
const NAMESPACES = core('namespaces');
const EVENTS = core('events');
const CLUSTER_ROLES = { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterroles' };
const DEFINITIONS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };
const WIDGETS = { group: 'example.com', version: 'v1', resource: 'widgets' };
const NOBODY = '22222222-2222-4222-8222-222222222222';
const HOLD = ['example.com/hold'];
const LET_GO = { type: 'merge', value: { metadata: { finalizers: null } } } as const;

type Metadata = Partial<KubeObject['metadata']>;

function makeConfigMap(client: Client, name: string, metadata: Metadata = {}): Promise<KubeObject> {
  const whole = { name, namespace: 'default', ...metadata };
  return client.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: whole });
}

function owned({ apiVersion, kind, metadata }: KubeObject, more: Partial<OwnerReference> = {}): OwnerReference {
  return { apiVersion, kind, name: metadata.name ?? '', uid: metadata.uid ?? '', ...more };
}

const at = (name: string) => ({ namespace: 'default', name });
const goes = (client: Client, name: string) => awaitObject(client, CONFIG_MAPS, at(name), isGone);
const isLeaving = (object: KubeObject | undefined) => object?.metadata.deletionTimestamp !== undefined;

/** What was written before is known to the collector by then. */
async function settled(client: Client): Promise<void> {
  const { metadata } = await makeConfigMap(client, `probe-${process.hrtime.bigint()}`, {
    ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'nobody', uid: NOBODY }],
  });
  await goes(client, metadata.name ?? '');
}

describe('objects whose owner is deleted', () => {
  let kcp: Kcp;
  let client: Client;
  before(async () => {
    kcp = await startKcp({ storage: 'memory' });
    client = kcp.cluster('team-a');
  });
  after(() => kcp.stop());

  test('go after him, and after them what they own', async () => {
    const owner = await makeConfigMap(client, 'back');
    const middle = await makeConfigMap(client, 'middle', { ownerReferences: [owned(owner)] });
    await makeConfigMap(client, 'far', { ownerReferences: [owned(middle)] });
    await client.delete(CONFIG_MAPS, at('back'));
    await goes(client, 'middle');
    await goes(client, 'far');
  });

  test('stay as orphans when that was asked for', async () => {
    const owner = await makeConfigMap(client, 'parent');
    await makeConfigMap(client, 'child', { ownerReferences: [owned(owner)] });
    await settled(client);
    await client.delete(CONFIG_MAPS, at('parent'), { propagationPolicy: 'Orphan' });
    await goes(client, 'parent');
    const child = await client.get(CONFIG_MAPS, at('child'));
    assert.equal(child.metadata.ownerReferences, undefined);
  });

  test('go before him in the foreground; those that block hold him up', async () => {
    const owner = await makeConfigMap(client, 'front');
    const metadata = (blockOwnerDeletion: boolean) => ({
      ownerReferences: [owned(owner, { blockOwnerDeletion })],
      finalizers: HOLD,
    });
    await makeConfigMap(client, 'blocking', metadata(true));
    await makeConfigMap(client, 'free', metadata(false));
    await settled(client);
    await client.delete(CONFIG_MAPS, at('front'), { propagationPolicy: 'Foreground' });
    await awaitObject(client, CONFIG_MAPS, at('blocking'), isLeaving);
    await awaitObject(client, CONFIG_MAPS, at('free'), isLeaving);
    const waiting = await client.get(CONFIG_MAPS, at('front'));
    assert.deepEqual(waiting.metadata.finalizers, ['foregroundDeletion']);
    await client.patch(CONFIG_MAPS, at('blocking'), LET_GO);
    await goes(client, 'front');
    await client.patch(CONFIG_MAPS, at('free'), LET_GO);
    await goes(client, 'free');
  });

  test('stay with their other owner and lose the name of the first', async () => {
    const [first, second] = [await makeConfigMap(client, 'first'), await makeConfigMap(client, 'second')];
    await makeConfigMap(client, 'shared', { ownerReferences: [owned(first), owned(second)] });
    await client.delete(CONFIG_MAPS, at('first'));
    const left = (object: KubeObject | undefined) => object?.metadata.ownerReferences?.map(({ name }) => name).join();
    await awaitObject(client, CONFIG_MAPS, at('shared'), (object) => left(object) === 'second');
    await client.delete(CONFIG_MAPS, at('second'));
    await goes(client, 'shared');
  });

  test('go although they own each other in a circle', async () => {
    const one = await makeConfigMap(client, 'one');
    const other = await makeConfigMap(client, 'other', { ownerReferences: [owned(one, { blockOwnerDeletion: true })] });
    const ownerReferences = [owned(other, { blockOwnerDeletion: true })];
    await client.patch(CONFIG_MAPS, at('one'), { type: 'merge', value: { metadata: { ownerReferences } } });
    await settled(client);
    await client.delete(CONFIG_MAPS, at('one'), { propagationPolicy: 'Foreground' });
    await goes(client, 'one');
    await goes(client, 'other');
  });

  test('go at once when there never was such an owner, or he is elsewhere', async () => {
    const owner = await makeConfigMap(client, 'here');
    await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'there' } });
    await makeConfigMap(client, 'misled', { ownerReferences: [owned(owner, { uid: NOBODY })] });
    await makeConfigMap(client, 'stray', { namespace: 'there', ownerReferences: [owned(owner)] });
    await goes(client, 'misled');
    await awaitObject(client, CONFIG_MAPS, { namespace: 'there', name: 'stray' }, isGone);
  });

  test('stay when they are of cluster scope and he is not; an event says why', async () => {
    const owner = await makeConfigMap(client, 'narrow');
    const metadata = { name: 'wide', ownerReferences: [owned(owner)] };
    await client.create(CLUSTER_ROLES, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata,
      rules: [],
    });
    await settled(client);
    const isAboutIt = (event: KubeObject) => readString(event, 'reason') === 'OwnerRefInvalidNamespace';
    const told: KubeObject[] = [];
    for await (const { object } of client.watchOnce(EVENTS, { namespace: 'default' })) {
      told.push(object);
      if (isAboutIt(object)) break;
    }
    const uid = owner.metadata.uid ?? '';
    assert.equal(
      readString(told.find(isAboutIt) ?? {}, 'message'),
      `ownerRef [v1/ConfigMap, namespace: , name: narrow, uid: ${uid}] does not exist in namespace ""`,
    );
    assert.equal(isLeaving(await client.get(CLUSTER_ROLES, { name: 'wide' })), false);
  });

  test('CVE-2025-5187: are never looked for in another logical cluster', async () => {
    const other = kcp.cluster('team-b');
    const owner = await makeConfigMap(client, 'twin');
    const elsewhere = await makeConfigMap(other, 'twin');
    await makeConfigMap(other, 'theirs', { ownerReferences: [owned(elsewhere)] });
    await makeConfigMap(other, 'abroad', { ownerReferences: [owned(owner)] });
    await goes(other, 'abroad');
    await client.delete(CONFIG_MAPS, at('twin'));
    await settled(client);
    await settled(other);
    assert.equal(isLeaving(await other.get(CONFIG_MAPS, at('theirs'))), false);
  });
});

describe('objects of custom types', () => {
  let kcp: Kcp;
  before(async () => {
    kcp = await startKcp({ storage: 'memory' });
  });
  after(() => kcp.stop());

  async function define(client: Client): Promise<void> {
    const names = { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' };
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    await client.create(DEFINITIONS, {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        names,
        scope: 'Namespaced',
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    });
    const isServed = (found: KubeObject | undefined) => JSON.stringify(found).includes('"InitialNamesAccepted"');
    await awaitObject(client, DEFINITIONS, { name: 'widgets.example.com' }, isServed);
  }

  const widget = (name: string, ownerReferences: OwnerReference[] = []) => ({
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name, namespace: 'default', ownerReferences },
  });

  test('own and are owned from the moment that the type is served', async () => {
    const client = kcp.cluster('team-a');
    await define(client);
    const owner = await client.create(WIDGETS, widget('owner'));
    await client.create(WIDGETS, widget('owned', [owned(owner)]));
    await makeConfigMap(client, 'owned', { ownerReferences: [owned(owner)] });
    await client.delete(WIDGETS, at('owner'));
    await goes(client, 'owned');
    await awaitObject(client, WIDGETS, at('owned'), isGone);
  });

  test('take what they own with them when the type goes', async () => {
    const client = kcp.cluster('team-b');
    await define(client);
    const owner = await client.create(WIDGETS, widget('owner'));
    await makeConfigMap(client, 'owned', { ownerReferences: [owned(owner)] });
    await client.delete(DEFINITIONS, { name: 'widgets.example.com' });
    await goes(client, 'owned');
  });

  test('that are not served (yet) own nobody: their dependents wait for the type', async () => {
    const client = kcp.cluster('team-c');
    const ghost = { apiVersion: 'example.com/v1', kind: 'Widget', name: 'ghost', uid: NOBODY };
    await makeConfigMap(client, 'waiting', { ownerReferences: [ghost] });
    await settled(client);
    assert.equal(isLeaving(await client.get(CONFIG_MAPS, at('waiting'))), false);
    await define(client);
    await goes(client, 'waiting');
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { type Client, type Kcp, startKcp } from '../index.js';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const OWNER = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'nobody', uid: '22222222-2222-4222-8222-222222222222' }];

describe('a watch of ownership only', () => {
  let kcp: Kcp;
  let client: Client;
  before(async () => {
    kcp = await startKcp({ storage: 'memory' });
    client = kcp.cluster('team-a');
  });
  after(() => kcp.stop());

  const make = (name: string, metadata: Partial<KubeObject['metadata']> = {}) =>
    client.create(CONFIG_MAPS, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'default', ...metadata },
    });

  const merge = (name: string, metadata: KubeObject['metadata']) =>
    client.patch(CONFIG_MAPS, { namespace: 'default', name }, { type: 'merge', value: { metadata: { ...metadata } } });

  /** What a watch from here on hears of, until `last` is deleted. */
  async function heard(act: () => Promise<void>): Promise<string[]> {
    const { resourceVersion } = await client.list(CONFIG_MAPS, { namespace: 'default' });
    await act();
    await make('last');
    await client.delete(CONFIG_MAPS, { namespace: 'default', name: 'last' });
    const told: string[] = [];
    for await (const { type, object } of client.watchOnce(CONFIG_MAPS, { resourceVersion, ownershipOnly: true })) {
      if (object.metadata.name === 'last') break;
      told.push(`${type} ${object.metadata.name}`);
    }
    return told;
  }

  test('leaves out what nobody owns, as long as it stays', async () => {
    const told = await heard(async () => {
      await make('alone');
      await merge('alone', { labels: { a: 'b' } });
      await client.delete(CONFIG_MAPS, { namespace: 'default', name: 'alone' });
    });
    assert.deepEqual(told, ['DELETED alone']);
  });

  test('hears of owners that come and go', async () => {
    const told = await heard(async () => {
      await make('owned', { ownerReferences: OWNER });
      await merge('owned', { labels: { a: 'b' } });
      await merge('owned', { ownerReferences: [] });
      await merge('owned', { labels: { a: 'c' } });
    });
    assert.deepEqual(told, ['ADDED owned', 'MODIFIED owned', 'MODIFIED owned']);
  });

  test('hears of deletions that wait for a finalizer', async () => {
    const told = await heard(async () => {
      await make('held', { finalizers: ['example.com/hold'] });
      await client.delete(CONFIG_MAPS, { namespace: 'default', name: 'held' });
    });
    assert.deepEqual(told, ['MODIFIED held']);
  });

  test('begins with what concerns ownership', async () => {
    await make('bystander');
    await make('dependent', { ownerReferences: OWNER });
    const names: (string | undefined)[] = [];
    const options = { namespace: 'default', sendInitialEvents: true, bookmarks: true, ownershipOnly: true };
    for await (const { type, object } of client.watchOnce(CONFIG_MAPS, options)) {
      if (type === 'BOOKMARK') break;
      names.push(object.metadata.name);
    }
    assert.deepEqual(names, ['dependent', 'held']);
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hasReason } from '@kcp/apimachinery/errors/status-error';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readObjects } from '@kcp/apimachinery/schema/read';
import { type Client, type Kcp, startKcp } from '../index.js';
import { awaitObject, isGone } from '../testing/await-object.js';
import { recordedBody } from '../testing/recorded.js';

const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };
const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const SECRETS = { group: '', version: 'v1', resource: 'secrets' };
const LEASES = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases' };

function conditionsOf(namespace: KubeObject | undefined) {
  return readObjects(readObject(namespace ?? {}, 'status') ?? {}, 'conditions');
}

async function createNamespace(client: Client, name: string, finalizers?: string[]): Promise<void> {
  const spec = finalizers === undefined ? {} : { spec: { finalizers } };
  await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, ...spec });
}

async function createConfigMap(client: Client, namespace: string, finalizers: string[] = []): Promise<void> {
  const metadata = { name: 'held', namespace, finalizers };
  await client.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
}

describe('a namespace that is deleted', () => {
  let kcp: Kcp;
  let client: Client;
  before(async () => {
    kcp = await startKcp({ storage: 'memory' });
    client = kcp.cluster('team-a');
  });
  after(() => kcp.stop());

  test('is gone at once when it is empty', async () => {
    await createNamespace(client, 'empty');
    await client.delete(NAMESPACES, { name: 'empty' });
    const { ms } = await awaitObject(client, NAMESPACES, { name: 'empty' }, isGone);
    assert.ok(ms <= 5_000, `${ms} ms`);
  });

  test('takes its content with it, of every type, and nobody else’s', async () => {
    const other = kcp.cluster('team-b');
    for (const tenant of [client, other]) {
      await createNamespace(tenant, 'full');
      await createConfigMap(tenant, 'full');
      const metadata = { name: 's', namespace: 'full' };
      await tenant.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata });
      await tenant.create(LEASES, { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata });
    }
    await client.delete(NAMESPACES, { name: 'full' });
    await awaitObject(client, NAMESPACES, { name: 'full' }, isGone);
    for (const resource of [CONFIG_MAPS, SECRETS, LEASES]) {
      assert.deepEqual((await client.list(resource, { namespace: 'full' })).items, []);
      assert.equal((await other.list(resource, { namespace: 'full' })).items.length, 1);
    }
  });

  test('says what holds it up, in the words of a real server, and goes when that goes', async () => {
    const recorded = recordedBody('08-namespaces', 'why it is stuck');
    await createNamespace(client, 'stuck');
    await createConfigMap(client, 'stuck', ['example.com/hold']);
    await client.delete(NAMESPACES, { name: 'stuck' });
    const { object } = await awaitObject(
      client,
      NAMESPACES,
      { name: 'stuck' },
      (found) => conditionsOf(found).length > 0,
    );
    for (const [at, condition] of conditionsOf(object).entries()) {
      for (const member of ['type', 'status', 'reason', 'message']) {
        const expected = recorded[`status.conditions[${at}].${member}`];
        if (expected !== undefined) assert.equal(condition[member], expected);
      }
    }
    assert.equal(conditionsOf(object).length, 5);
    const letGo = { type: 'merge', value: { metadata: { finalizers: null } } } as const;
    await client.patch(CONFIG_MAPS, { namespace: 'stuck', name: 'held' }, letGo);
    const { ms } = await awaitObject(client, NAMESPACES, { name: 'stuck' }, isGone);
    assert.ok(ms <= 5_000, `${ms} ms`);
  });

  test('keeps the finalizers that others have put on it', async () => {
    await createNamespace(client, 'final', ['example.com/mine']);
    await client.delete(NAMESPACES, { name: 'final' });
    const finalizers = (found: KubeObject | undefined) => readObject(found ?? {}, 'spec')?.finalizers;
    const { object } = await awaitObject(client, NAMESPACES, { name: 'final' }, (found) => {
      const left = finalizers(found);
      return Array.isArray(left) && !left.includes('kubernetes');
    });
    assert.deepEqual(finalizers(object), ['example.com/mine']);
    const finalized = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'final' }, spec: { finalizers: [] } };
    await client.update(NAMESPACES, finalized, { subresource: 'finalize' });
    await awaitObject(client, NAMESPACES, { name: 'final' }, isGone);
  });

  test('takes in nothing new, and its name is free when it is gone', async () => {
    await createNamespace(client, 'again');
    await createConfigMap(client, 'again', ['example.com/hold']);
    await client.delete(NAMESPACES, { name: 'again' });
    const late = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late', namespace: 'again' } };
    await assert.rejects(client.create(CONFIG_MAPS, late), (error) => hasReason(error, 'Forbidden'));
    const letGo = { type: 'merge', value: { metadata: { finalizers: null } } } as const;
    await client.patch(CONFIG_MAPS, { namespace: 'again', name: 'held' }, letGo);
    await awaitObject(client, NAMESPACES, { name: 'again' }, isGone);
    await createNamespace(client, 'again');
    assert.deepEqual((await client.list(CONFIG_MAPS, { namespace: 'again' })).items, []);
  });

  test('many at once are all gone', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `many-${i}`);
    for (const name of names) {
      await createNamespace(client, name);
      await createConfigMap(client, name);
    }
    await Promise.all(names.map((name) => client.delete(NAMESPACES, { name })));
    await Promise.all(names.map((name) => awaitObject(client, NAMESPACES, { name }, isGone)));
  });
});

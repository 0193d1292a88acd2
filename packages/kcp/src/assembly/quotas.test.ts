import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { StatusError } from '@kcp/apimachinery/errors/status-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { type Client, type Kcp, startKcp } from '../index.js';
import { awaitObject } from '../testing/await-object.js';

const core = (resource: string) => ({ group: '', version: 'v1', resource });
const [CONFIG_MAPS, QUOTAS, SECRETS, NAMESPACES] = [
  core('configmaps'),
  core('resourcequotas'),
  core('secrets'),
  core('namespaces'),
];

const usedOf = (quota: KubeObject | undefined) => readObject(readObject(quota ?? {}, 'status') ?? {}, 'used') ?? {};

function configMap(name: string, namespace: string): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } };
}

async function makeQuota(client: Client, namespace: string, hard: JsonObject, more: JsonObject = {}): Promise<void> {
  await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const metadata = { name: 'q', namespace };
  await client.create(QUOTAS, { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard, ...more } });
  const counted = (quota: KubeObject | undefined) => Object.keys(usedOf(quota)).length === Object.keys(hard).length;
  await awaitObject(client, QUOTAS, { namespace, name: 'q' }, counted);
}

const untilUsed = (client: Client, namespace: string, name: string, amount: string) =>
  awaitObject(client, QUOTAS, { namespace, name: 'q' }, (quota) => readString(usedOf(quota), name) === amount);

describe('a quota', () => {
  let kcp: Kcp;
  let client: Client;
  // Timers of a server do not keep a process alive.
  const awake = setInterval(() => {}, 1_000);
  before(async () => {
    kcp = await startKcp({ storage: 'memory' });
    client = kcp.cluster('team-a');
  });
  after(async () => {
    clearInterval(awake);
    await kcp.stop();
  });

  test('refuses the eleventh ConfigMap, in the words of Kubernetes, and has room again when one goes', async () => {
    await makeQuota(client, 'ten', { configmaps: '10' });
    for (let at = 1; at <= 10; at++) await client.create(CONFIG_MAPS, configMap(`c-${at}`, 'ten'));
    await assert.rejects(client.create(CONFIG_MAPS, configMap('c-11', 'ten')), (error) => {
      assert.ok(error instanceof StatusError);
      assert.equal(error.code, 403);
      assert.equal(
        error.message,
        'configmaps "c-11" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=10, limited: configmaps=10',
      );
      return true;
    });
    await client.delete(CONFIG_MAPS, { namespace: 'ten', name: 'c-1' });
    await untilUsed(client, 'ten', 'configmaps', '9');
    await client.create(CONFIG_MAPS, configMap('c-11', 'ten'));
  });

  test('holds however many come at once', async () => {
    await makeQuota(client, 'crowd', { 'count/configmaps': '25', configmaps: '30' });
    const names = Array.from({ length: 100 }, (_, at) => `c-${at}`);
    const made = await Promise.allSettled(names.map((name) => client.create(CONFIG_MAPS, configMap(name, 'crowd'))));
    assert.equal(made.filter(({ status }) => status === 'fulfilled').length, 25);
    assert.equal((await client.list(CONFIG_MAPS, { namespace: 'crowd' })).items.length, 25);
    await untilUsed(client, 'crowd', 'count/configmaps', '25');
  });

  test('counts what is there already, and what is refused later costs nothing for long', async () => {
    await makeQuota(client, 'before', { secrets: '3', 'count/leases.coordination.k8s.io': '1', pods: '4' });
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'before' } };
    await client.create(SECRETS, secret);
    await assert.rejects(client.create(SECRETS, secret));
    await untilUsed(client, 'before', 'secrets', '1');
    const quota = await client.get(QUOTAS, { namespace: 'before', name: 'q' });
    assert.deepEqual(usedOf(quota), { secrets: '1', 'count/leases.coordination.k8s.io': '0', pods: '0' });
  });

  test('is not charged by trials, nor by other namespaces and logical clusters', async () => {
    await makeQuota(client, 'apart', { configmaps: '1' });
    await client.create(CONFIG_MAPS, configMap('trial', 'apart'), { dryRun: true });
    const other = kcp.cluster('team-b');
    await other.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'apart' } });
    for (const name of ['a', 'b']) await other.create(CONFIG_MAPS, configMap(name, 'apart'));
    for (const name of ['x', 'y']) await client.create(CONFIG_MAPS, configMap(name, 'default'));
    await client.create(CONFIG_MAPS, configMap('real', 'apart'));
    await assert.rejects(client.create(CONFIG_MAPS, configMap('trial', 'apart'), { dryRun: true }), StatusError);
  });

  test('of scopes that only pods have counts nothing else', async () => {
    await makeQuota(client, 'scoped', { pods: '1' }, { scopes: ['BestEffort'] });
    for (const name of ['a', 'b']) await client.create(CONFIG_MAPS, configMap(name, 'scoped'));
  });
});

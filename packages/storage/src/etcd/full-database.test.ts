import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStorageError } from '../errors.js';
import { EtcdServer, NO_ETCD } from '../testing/etcd-server.js';
import { configMapKey, configMapValue } from '../testing/store-driver.js';
import { openEtcdStore } from './etcd-store.js';

const QUOTA_BYTES = 2 * 1024 * 1024;
const VALUE_BYTES = 200_000;
/** etcd looks at its size ten times a second. */
const MANY = 1_000;

/** Asks etcd what its operator does, over its JSON interface. */
async function operate(endpoint: string, method: string, body: object): Promise<unknown> {
  const answer = await fetch(`${endpoint}/v3/maintenance/${method}`, { method: 'POST', body: JSON.stringify(body) });
  assert.equal(answer.status, 200);
  return answer.json();
}

/** Gives the room back and ends the alarms. */
async function makeRoom(endpoint: string): Promise<void> {
  await operate(endpoint, 'defragment', {});
  const { alarms } = (await operate(endpoint, 'alarm', { action: 'GET' })) as { alarms: object[] };
  for (const alarm of alarms) await operate(endpoint, 'alarm', { action: 'DEACTIVATE', ...alarm });
}

test('an etcd that is full shows what it has, says so until there is room, and goes on by itself', {
  skip: NO_ETCD,
}, async () => {
  const etcd = await EtcdServer.start(1, undefined, ['--quota-backend-bytes', String(QUOTA_BYTES)]);
  const store = await openEtcdStore({ servers: etcd.endpoints });
  try {
    const value = configMapValue('big', 'x'.repeat(VALUE_BYTES));
    const written: number[] = [];
    const full = (error: unknown) =>
      isStorageError(error, 'unavailable') && error.message === 'etcd: etcdserver: mvcc: database space exceeded';
    await assert.rejects(async () => {
      for (let i = 0; i < MANY; i++) written.push(await store.create(configMapKey(`big-${i}`), value));
    }, full);
    assert.ok(await store.get(configMapKey('big-0')), 'reads are answered');
    assert.ok(full(store.failure), 'and it is no less full for that');

    let last = 0;
    for (const [i, revision] of written.entries()) last = await store.delete(configMapKey(`big-${i}`), revision);
    await store.compact(last);
    await makeRoom(etcd.endpoints[0] ?? '');
    const end = Date.now() + 5_000;
    while (store.failure !== undefined && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(store.failure, undefined, 'without anybody having written');
    assert.ok((await store.create(configMapKey('small'), configMapValue('small', 'x'))) > last);
  } finally {
    await store.close();
    await etcd.stop();
  }
});

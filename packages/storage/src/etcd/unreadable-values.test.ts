import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import type { StorageError } from '../errors.js';
import { isStorageError } from '../errors.js';
import { EtcdServer, NO_ETCD } from '../testing/etcd-server.js';
import { CONFIG_MAPS, configMapKey, configMapValue } from '../testing/store-driver.js';
import { createWatchCache } from '../watch-cache/watch-cache.js';
import { openEtcdStore } from './etcd-store.js';

test('a value that nobody can read hides its object, is told, and ends nothing', { skip: NO_ETCD }, async () => {
  const etcd = await EtcdServer.start();
  const [store, other] = [
    await openEtcdStore({ servers: etcd.endpoints }),
    await openEtcdStore({ servers: etcd.endpoints }),
  ];
  const told: StorageError[] = [];
  const options = { progressIntervalMs: 0, onUnreadable: (error: StorageError) => told.push(error) };
  const cache = await createWatchCache(store, options);
  try {
    const maps = await cache.resource(CONFIG_MAPS);
    const heard: string[] = [];
    maps.watch(ROOT_CLUSTER, 'default', maps.revision, {
      event: ({ type, object }) => heard.push(`${type} ${object.key.name}`) > 0,
      progress: () => {},
      closed: (reason) => heard.push(reason),
    });
    const key = configMapKey('a');
    const readable = configMapValue('a', 'x');
    let last = 0;
    // Cut off, nothing at all like it, protobuf that ends too soon; from its creation on, and in place of a good one.
    for (const bad of ['{"broken', 'hello', 'k8s\0\x0a', '[]']) {
      last = await other.create(key, Buffer.from(bad));
      last = await other.update(key, readable, last);
      last = await other.update(key, Buffer.from(bad), last);
      last = await other.delete(key, last);
    }
    await other.create(configMapKey('b'), readable);
    last = await other.create(key, Buffer.from('hello'));
    await cache.waitFor(last, AbortSignal.timeout(5_000));

    const each = ['ADDED a', 'DELETED a'];
    assert.deepEqual(heard, [...each, ...each, ...each, ...each, 'ADDED b']);
    const names = maps.list(ROOT_CLUSTER, 'default').items.map(({ key: { name } }) => name);
    assert.deepEqual(names, ['b']);
    assert.equal(told.length, 9);
    assert.ok(told.every((error) => isStorageError(error, 'corrupt') && error.message.includes('/default/a')));

    // Whoever reads it anew is told as well, and where it is gone, its past is no hindrance.
    const late = await createWatchCache(other, options);
    await assert.rejects(late.resource(CONFIG_MAPS), (error) => isStorageError(error, 'corrupt'));
    await store.delete(key, last);
    const again = await late.resource(CONFIG_MAPS);
    assert.deepEqual(
      again.list(ROOT_CLUSTER, 'default').items.map(({ key: { name } }) => name),
      ['b'],
    );
    await late.close();
  } finally {
    await cache.close();
    await Promise.all([store.close(), other.close()]);
    await etcd.stop();
  }
});

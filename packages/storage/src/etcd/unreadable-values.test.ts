import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALL_CLUSTERS, ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import type { ResourceCache } from '../cache.js';
import { isStorageError, type StorageError } from '../errors.js';
import { RESTORE_REVISION_BUMP } from '../limits.js';
import { EtcdServer, NO_ETCD } from '../testing/etcd-server.js';
import { CONFIG_MAPS, configMapKey, configMapValue } from '../testing/store-driver.js';
import { createWatchCache } from '../watch-cache/watch-cache.js';
import { openEtcdStore } from './etcd-store.js';

test('a value that nobody can read is told to who asks for it, and disturbs nobody else', {
  skip: NO_ETCD,
}, async () => {
  const etcd = await EtcdServer.start();
  const [store, other] = [
    await openEtcdStore({ servers: etcd.endpoints }),
    await openEtcdStore({ servers: etcd.endpoints }),
  ];
  const told: StorageError[] = [];
  const options = { progressIntervalMs: 0, onUnreadable: (error: StorageError) => told.push(error) };
  const cache = await createWatchCache(store, options);
  const late = await createWatchCache(other, options);
  const corrupt = (error: unknown) => isStorageError(error, 'corrupt') && error.message.includes('/default/a');
  const object = (name: string) => ({ cluster: ROOT_CLUSTER, namespace: 'default', name });
  const namesIn = (maps: ResourceCache) => maps.list(ROOT_CLUSTER, 'default').items.map(({ key }) => key.name);
  try {
    const maps = await cache.resource(CONFIG_MAPS);
    const heard: string[] = [];
    maps.watch(ROOT_CLUSTER, 'default', maps.revision, {
      event: (event) => heard.push(`${event.type} ${event.object.key.name}`) > 0,
      progress: () => {},
      closed: (reason) => heard.push(reason),
    });
    const key = configMapKey('a');
    const readable = configMapValue('a', 'x');
    let last = 0;
    // Cut off, nothing at all like it, protobuf that ends too soon, no object; from the creation on, and in place of a good one.
    for (const bad of ['{"broken', 'hello', 'k8s\0\x0a', '[]']) {
      last = await other.create(key, Buffer.from(bad));
      last = await other.update(key, readable, last);
      last = await other.update(key, Buffer.from(bad), last);
      last = await other.update(key, readable, last);
      last = await other.delete(key, last);
    }
    await other.create(configMapKey('b'), readable);
    const good = await other.create(key, readable);
    last = await other.update(key, Buffer.from('hello'), good);
    await cache.waitFor(last, AbortSignal.timeout(5_000));

    // Not a word of what nobody knows, that it is gone least of all.
    const each = ['ADDED a', 'MODIFIED a', 'DELETED a'];
    assert.deepEqual(heard, [...each, ...each, ...each, ...each, 'ADDED b', 'ADDED a']);
    assert.ok(told.length === 9 && told.every(corrupt));
    const anew = await late.resource(CONFIG_MAPS);
    for (const asked of [maps, anew]) {
      assert.throws(() => asked.get(object('a')), corrupt);
      assert.throws(() => asked.list(ROOT_CLUSTER, 'default'), corrupt);
      assert.throws(() => asked.list(ALL_CLUSTERS, 'default'), corrupt);
      assert.equal(asked.get(object('b'))?.key.name, 'b');
      assert.deepEqual(asked.list(ROOT_CLUSTER, 'elsewhere').items, []);
      assert.deepEqual(asked.list(ALL_CLUSTERS, 'elsewhere').items, []);
    }

    last = await store.update(key, readable, last);
    await Promise.all([cache, late].map((one) => one.waitFor(last, AbortSignal.timeout(5_000))));
    for (const asked of [maps, anew]) assert.deepEqual(namesIn(asked), ['a', 'b']);
    assert.equal(heard[heard.length - 1], 'MODIFIED a');
    last = await store.delete(key, await store.update(key, Buffer.from('hello'), last));
    await Promise.all([cache, late].map((one) => one.waitFor(last, AbortSignal.timeout(5_000))));
    for (const asked of [maps, anew]) assert.deepEqual(namesIn(asked), ['b']);
    assert.equal(heard[heard.length - 1], 'DELETED a');
  } finally {
    await Promise.all([cache.close(), late.close()]);
    await Promise.all([store.close(), other.close()]);
    await etcd.stop();
  }
});

test('and so is one that is found when everything is read anew', { skip: NO_ETCD }, async () => {
  const etcd = await EtcdServer.start();
  const store = await openEtcdStore({ servers: etcd.endpoints });
  const cache = await createWatchCache(store, { progressIntervalMs: 0 });
  try {
    const maps = await cache.resource(CONFIG_MAPS);
    await store.create(configMapKey('b'), configMapValue('b', 'x'));
    await store.create(configMapKey('a'), Buffer.from('hello'));
    // As a restore does, of which every watch hears that nothing of before can be known.
    await store.advance(RESTORE_REVISION_BUMP);
    const last = await store.create(configMapKey('c'), configMapValue('c', 'x'));
    await cache.waitFor(last, AbortSignal.timeout(5_000));
    assert.throws(
      () => maps.list(ROOT_CLUSTER, 'default'),
      (error) => isStorageError(error, 'corrupt'),
    );
    assert.ok(maps.get({ cluster: ROOT_CLUSTER, namespace: 'default', name: 'c' }));
  } finally {
    await cache.close();
    await store.close();
    await etcd.stop();
  }
});

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import { isStorageError } from '../errors.js';
import { resourcePrefix } from '../key.js';
import type { Store } from '../store.js';
import { EtcdServer, NO_ETCD } from '../testing/etcd-server.js';
import { CONFIG_MAPS, configMapKey, configMapValue, RecordedWatch } from '../testing/store-driver.js';
import { TcpLink } from '../testing/tcp-link.js';
import { createWatchCache } from '../watch-cache/watch-cache.js';
import { type EtcdStore, openEtcdStore } from './etcd-store.js';

const put = (store: Store, name: string) => store.create(configMapKey(name), configMapValue(name, 'x'));

/** More than etcd tells at once, and more than are read at a time. */
const MISSED = 10_300;

describe('a store whose connection to etcd is lost', { skip: NO_ETCD }, () => {
  let etcd: EtcdServer;
  let link: TcpLink;
  /** Through the link, and beside it. */
  let store: EtcdStore;
  let other: EtcdStore;
  let roots = 0;
  before(async () => {
    etcd = await EtcdServer.start();
  });
  after(() => etcd.stop());
  beforeEach(async () => {
    link = await TcpLink.to(Number(new URL(etcd.endpoints[0] ?? '').port));
    const root = `/lost-${roots++}`;
    store = await openEtcdStore({ servers: [`http://127.0.0.1:${link.port}`], root });
    other = await openEtcdStore({ servers: etcd.endpoints, root });
  });
  afterEach(async () => {
    await Promise.all([store.close(), other.close()]);
    await link.close();
  });

  test('hears afterwards of everything that happened meanwhile, once and in order', async () => {
    const [cut, whole] = await Promise.all([
      RecordedWatch.start(store, resourcePrefix(CONFIG_MAPS), store.revision),
      RecordedWatch.start(other, resourcePrefix(CONFIG_MAPS), other.revision),
    ]);
    let last = 0;
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 20; i++) last = await put(other, `before-${round}-${i}`);
      link.cut();
      for (let i = 0; i < 20; i++) last = await put(other, `meanwhile-${round}-${i}`);
      await assert.rejects(store.get(configMapKey('a')), (error) => isStorageError(error, 'unavailable'));
      assert.ok(isStorageError(store.failure, 'unavailable'));
      link.mend();
    }
    await Promise.all([cut.reaches(last), whole.reaches(last)]);
    assert.deepEqual(cut.lines(), whole.lines());
    assert.equal(cut.events.length, 120);
    assert.equal(store.failure, undefined, 'it works again');
  });

  test('whose history is compacted meanwhile is read anew by the cache', async () => {
    const cache = await createWatchCache(store, { progressIntervalMs: 0 });
    const gone = await put(other, 'gone');
    await put(other, 'kept');
    const maps = await cache.resource(CONFIG_MAPS);
    link.cut();
    const deleted = await other.delete(configMapKey('gone'), gone);
    await put(other, 'missed');
    await other.compact(await other.update(configMapKey('kept'), configMapValue('kept', 'y'), deleted - 1));
    const last = await put(other, 'later');
    link.mend();
    await cache.waitFor(last, AbortSignal.timeout(8_000));
    const names = maps.list(ROOT_CLUSTER, 'default').items.map(({ key }) => key.name);
    assert.deepEqual(names, ['kept', 'later', 'missed']);
    const live = await put(store, 'live');
    await cache.waitFor(live, AbortSignal.timeout(8_000));
    assert.ok(maps.get({ cluster: ROOT_CLUSTER, namespace: 'default', name: 'live' }));
    await cache.close();
  });

  test('that missed thousands of changes hears of them in order, though it loses the connection again', async () => {
    const from = store.revision;
    const [cut, whole] = await Promise.all([
      RecordedWatch.start(store, resourcePrefix(CONFIG_MAPS), from),
      RecordedWatch.start(other, resourcePrefix(CONFIG_MAPS), from),
    ]);
    link.cut();
    const names = Array.from({ length: MISSED }, (_, i) => `missed-${i}`);
    for (let i = 0; i < MISSED; i += 100) await Promise.all(names.slice(i, i + 100).map((name) => put(other, name)));
    for (let round = 0; round < 3; round++) {
      link.mend();
      await new Promise((resolve) => setTimeout(resolve, 120));
      link.cut();
    }
    link.mend();
    // Beside it, one that begins now, from the same place.
    const answers = () =>
      store.latest().then(
        () => true,
        () => false,
      );
    while (!(await answers())) await new Promise((resolve) => setTimeout(resolve, 20));
    const late = await RecordedWatch.start(store, resourcePrefix(CONFIG_MAPS), from);
    const last = await put(other, 'last');
    await Promise.all([cut.reaches(last), whole.reaches(last), late.reaches(last)]);
    assert.equal(whole.events.length, MISSED + 1);
    assert.deepEqual(cut.lines(), whole.lines());
    assert.deepEqual(late.lines(), whole.lines());
  });

  test('that is opened before it is there waits for it, as long as it is told to', async () => {
    link.cut();
    const servers = [`http://127.0.0.1:${link.port}`];
    await assert.rejects(openEtcdStore({ servers }), (error) => isStorageError(error, 'unavailable'));
    const told: unknown[] = [];
    const onWait = (error: unknown) => {
      told.push(error);
      link.mend();
    };
    const late = await openEtcdStore({ servers, waitMs: 5_000, onWait });
    assert.ok(late.revision > 0);
    assert.deepEqual(
      told.map((error) => isStorageError(error, 'unavailable')),
      [true],
    );
    await late.close();
  });
});

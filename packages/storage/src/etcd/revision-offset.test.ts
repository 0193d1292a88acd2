import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import { isStorageError } from '../errors.js';
import { resourcePrefix } from '../key.js';
import { EtcdServer, NO_ETCD } from '../testing/etcd-server.js';
import { CONFIG_MAPS, configMapKey, configMapValue, RecordedWatch } from '../testing/store-driver.js';
import { TcpLink } from '../testing/tcp-link.js';
import { createWatchCache } from '../watch-cache/watch-cache.js';
import { COMPACT_KEY, Compactor } from './compactor.js';
import { EtcdClient } from './etcd-client.js';
import { type EtcdStore, openEtcdStore } from './etcd-store.js';
import { decodeRange, encodeRange } from './range-messages.js';
import { offsetKeyOf } from './revision-offset.js';

const FAR = 5_000_000_000;
const NEVER_MS = 1_000_000_000;
const put = (store: EtcdStore, name: string, value = 'x') =>
  store.create(configMapKey(name), configMapValue(name, value));

describe('revisions that a restore moved on, in etcd', { skip: NO_ETCD }, () => {
  let etcd: EtcdServer;
  let roots = 0;
  before(async () => {
    etcd = await EtcdServer.start();
  });
  after(() => etcd.stop());
  /** As it lies in etcd. */
  const rawValue = async (key: string): Promise<string | undefined> => {
    const client = new EtcdClient({ servers: etcd.endpoints });
    const answer = decodeRange(await client.call('Range', encodeRange({ key }, 0), { repeatable: true }), 0);
    client.close();
    return answer.items[0]?.value.toString();
  };
  const servers = async (count: number): Promise<[EtcdStore, EtcdStore]> => {
    const root = `/moved-${roots++}`;
    const open = (): Promise<EtcdStore> => openEtcdStore({ servers: etcd.endpoints, root });
    const first = await open();
    return [first, count > 1 ? await open() : first];
  };

  test('are above what was asked for, for a server that opens later too, and never go back', async () => {
    const root = `/moved-${roots++}`;
    const store = await openEtcdStore({ servers: etcd.endpoints, root });
    await put(store, 'before');
    await store.advance(FAR);
    assert.ok((await store.latest()) >= FAR);
    const made = await put(store, 'a');
    assert.ok(made > FAR);
    await store.advance(FAR - 1);
    const next = await put(store, 'b');
    assert.ok(next > made && next < made + 100, 'what is reached already moves nothing');
    await store.close();
    const again = await openEtcdStore({ servers: etcd.endpoints, root });
    assert.deepEqual((await again.get(configMapKey('a')))?.modRevision, made);
    assert.ok(again.compactedRevision > FAR, 'of what was before nothing is told');
    const ahead = Number(await rawValue(offsetKeyOf(root)));
    assert.ok(ahead > FAR - 100_000 && ahead < FAR, `${ahead}`);
    await again.advance(2 * FAR);
    assert.ok((await put(again, 'c')) > 2 * FAR);
    await again.close();
  });

  test('given a server at work, then its watches end, its old revisions are refused, and it goes on above', async () => {
    const [restoring, working] = await servers(2);
    const old = await put(working, 'a');
    const watch = await RecordedWatch.start(working, resourcePrefix(CONFIG_MAPS), old);
    await restoring.advance(FAR);
    // The write is the first that it hears of it.
    const made = await put(working, 'b');
    assert.ok(made > FAR, `${made}`);
    assert.ok(isStorageError(watch.closedWith, 'compacted'), String(watch.closedWith));
    for (const from of [0, old, old + 1]) {
      await assert.rejects(RecordedWatch.start(working, resourcePrefix(CONFIG_MAPS), from), (error) =>
        isStorageError(error, 'compacted'),
      );
    }
    await assert.rejects(working.list(resourcePrefix(CONFIG_MAPS), { at: old }), (error) =>
      isStorageError(error, 'compacted'),
    );
    await assert.rejects(working.update(configMapKey('a'), Buffer.from('y'), old), (error) =>
      isStorageError(error, 'conflict'),
    );
    const moved = (await working.get(configMapKey('a')))?.modRevision ?? 0;
    assert.ok(moved > old);
    assert.ok((await working.update(configMapKey('a'), Buffer.from('y'), moved)) > made);
    await Promise.all([restoring.close(), working.close()]);
  });

  test('given a cache that nobody writes through, then it is read anew by itself', async () => {
    const [restoring, working] = await servers(2);
    const cache = await createWatchCache(working, { progressIntervalMs: 0 });
    const maps = await cache.resource(CONFIG_MAPS);
    await cache.waitFor(await put(restoring, 'a'), AbortSignal.timeout(5_000));
    await restoring.advance(FAR);
    const made = await put(restoring, 'b');
    await cache.waitFor(made, AbortSignal.timeout(5_000));
    const { items, revision } = maps.list(ROOT_CLUSTER, 'default');
    assert.deepEqual(
      items.map(({ key }) => key.name),
      ['a', 'b'],
    );
    assert.ok(revision >= made);
    await cache.close();
    await Promise.all([restoring.close(), working.close()]);
  });

  test('of two restores at once one is refused', async () => {
    const stores = await servers(2);
    // Where one is done before the other begins, both are: again, until they meet.
    for (let round = 0, met = false; !met; round++) {
      assert.ok(round < 50, 'they never meet');
      const wanted = [FAR * (2 * round + 1), FAR * (2 * round + 2)] as const;
      const results = await Promise.allSettled(stores.map((store, i) => store.advance(wanted[i] ?? 0)));
      const refused = results.filter((one) => one.status === 'rejected');
      assert.ok(refused.length <= 1);
      assert.ok(refused.every(({ reason }) => isStorageError(reason, 'conflict')));
      const reached = Math.max(...results.map(({ status }, i) => (status === 'fulfilled' ? (wanted[i] ?? 0) : 0)));
      for (const store of stores) assert.ok((await store.latest()) >= reached);
      met = refused.length === 1;
    }
    await Promise.all(stores.map((store) => store.close()));
  });

  test('are compacted in turns, and the key that tells of it has the numbers of etcd', async () => {
    const [store] = await servers(1);
    await store.advance(FAR);
    const made = await put(store, 'a');
    const failed = (error: unknown): void => assert.fail(String(error));
    const compactor = new Compactor(
      { turn: (...turn) => store.turn(...turn), compact: (revision) => store.compact(revision), failed },
      NEVER_MS,
    );
    for (let turn = 0; turn < 3; turn++) await compactor.turn();
    compactor.stop();
    assert.ok(store.compactedRevision > made);
    const etcds = Number(await rawValue(COMPACT_KEY));
    assert.ok(etcds > 0 && etcds < 100_000, `${etcds}`);
    await store.close();
  });

  test('given an etcd that was put in the place of another, then nothing is shown until a restore went above', async () => {
    const other = await EtcdServer.start();
    const portOf = (server: EtcdServer): number => Number(new URL(server.endpoints[0] ?? '').port);
    const link = await TcpLink.to(portOf(etcd));
    const store = await openEtcdStore({ servers: [`http://127.0.0.1:${link.port}`] });
    const restoring = await openEtcdStore({ servers: other.endpoints });
    for (let i = 0; i < 20; i++) await put(store, `n${i}`);
    const last = await store.latest();
    link.cut();
    link.target = portOf(other);
    link.mend();
    const settled = async (): Promise<unknown> => {
      for (const end = Date.now() + 10_000; ; ) {
        const answer = await store.latest().catch((error: unknown) => error);
        const connecting = isStorageError(answer, 'unavailable') && !answer.message.includes('older data');
        if (!connecting || Date.now() > end) return answer;
      }
    };
    assert.match(String(await settled()), /replaced by older data/);
    await restoring.advance(last + 1_000);
    assert.ok((await put(store, 'after')) > last + 1_000);
    assert.ok((await store.latest()) > last + 1_000);
    await Promise.all([store.close(), restoring.close()]);
    await link.close();
    await other.stop();
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isStorageError } from '../errors.js';
import { REGISTRY_PREFIX } from '../key.js';
import { EtcdServer, NO_ETCD } from '../testing/etcd-server.js';
import { configMapKey } from '../testing/store-driver.js';
import { Compactor } from './compactor.js';
import { openEtcdStore } from './etcd-store.js';

const NEVER_MS = 1_000_000_000;

describe('compaction by several servers', { skip: NO_ETCD }, () => {
  let etcd: EtcdServer;
  before(async () => {
    etcd = await EtcdServer.start();
  });
  after(() => etcd.stop());

  test('given two servers, when turns pass, then one of them forgets what was before the last turn', async () => {
    const stores = await Promise.all([0, 1].map(() => openEtcdStore({ servers: etcd.endpoints })));
    const [first, second] = stores as [(typeof stores)[0], (typeof stores)[0]];
    const compacted: number[][] = [[], []];
    const compactors = stores.map(
      (store, i) =>
        new Compactor(
          {
            turn: (expected, reached) => store.turn(expected, reached),
            compact: async (revision) => {
              compacted[i]?.push(revision);
              await store.compact(revision);
            },
            failed: (error) => assert.fail(String(error)),
          },
          NEVER_MS,
        ),
    );
    const turn = () => Promise.all(compactors.map((compactor) => compactor.turn()));
    const r1 = await first.create(configMapKey('a'), Buffer.from('1'));
    await turn();
    const atTurn = await first.latest();
    const r2 = await first.update(configMapKey('a'), Buffer.from('2'), r1);
    await turn();
    await first.update(configMapKey('a'), Buffer.from('3'), r2);
    assert.equal(compacted.flat().length, 1, 'one of them, once');
    const [forgotten = 0] = compacted.flat();
    assert.ok(forgotten >= r1 && forgotten <= atTurn);

    // The one that did not forget learns it from etcd.
    for (const store of [first, second]) {
      await assert.rejects(store.list(REGISTRY_PREFIX, { at: r1 - 1 }), (error) => isStorageError(error, 'compacted'));
      assert.equal(store.compactedRevision, forgotten);
    }
    assert.equal((await second.list(REGISTRY_PREFIX, { at: r2 })).items[0]?.value.toString(), '2');
    for (const compactor of compactors) compactor.stop();
    await Promise.all(stores.map((store) => store.close()));
  });
});

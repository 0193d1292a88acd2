import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { RESTORE_REVISION_BUMP } from '../limits.js';
import { runWatchCacheContractTests } from '../testing/cache-contract.js';
import { EtcdServer, NO_ETCD } from '../testing/etcd-server.js';
import { runStoreContractTests, type StoreUnderTest } from '../testing/store-contract.js';
import { openEtcdStore } from './etcd-store.js';

describe('etcd', { skip: NO_ETCD }, () => {
  let etcd: EtcdServer;
  let roots = 0;
  before(async () => {
    etcd = await EtcdServer.start();
  });
  after(() => etcd.stop());

  // Each test has a root of its own in one etcd, which is what sharing it means.
  const makeStore = async (): Promise<StoreUnderTest> => ({
    store: await openEtcdStore({ servers: etcd.endpoints, root: `/test-${roots++}` }),
    dispose: async () => undefined,
  });
  test('says how large the database is that it shares', async () => {
    const { store } = await makeStore();
    const size = (await store.size()) ?? 0;
    assert.ok(Number.isSafeInteger(size) && size >= 16 * 1024, String(size));
    await store.close();
  });

  runStoreContractTests('etcd', makeStore, { sharedCounter: true });
  runWatchCacheContractTests('etcd', makeStore);

  const makeRestored = async (): Promise<StoreUnderTest> => {
    const store = await openEtcdStore({ servers: etcd.endpoints, root: `/test-${roots++}` });
    await store.advance(RESTORE_REVISION_BUMP);
    return { store, dispose: async () => undefined };
  };
  runStoreContractTests('etcd, after a restore', makeRestored, { sharedCounter: true });
  runWatchCacheContractTests('etcd, after a restore', makeRestored);
});

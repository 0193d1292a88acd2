import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runWatchCacheContractTests } from '../testing/cache-contract.js';
import { runStoreContractTests, type StoreUnderTest } from '../testing/store-contract.js';
import { openLmdbStore } from './lmdb-store.js';

async function newStore(): Promise<StoreUnderTest> {
  const directory = mkdtempSync(join(tmpdir(), 'kcp-lmdb-'));
  const store = await openLmdbStore({ directory });
  return { store, dispose: async () => rmSync(directory, { recursive: true, force: true }) };
}

runStoreContractTests('lmdb', newStore);
runWatchCacheContractTests('lmdb', newStore);

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runStoreContractTests } from '../testing/store-contract.js';
import { openLmdbStore } from './lmdb-store.js';

runStoreContractTests('lmdb', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'kcp-lmdb-'));
  const store = await openLmdbStore({ directory });
  return { store, dispose: async () => rmSync(directory, { recursive: true, force: true }) };
});

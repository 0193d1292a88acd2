import { runWatchCacheContractTests } from '../testing/cache-contract.js';
import { runStoreContractTests } from '../testing/store-contract.js';
import { createMemoryStore } from './memory-store.js';

runStoreContractTests('memory', async () => ({ store: createMemoryStore(), dispose: async () => undefined }));
runWatchCacheContractTests('memory', async () => ({ store: createMemoryStore(), dispose: async () => undefined }));

import { join } from 'node:path';
import type { Store } from '@kcp/storage/store';
import type { HistoryConfig, ServerConfig } from '../config/server-config.js';
import type { Log } from '../log/log.js';

export type StoreConfig = Pick<ServerConfig, 'inMemory' | 'rootDirectory' | 'history' | 'encryptionFile'>;

/** The store that a configuration names; engines are loaded when they are needed. Rejects with StorageError and EncryptionConfigurationError. */
export async function openStore(config: StoreConfig, log: Log): Promise<Store> {
  const store = await openEngine(config);
  if (config.encryptionFile === undefined) return store;
  const { encryptStore } = await import('../files/load-encryption.js');
  try {
    return encryptStore(store, config.encryptionFile, log);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openEngine(config: StoreConfig): Promise<Store> {
  const retention = retentionOf(config.history);
  if (config.inMemory) {
    const { createMemoryStore } = await import('@kcp/storage/memory/memory-store');
    return createMemoryStore(retention);
  }
  const { openLmdbStore } = await import('@kcp/storage/lmdb/lmdb-store');
  return openLmdbStore({ directory: join(config.rootDirectory, 'data', 'store'), ...retention });
}

function retentionOf({ entriesMax, ageMs, bytesMax }: HistoryConfig): {
  historyEntriesMax?: number;
  historyAgeMs?: number;
  historyBytesMax?: number;
} {
  return {
    ...(entriesMax === undefined ? {} : { historyEntriesMax: entriesMax }),
    ...(ageMs === undefined ? {} : { historyAgeMs: ageMs }),
    ...(bytesMax === undefined ? {} : { historyBytesMax: bytesMax }),
  };
}

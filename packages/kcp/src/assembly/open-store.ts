import { join } from 'node:path';
import type { Store } from '@kcp/storage/store';
import type { HistoryConfig, ServerConfig } from '../config/server-config.js';

/** The store that a configuration names; engines are loaded when they are needed. Rejects with StorageError. */
export async function openStore(config: Pick<ServerConfig, 'inMemory' | 'rootDirectory' | 'history'>): Promise<Store> {
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

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EtcdStore } from '@kcp/storage/etcd/etcd-store';
import { HISTORY_AGE_MS } from '@kcp/storage/limits';
import type { Store } from '@kcp/storage/store';
import type { EtcdConfig, HistoryConfig, ServerConfig } from '../config/server-config.js';
import type { Log } from '../log/log.js';

export type StoreConfig = Pick<ServerConfig, 'inMemory' | 'rootDirectory' | 'etcd' | 'history' | 'encryptionFile'>;

/** How long a server that starts waits for its etcd, which may start at the same time. */
export const ETCD_WAIT_MS = 10_000;

/**
 * The store that a configuration names; engines are loaded when they are needed. `etcdWaitMs`: how long to wait for an etcd
 * that does not answer yet. Rejects with StorageError and EncryptionConfigurationError.
 */
export async function openStore(config: StoreConfig, log: Log, etcdWaitMs = 0): Promise<Store> {
  const store = await openEngine(config, log, etcdWaitMs);
  if (config.encryptionFile === undefined) return store;
  const { encryptStore } = await import('../files/load-encryption.js');
  try {
    return encryptStore(store, config.encryptionFile, log);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openEngine(config: StoreConfig, log: Log, etcdWaitMs: number): Promise<Store> {
  if (config.etcd !== undefined) return openEtcd(config.etcd, config.history, log, etcdWaitMs);
  const retention = retentionOf(config.history);
  if (config.inMemory) {
    const { createMemoryStore } = await import('@kcp/storage/memory/memory-store');
    return createMemoryStore(retention);
  }
  const { openLmdbStore } = await import('@kcp/storage/lmdb/lmdb-store');
  return openLmdbStore({ directory: join(config.rootDirectory, 'data', 'store'), ...retention });
}

/** The etcd that a configuration names; it bounds its size itself, only the age of its history is ours to say. */
export async function openEtcd(
  config: EtcdConfig,
  { ageMs = HISTORY_AGE_MS }: HistoryConfig,
  log: Log,
  waitMs = 0,
): Promise<EtcdStore> {
  const { openEtcdStore } = await import('@kcp/storage/etcd/etcd-store');
  const { servers, prefix, certificateFile, keyFile, caFile } = config;
  return openEtcdStore({
    servers,
    root: prefix,
    // Files are replaced while a server runs: every connection reads them.
    tls: () => ({
      ...(caFile === undefined ? {} : { authority: readFileSync(caFile) }),
      ...(certificateFile === undefined ? {} : { certificate: readFileSync(certificateFile) }),
      ...(keyFile === undefined ? {} : { key: readFileSync(keyFile) }),
    }),
    historyAgeMs: ageMs,
    waitMs,
    onWait: (error) => log.warn('etcd does not answer yet', { error, waitSeconds: waitMs / 1_000 }),
    onCompactionError: (error) => log.warn('etcd could not be compacted', { error }),
  });
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

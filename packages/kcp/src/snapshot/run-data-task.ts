import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { StorageError } from '@kcp/storage/errors';
import { objectKey, REGISTRY_PREFIX } from '@kcp/storage/key';
import { RESTORE_REVISION_BUMP } from '@kcp/storage/limits';
import { clusterOfKey, inCluster } from '@kcp/storage/snapshot/cluster-keys';
import { fillStore } from '@kcp/storage/snapshot/fill-store';
import { readSnapshot, verifySnapshot } from '@kcp/storage/snapshot/snapshot-reader';
import { writeSnapshot } from '@kcp/storage/snapshot/snapshot-writer';
import type { Store, StoredValue } from '@kcp/storage/store';
import { openEtcd, openStore } from '../assembly/open-store.js';
import type { EtcdConfig } from '../config/server-config.js';
import type { Log } from '../log/log.js';
import type { DataTask, Place } from './data-task.js';

/** What a task needs besides its words. */
export interface TaskSurface {
  readonly log: Log;
  /** Aborts when the user has enough; the task then leaves nothing half done. */
  readonly signal: AbortSignal;
  /** Told how many objects are done. */
  progress(objects: number): void;
}

/** Does a task; resolves with what to tell the user. Rejects with StorageError, the signal's reason, or a system error. */
export async function runDataTask(task: DataTask, surface: TaskSurface): Promise<string> {
  switch (task.kind) {
    case 'verify':
      return `${task.file} is whole and shows revision ${await verifySnapshot(task.file)}`;
    case 'save':
      await save(task.place, task.file, surface);
      return `${task.file} shows revision ${await verifySnapshot(task.file)}`;
    case 'restore':
      return restore(task.file, task.place, surface);
    case 'migrate':
      return migrate(task.from, task.to, surface);
    case 'export':
      return exportCluster(task.place, task.cluster, task.file, surface);
    case 'import':
      return importCluster(task.place, task.cluster, task.file, surface);
  }
}

/** An embedded store may be in use by its server; etcd always may. */
async function save(place: Place, file: string, { log, signal, progress }: TaskSurface): Promise<void> {
  let objects = 0;
  if (place.kind === 'embedded') {
    const { snapshotDirectory } = await import('@kcp/storage/lmdb/read-only');
    await snapshotDirectory(dataDirectory(place.rootDirectory), file, signal, (items) => {
      objects += items;
      progress(objects);
    });
    return;
  }
  await within(place, log, (store) => store.snapshot(file));
}

async function restore(file: string, place: Place, surface: TaskSurface): Promise<string> {
  if (place.kind === 'embedded') {
    const { restoreSnapshot } = await import('@kcp/storage/snapshot/restore-snapshot');
    const directory = dataDirectory(place.rootDirectory);
    return `${directory} holds ${file}, at revision ${await restoreSnapshot(file, directory)}`;
  }
  return restoreIntoEtcd(file, place.etcd, surface);
}

/** Objects get revisions of their own, above all that the lost store can have given out. */
async function restoreIntoEtcd(file: string, etcd: EtcdConfig, surface: TaskSurface): Promise<string> {
  const revision = await verifySnapshot(file);
  const store = await openEtcd(etcd, {}, surface.log);
  try {
    const { items } = await store.list(REGISTRY_PREFIX, { limit: 1 });
    if (items.length > 0) throw new StorageError('unavailable', `etcd holds data below ${etcd.prefix} already`);
    await store.advance(revision + RESTORE_REVISION_BUMP);
    const objects = await fillStore(store, readSnapshot(file), surface.signal, surface.progress);
    return `etcd holds ${objects} objects of ${file}, at revision ${store.revision}; clients have to list anew`;
  } finally {
    await store.close();
  }
}

async function migrate(from: Place, to: Place, surface: TaskSurface): Promise<string> {
  const embedded = from.kind === 'embedded' ? from : to;
  const root = embedded.kind === 'embedded' ? embedded.rootDirectory : '.';
  await mkdir(root, { recursive: true, mode: 0o700 });
  const file = join(root, `migration-${randomUUID()}.snapshot`);
  try {
    await save(from, file, surface);
    return await restore(file, to, surface);
  } finally {
    await rm(file, { force: true });
  }
}

async function exportCluster(place: Place, cluster: ClusterName, file: string, surface: TaskSurface): Promise<string> {
  const whole = `${file}.${randomUUID()}.whole`;
  try {
    await save(place, whole, surface);
    const revision = await verifySnapshot(whole);
    const items = readSnapshot(whole);
    let objects = 0;
    await writeSnapshot(file, revision, async (_start, limit) => {
      surface.signal.throwIfAborted();
      const page = await nextOf(items, cluster, limit);
      objects += page.length;
      return page;
    });
    if (objects > 0) return `${file} holds ${objects} objects of ${cluster}`;
    await rm(file);
    throw new StorageError('notFound', `there is no logical cluster ${cluster}`);
  } finally {
    await rm(whole, { force: true });
  }
}

async function nextOf(items: AsyncGenerator<StoredValue>, cluster: ClusterName, limit: number): Promise<StoredValue[]> {
  const page: StoredValue[] = [];
  while (page.length < limit) {
    const { value, done } = await items.next();
    if (done) break;
    if (clusterOfKey(value.key) === cluster) page.push({ ...value, value: Buffer.from(value.value) });
  }
  return page;
}

async function importCluster(place: Place, cluster: ClusterName, file: string, surface: TaskSurface): Promise<string> {
  await verifySnapshot(file);
  return within(place, surface.log, async (store) => {
    if (await store.get(defaultNamespaceOf(cluster))) {
      throw new StorageError('exists', `there is a logical cluster ${cluster} already`);
    }
    const objects = await fillStore(store, renamed(file, cluster), surface.signal, surface.progress);
    return `${cluster} holds ${objects} objects of ${file}`;
  });
}

/** A logical cluster is there when its namespace `default` is: that comes last. */
async function* renamed(file: string, cluster: ClusterName): AsyncGenerator<Pick<StoredValue, 'key' | 'value'>> {
  const last = defaultNamespaceOf(cluster);
  let namespace: Pick<StoredValue, 'key' | 'value'> | undefined;
  const from = new Set<ClusterName | undefined>();
  for await (const item of readSnapshot(file)) {
    from.add(clusterOfKey(item.key));
    if (from.size > 1) throw new StorageError('corrupt', `${file} holds more than one logical cluster`);
    const moved = { key: inCluster(item.key, cluster), value: Buffer.from(item.value) };
    if (moved.key === last) namespace = moved;
    else yield moved;
  }
  if (namespace !== undefined) yield namespace;
}

function defaultNamespaceOf(cluster: ClusterName) {
  const namespaces = { group: '', resource: 'namespaces', custom: false, namespaced: false };
  return objectKey(namespaces, { cluster, namespace: '', name: 'default' });
}

async function within<T>(place: Place, log: Log, use: (store: Store) => Promise<T>): Promise<T> {
  const base = { inMemory: false, history: {} };
  const store =
    place.kind === 'etcd'
      ? await openStore({ ...base, rootDirectory: '', etcd: place.etcd }, log)
      : await openStore({ ...base, rootDirectory: place.rootDirectory }, log);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

function dataDirectory(rootDirectory: string): string {
  return join(rootDirectory, 'data', 'store');
}

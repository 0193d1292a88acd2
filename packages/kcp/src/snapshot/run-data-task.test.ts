import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { isStorageError } from '@kcp/storage/errors';
import { objectKey, REGISTRY_PREFIX } from '@kcp/storage/key';
import type { Store } from '@kcp/storage/store';
import { EtcdServer, NO_ETCD } from '@kcp/storage/testing/etcd-server';
import { openStore } from '../assembly/open-store.js';
import type { DataTask, Place } from './data-task.js';
import { runDataTask } from './run-data-task.js';

const LOG = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };
const ENTRY = new URL('../cli/entry.js', import.meta.url).href;
/** What the command's launcher does. */
const LAUNCH = `const { main, realProcess, loadServer } = await import(${JSON.stringify(ENTRY)});
process.exitCode = await main(process.argv.slice(1), { surface: realProcess(), version: '', load: loadServer });`;
const [A, B, COPY] = ['team-a', 'team-b', 'copy'] as [ClusterName, ClusterName, ClusterName];
const MAPS = { group: '', resource: 'configmaps', custom: false, namespaced: true };
const WIDGETS = { group: 'example.io', resource: 'widgets', custom: true, namespaced: false };
const NAMESPACES = { group: '', resource: 'namespaces', custom: false, namespaced: false };

/** Two logical clusters with 300 objects each. */
async function fill(store: Store): Promise<void> {
  for (const cluster of [A, B]) {
    await store.create(objectKey(NAMESPACES, { cluster, namespace: '', name: 'default' }), Buffer.from('{"kind":"N"}'));
    await store.create(objectKey(WIDGETS, { cluster, namespace: '', name: 'w' }), Buffer.from('{"kind":"W"}'));
    const puts = Array.from({ length: 298 }, (_, i) =>
      store.create(objectKey(MAPS, { cluster, namespace: 'default', name: `m${i}` }), Buffer.from(`{"kind":"${i}"}`)),
    );
    await Promise.all(puts);
  }
}

const contents = async (store: Store, prefix = '/'): Promise<string[]> =>
  (await store.list(REGISTRY_PREFIX)).items
    .filter(({ key }) => key.includes(prefix))
    .map(({ key, value }) => `${key}=${value.toString()}`);

const revisions = async (store: Store): Promise<number[]> =>
  (await store.list(REGISTRY_PREFIX)).items.map(({ createRevision }) => createRevision);

describe('data', () => {
  let folder = '';
  let place: Place;
  let other: Place;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kcp-data-'));
    place = { kind: 'embedded', rootDirectory: join(folder, 'one') };
    other = { kind: 'embedded', rootDirectory: join(folder, 'two') };
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const run = (task: DataTask, signal = new AbortController().signal) =>
    runDataTask(task, { log: LOG, signal, progress: () => {} });
  const opened = (at: Place) =>
    at.kind === 'etcd'
      ? openStore({ inMemory: false, rootDirectory: '', history: {}, etcd: at.etcd }, LOG)
      : openStore({ inMemory: false, rootDirectory: at.rootDirectory, history: {} }, LOG);

  test('of a server at work is saved by another process, and restored without using a revision twice', async () => {
    const store = await opened(place);
    await fill(store);
    const file = join(folder, 'all.snapshot');
    const words = ['snapshot', 'save', file, '--root-directory', join(folder, 'one')];
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', LAUNCH, '--', ...words]);
    assert.match(said.toString(), new RegExp(`shows revision ${store.revision}\n`));
    const expected = await contents(store);
    const { revision } = store;
    await store.close();
    await run({ kind: 'restore', file, place: other });
    const restored = await opened(other);
    assert.deepEqual(await contents(restored), expected);
    assert.ok(restored.revision > revision);
    await restored.close();
  });

  test('of one logical cluster comes back under another name, and others are left alone', async () => {
    const store = await opened(place);
    await fill(store);
    const expected = (await contents(store, `/${A}/`)).map((line) => line.replace(`/${A}/`, `/${COPY}/`));
    await store.close();
    const file = join(folder, 'a.export');
    assert.match(await run({ kind: 'export', cluster: A, file, place }), /holds 300 objects of team-a/);
    await run({ kind: 'import', cluster: COPY, file, place });
    const after = await opened(place);
    assert.deepEqual(await contents(after, `/${COPY}/`), expected);
    assert.equal((await contents(after)).length, 900);
    await after.close();
    await assert.rejects(run({ kind: 'import', cluster: B, file, place }), (error) => isStorageError(error, 'exists'));
    const none = { kind: 'export', cluster: 'nobody' as ClusterName, file: join(folder, 'n'), place } as const;
    await assert.rejects(run(none), (error) => isStorageError(error, 'notFound'));
    assert.deepEqual(readdirSync(folder).sort(), ['a.export', 'one'], 'nothing else is left');
  });

  test('an import that is interrupted leaves nothing of the cluster', async () => {
    const store = await opened(place);
    await fill(store);
    await store.close();
    const file = join(folder, 'a.export');
    await run({ kind: 'export', cluster: A, file, place });
    const abort = new AbortController();
    const importing = runDataTask(
      { kind: 'import', cluster: COPY, file, place },
      { log: LOG, signal: abort.signal, progress: () => abort.abort(new Error('enough')) },
    );
    await assert.rejects(importing, /enough/);
    const after = await opened(place);
    assert.deepEqual(await contents(after, `/${COPY}/`), []);
    assert.equal((await contents(after)).length, 600);
    await after.close();
  });

  test('of an etcd that is lost comes back in a new one above all that was given out', { skip: NO_ETCD }, async () => {
    const file = join(folder, 'all.snapshot');
    const lost = await EtcdServer.start();
    const old: Place = { kind: 'etcd', etcd: { servers: lost.endpoints, prefix: '/registry' } };
    const store = await opened(old);
    await fill(store);
    const expected = await contents(store);
    await run({ kind: 'save', file, place: old });
    const later = await store.create(
      objectKey(WIDGETS, { cluster: A, namespace: '', name: 'later' }),
      Buffer.from('{}'),
    );
    await store.close();
    await lost.stop();
    const etcd = await EtcdServer.start();
    const fresh: Place = { kind: 'etcd', etcd: { servers: etcd.endpoints, prefix: '/registry' } };
    try {
      await run({ kind: 'restore', file, place: fresh });
      const restored = await opened(fresh);
      assert.deepEqual(await contents(restored), expected);
      assert.ok(Math.min(...(await revisions(restored))) > later);
      await restored.close();
    } finally {
      await etcd.stop();
    }
  });

  test('goes from an embedded store to etcd and back, revisions only ever growing', { skip: NO_ETCD }, async () => {
    const etcd = await EtcdServer.start();
    const remote: Place = { kind: 'etcd', etcd: { servers: etcd.endpoints, prefix: '/moved' } };
    try {
      const store = await opened(place);
      await fill(store);
      const expected = await contents(store);
      const { revision } = store;
      await store.close();
      await run({ kind: 'migrate', from: place, to: remote });
      const there = await opened(remote);
      assert.deepEqual(await contents(there), expected);
      assert.ok(Math.min(...(await revisions(there))) > revision, 'no revision is used twice');
      const moved = await there.latest();
      await there.close();
      await assert.rejects(run({ kind: 'migrate', from: place, to: remote }), /holds data below \/moved already/);
      await run({ kind: 'migrate', from: remote, to: other });
      const back = await opened(other);
      assert.deepEqual(await contents(back), expected);
      assert.ok(back.revision > moved);
      await back.close();
    } finally {
      await etcd.stop();
    }
  });
});

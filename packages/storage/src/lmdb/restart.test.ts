import assert from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import { open } from 'lmdb';
import { isStorageError, type StorageErrorCode } from '../errors.js';
import { REGISTRY_PREFIX } from '../key.js';
import { inDirectory } from '../testing/data-directory.js';
import { CONFIG_MAPS, configMapKey, configMapValue, RecordedWatch } from '../testing/store-driver.js';
import { createWatchCache } from '../watch-cache/watch-cache.js';
import { openLmdbStore } from './lmdb-store.js';

const text = (value: string): Buffer => Buffer.from(value);

async function refused(directory: string, code: StorageErrorCode, words: RegExp): Promise<void> {
  await assert.rejects(openLmdbStore({ directory }), (error) => {
    assert.ok(isStorageError(error, code), String(error));
    assert.match(error.message, words);
    assert.ok(error.message.includes(directory), `no directory in: ${error.message}`);
    return true;
  });
}

test('values, revisions and history survive a restart, also when the last write was a deletion', () =>
  inDirectory(async (directory) => {
    const first = await openLmdbStore({ directory });
    const live = await RecordedWatch.start(first, REGISTRY_PREFIX, 0);
    const r1 = await first.create(configMapKey('a'), text('1'));
    await first.create(configMapKey('b'), text('1'));
    const r3 = await first.update(configMapKey('a'), text('2'), r1);
    const r4 = await first.delete(configMapKey('a'), r3);
    await first.close();

    const second = await openLmdbStore({ directory });
    assert.equal(second.revision, r4);
    const late = await RecordedWatch.start(second, REGISTRY_PREFIX, 0);
    assert.deepEqual(late.lines(), live.lines());
    assert.equal((await second.list(REGISTRY_PREFIX, { at: r3 })).items[0]?.value.toString(), '2');
    assert.ok((await second.create(configMapKey('a'), text('3'))) > r4);
    await second.close();
  }));

test('the compacted revision survives a restart, and history beyond the retention is forgotten for good', () =>
  inDirectory(async (directory) => {
    let now = 0;
    const options = { directory, historyEntriesMax: 50, historyAgeMs: 1_000, now: () => now };
    const first = await openLmdbStore(options);
    for (let i = 0; i < 200; i++) await first.create(configMapKey(`n${i}`), text('x'));
    assert.ok(first.compactedRevision >= 149 && first.compactedRevision <= 150, `${first.compactedRevision}`);
    now = 5_000;
    await first.create(configMapKey('late'), text('x'));
    assert.equal(first.compactedRevision, 200);
    await first.close();
    const second = await openLmdbStore(options);
    assert.equal(second.compactedRevision, 200);
    await second.compact(200);
    await assert.rejects(RecordedWatch.start(second, REGISTRY_PREFIX, 199), (error) =>
      isStorageError(error, 'compacted'),
    );
    assert.equal((await RecordedWatch.start(second, REGISTRY_PREFIX, 200)).events.length, 1);
    await second.close();

    const root = open<Buffer, Buffer>({ path: directory, noSubdir: false, encoding: 'binary', keyEncoding: 'binary' });
    const history = root.openDB('history', { encoding: 'binary', keyEncoding: 'binary' });
    assert.equal(history.getKeysCount({}), 1, 'what is forgotten is gone from the disk, too');
    await root.close();
  }));

test('watchers of the cache resume over a restart', () =>
  inDirectory(async (directory) => {
    const first = await openLmdbStore({ directory });
    const seen = await first.create(configMapKey('a'), configMapValue('a', '1'));
    const missed = await first.delete(configMapKey('a'), seen);
    await first.close();
    const store = await openLmdbStore({ directory });
    const cache = await createWatchCache(store);
    const maps = await cache.resource(CONFIG_MAPS);
    const lines: string[] = [];
    const watcher = {
      event: (event: { type: string; revision: number }) => lines.push(`${event.type} ${event.revision}`) > 0,
      progress: () => undefined,
      closed: () => undefined,
    };
    maps.watch(ROOT_CLUSTER, '', seen, watcher);
    assert.deepEqual(lines, [`DELETED ${missed}`]);
    await cache.close();
    await store.close();
  }));

test('a directory has one owner; its place is free after close', () =>
  inDirectory(async (directory) => {
    const store = await openLmdbStore({ directory });
    await refused(directory, 'unavailable', new RegExp(`in use by process ${process.pid}`));
    await store.create(configMapKey('a'), text('1'));
    await store.close();
    assert.equal(existsSync(join(directory, 'owner.json')), false);
    await (await openLmdbStore({ directory })).close();
  }));

test('what a dead process left behind is taken over, even when its id lives again', () =>
  inDirectory(async (directory) => {
    await (await openLmdbStore({ directory })).close();
    writeFileSync(join(directory, 'owner.json'), JSON.stringify({ pid: process.pid, identity: 'another boot/1' }));
    const store = await openLmdbStore({ directory });
    assert.match(readFileSync(join(directory, 'owner.json'), 'utf8'), new RegExp(`"pid":${process.pid}`));
    await store.close();
  }));

test('a format of the future is refused and not touched', () =>
  inDirectory(async (directory) => {
    await (await openLmdbStore({ directory })).close();
    const table = { encoding: 'binary', keyEncoding: 'binary' } as const;
    const root = open<Buffer, Buffer>({ path: directory, noSubdir: false, ...table });
    root.openDB('meta', table).putSync(Buffer.from('format'), Buffer.from('2'));
    await root.close();
    await refused(directory, 'unavailable', /has format 2, this version knows 1/);
  }));

test('a file that is no data file is damage, and so is one that was cut off or overwritten', () =>
  inDirectory(async (base) => {
    const garbage = join(base, 'garbage');
    await (await openLmdbStore({ directory: garbage })).close();
    writeFileSync(join(garbage, 'data.mdb'), Buffer.alloc(100_000, 'garbage'));
    await refused(garbage, 'corrupt', /damaged.*restore a snapshot/);

    for (const damage of ['cut', 'overwritten']) {
      const directory = join(base, damage);
      const store = await openLmdbStore({ directory });
      for (let i = 0; i < 300; i++) await store.create(configMapKey(`n${i}`), Buffer.alloc(2_000, 'x'));
      await store.close();
      const file = join(directory, 'data.mdb');
      if (damage === 'cut') truncateSync(file, 8_192);
      else overwrite(file, 8_192, statSync(file).size);
      await assert.rejects(readEverything(directory), (error) => {
        assert.ok(isStorageError(error, 'corrupt'), `${damage}: ${String(error)}`);
        assert.ok(error.message.includes(directory));
        return true;
      });
    }
  }));

test('a data file that is empty or gone where data was kept is no new beginning', () =>
  inDirectory(async (base) => {
    for (const loss of ['empty', 'gone']) {
      const directory = join(base, loss);
      const store = await openLmdbStore({ directory });
      await store.create(configMapKey('a'), text('1'));
      await store.close();
      const file = join(directory, 'data.mdb');
      if (loss === 'empty') truncateSync(file, 0);
      else rmSync(file);
      await refused(directory, 'corrupt', new RegExp(loss));
    }
  }));

test('a directory that cannot be made is reported as such', () =>
  inDirectory(async (base) => {
    writeFileSync(join(base, 'file'), 'x');
    await refused(join(base, 'file', 'data'), 'unavailable', /cannot be used/);
  }));

async function readEverything(directory: string): Promise<void> {
  const store = await openLmdbStore({ directory });
  try {
    await store.list(REGISTRY_PREFIX);
  } finally {
    await store.close();
  }
}

function overwrite(file: string, from: number, to: number): void {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc(to - from), 0, to - from, from);
  closeSync(descriptor);
}

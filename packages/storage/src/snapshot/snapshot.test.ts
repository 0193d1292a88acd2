import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isStorageError } from '../errors.js';
import { REGISTRY_PREFIX } from '../key.js';
import { openLmdbStore } from '../lmdb/lmdb-store.js';
import { inDirectory } from '../testing/data-directory.js';
import { configMapKey, RecordedWatch } from '../testing/store-driver.js';
import { restoreSnapshot } from './restore-snapshot.js';

test('a snapshot shows one moment, though writers go on, and a restore brings it back byte for byte', () =>
  inDirectory(async (base) => {
    const store = await openLmdbStore({ directory: join(base, 'data'), historyEntriesMax: 100 });
    const created = await Promise.all(
      Array.from({ length: 5_000 }, (_, i) => store.create(configMapKey(`n${i}`), Buffer.alloc(i % 700, i))),
    );
    const expected = await store.list(REGISTRY_PREFIX);
    const taking = store.snapshot(join(base, 'snapshot'));
    for (let i = 0; i < 5_000; i += 7) {
      const writes = [
        store.delete(configMapKey(`n${i}`), created[i] as number),
        store.create(configMapKey(`m${i}`), Buffer.from('new')),
      ];
      await Promise.all(writes);
    }
    await taking;
    await store.close();

    const restored = await restoreSnapshot(join(base, 'snapshot'), join(base, 'copy'));
    assert.ok(restored > store.revision, 'no revision is used twice');
    const copy = await openLmdbStore({ directory: join(base, 'copy') });
    assert.deepEqual([copy.revision, copy.compactedRevision], [restored, restored]);
    const found = await copy.list(REGISTRY_PREFIX);
    assert.deepEqual(found.items, expected.items);
    await assert.rejects(RecordedWatch.start(copy, REGISTRY_PREFIX, restored - 1), (error) =>
      isStorageError(error, 'compacted'),
    );
    assert.equal(await copy.create(configMapKey('next'), Buffer.from('x')), restored + 1);
    await copy.close();
  }));

test('a damaged snapshot or a directory in use is refused before anything is written', () =>
  inDirectory(async (base) => {
    const store = await openLmdbStore({ directory: join(base, 'data') });
    for (let i = 0; i < 20; i++) await store.create(configMapKey(`n${i}`), Buffer.alloc(100, i));
    const file = join(base, 'snapshot');
    await store.snapshot(file);
    await store.close();
    await assert.rejects(restoreSnapshot(file, join(base, 'data')), (error) => isStorageError(error, 'unavailable'));
    const good = readFileSync(file);
    const flipped = Buffer.from(good);
    flipped[900] = (flipped[900] ?? 0) ^ 1;
    const newer = Buffer.from(good);
    newer.writeUInt32BE(2, 8);
    for (const bad of [flipped, newer, good.subarray(0, 500), good.subarray(0, 10), Buffer.alloc(5_000)]) {
      writeFileSync(file, bad);
      await assert.rejects(restoreSnapshot(file, join(base, 'copy')), (error) => isStorageError(error, 'corrupt'));
    }
    assert.deepEqual(readdirSync(base).sort(), ['data', 'snapshot']);
  }));

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { REGISTRY_PREFIX } from '../key.js';
import { restoreSnapshot } from '../snapshot/restore-snapshot.js';
import type { Store } from '../store.js';
import { inDirectory } from '../testing/data-directory.js';
import { FORMATS, HELD, LAST_REVISION, unpackFixture } from '../testing/format-fixture.js';
import { configMapKey, RecordedWatch } from '../testing/store-driver.js';
import { DATA_FILE } from './data-file.js';
import { openLmdbStore } from './lmdb-store.js';
import { FORMAT_VERSION } from './record.js';

const formats = readdirSync(FORMATS);

async function assertHolds(store: Store): Promise<void> {
  const { items } = await store.list(REGISTRY_PREFIX);
  const wanted = HELD.map(([name, value, revision]) => [configMapKey(name), value, revision]);
  assert.deepEqual(
    items.map(({ key, value, modRevision }) => [key, value.toString(), modRevision]),
    wanted,
  );
}

test('the present format is among those that are kept', () => assert.ok(formats.includes(FORMAT_VERSION)));

for (const format of formats) {
  describe(`data that was written in format ${format}`, () => {
    test('is opened with its values, its revisions and its history, and goes on from there', () =>
      inDirectory(async (directory) => {
        unpackFixture(format, DATA_FILE, join(directory, DATA_FILE));
        const store = await openLmdbStore({ directory });
        await assertHolds(store);
        assert.equal(store.revision, LAST_REVISION);
        const watch = await RecordedWatch.start(store, REGISTRY_PREFIX, 0);
        const next = await store.create(configMapKey('next'), Buffer.from('{}'));
        assert.equal(next, LAST_REVISION + 1);
        assert.deepEqual(
          watch.events.map(({ revision }) => revision),
          Array.from({ length: next }, (_, i) => i + 1),
        );
        await store.close();
      }));

    test('is restored from its snapshot', () =>
      inDirectory(async (base) => {
        unpackFixture(format, 'snapshot', join(base, 'snapshot'));
        const restored = await restoreSnapshot(join(base, 'snapshot'), join(base, 'data'));
        assert.ok(restored > LAST_REVISION);
        const store = await openLmdbStore({ directory: join(base, 'data') });
        await assertHolds(store);
        await store.close();
      }));
  });
}

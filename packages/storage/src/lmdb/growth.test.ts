import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inDirectory } from '../testing/data-directory.js';
import { configMapKey } from '../testing/store-driver.js';
import { openLmdbStore } from './lmdb-store.js';

const ROUNDS = 6;
const WRITES = 1_500;

test('the database stops growing under churn once its history is full, and says how large it is', (story) =>
  inDirectory(async (directory) => {
    const store = await openLmdbStore({ directory, historyEntriesMax: 200 });
    const keys = Array.from({ length: 10 }, (_, i) => configMapKey(`churn-${i}`));
    const revisions = await Promise.all(keys.map((key) => store.create(key, Buffer.alloc(1_000, 'a'))));
    const sizes: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < WRITES / keys.length; i++) {
        await Promise.all(
          keys.map(async (key, at) => {
            revisions[at] = await store.update(key, Buffer.alloc(1_000, String(i)), revisions[at] ?? 0);
          }),
        );
      }
      sizes.push((await store.size()) ?? 0);
    }
    await store.close();
    story.diagnostic(`bytes after each ${WRITES} writes: ${sizes.join(', ')}`);
    // What was written in all is many times the size; pages of forgotten history are used again.
    const [first = 0, last = 0] = [sizes[1], sizes.at(-1)];
    assert.ok(first > 0);
    assert.ok(last <= first * 1.25, sizes.join(', '));
  }));

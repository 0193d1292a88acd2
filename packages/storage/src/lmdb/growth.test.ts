import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import { objectKey } from '../key.js';
import { openLmdbStore } from './lmdb-store.js';

const CONFIG_MAPS = { group: '', resource: 'configmaps', custom: false, namespaced: true };
const keyOf = (name: string) => objectKey(CONFIG_MAPS, { cluster: ROOT_CLUSTER, namespace: 'default', name });
const ROUNDS = 6;
const WRITES = 1_500;

test('the database stops growing under churn once its history is full, and says how large it is', async (story) => {
  const directory = mkdtempSync(join(tmpdir(), 'kcp-growth-'));
  const store = await openLmdbStore({ directory, historyEntriesMax: 200 });
  const keys = Array.from({ length: 10 }, (_, i) => keyOf(`churn-${i}`));
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
  rmSync(directory, { recursive: true });
  story.diagnostic(`bytes after each ${WRITES} writes: ${sizes.join(', ')}`);
  // What was written in all is many times the size; pages of forgotten history are used again.
  const [first = 0, last = 0] = [sizes[1], sizes.at(-1)];
  assert.ok(first > 0);
  assert.ok(last <= first * 1.25, sizes.join(', '));
});

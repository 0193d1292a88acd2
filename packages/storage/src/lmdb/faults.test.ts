import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { REGISTRY_PREFIX } from '../key.js';
import { inDirectory } from '../testing/data-directory.js';
import { killRounds, verify } from '../testing/kill-rounds.js';
import { configMapKey } from '../testing/store-driver.js';
import { openLmdbStore } from './lmdb-store.js';

const ROUNDS = 3;
const program = (name: string): string => fileURLToPath(new URL(`../testing/${name}.js`, import.meta.url));

test(`kill -9 among 64 writers, ${ROUNDS} times: nothing acknowledged is missing, revisions never go back`, () =>
  inDirectory(async (directory) => {
    assert.ok((await killRounds(directory, ROUNDS)) > 0);
  }));

for (const [what, name, lost] of [
  ['a lost creation', 'never-written', { revision: 2, value: '0.0.0.' }],
  ['a lost update', 'w0-0', { revision: 2, value: '0.0.1.newer' }],
  ['a lost deletion', 'w0-0', { revision: 2, value: '-' }],
] as const) {
  test(`the check after a kill finds ${what}`, () =>
    inDirectory(async (directory) => {
      const store = await openLmdbStore({ directory });
      await store.create(configMapKey('w0-0'), Buffer.from('0.0.0.'));
      await store.close();
      await verify(directory, new Map([['w0-0', { revision: 1, value: '0.0.0.' }]]), 1);
      await assert.rejects(verify(directory, new Map([[name, lost]]), 1), assert.AssertionError);
      await assert.rejects(verify(directory, new Map(), 2), /after 2 was acknowledged/);
    }));
}

test(
  'a commit that fails for want of space fails its writer and every later call',
  { skip: process.platform !== 'linux' },
  () =>
    inDirectory(async (directory) => {
      const command = `ulimit -f 2000; exec "${process.execPath}" "${program('full-disk-writer')}" "${directory}"`;
      const run = spawnSync('sh', ['-c', command], { encoding: 'utf8', timeout: 60_000 });
      assert.equal(run.status, 0, run.stderr);
      const report = JSON.parse(run.stdout);
      assert.ok(report.acknowledged > 5, run.stdout);
      assert.equal(report.unavailable, true, report.failure);
      assert.deepEqual(report.later, [true, true, true]);
      assert.equal(report.watchClosed, true);
      const store = await openLmdbStore({ directory });
      const { items } = await store.list(REGISTRY_PREFIX);
      assert.equal(items.length, report.acknowledged, 'what was acknowledged is there, the failed write is not');
      assert.equal(store.revision, report.acknowledged);
      await store.create(configMapKey('after'), Buffer.from('space again'));
      await store.close();
    }),
);

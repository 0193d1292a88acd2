import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { REGISTRY_PREFIX } from '../key.js';
import { inDirectory } from '../testing/data-directory.js';
import { configMapKey, RecordedWatch } from '../testing/store-driver.js';
import { openLmdbStore } from './lmdb-store.js';

const ROUNDS = Number(process.env.KCP_KILL_ROUNDS ?? '3');
const program = (name: string): string => fileURLToPath(new URL(`../testing/${name}.js`, import.meta.url));

interface Acknowledged {
  readonly revision: number;
  readonly value: string;
}

test(`kill -9 among 64 writers, ${ROUNDS} times: nothing acknowledged is missing, revisions never go back`, () =>
  inDirectory(async (directory) => {
    const acknowledged = new Map<string, Acknowledged>();
    let newest = 0;
    for (let round = 0; round < ROUNDS; round++) {
      newest = Math.max(newest, await killedRound(directory, round, acknowledged));
      const store = await openLmdbStore({ directory, historyEntriesMax: 500 });
      assert.ok(store.revision >= newest, `revision ${store.revision} after ${newest} was acknowledged`);
      newest = store.revision;
      for (const [name, { revision, value }] of acknowledged) {
        const found = await store.get(configMapKey(name));
        const foundRevision = found?.modRevision ?? Number.POSITIVE_INFINITY;
        // A later write of the same key may be on disk without having been acknowledged.
        if (foundRevision > revision) continue;
        assert.equal(foundRevision, revision, name);
        assert.equal(found?.value.toString(), value, name);
      }
      const watch = await RecordedWatch.start(store, REGISTRY_PREFIX, store.compactedRevision);
      const revisions = watch.events.map((event) => event.revision);
      const expected = Array.from(
        { length: store.revision - store.compactedRevision },
        (_, i) => store.compactedRevision + 1 + i,
      );
      assert.deepEqual(revisions, expected, 'the history has no hole');
      await store.close();
    }
    assert.ok(acknowledged.size > 0);
  }));

/** Lets the victim write for a while, kills it, and returns the newest revision that it acknowledged. */
async function killedRound(directory: string, round: number, acknowledged: Map<string, Acknowledged>): Promise<number> {
  const child = spawn(process.execPath, [program('kill-writer'), directory, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let newest = 0;
  for await (const line of killedLater(child)) {
    const [revision = '', name = '', value] = line.split(' ');
    // A line that the kill cut off has no value.
    if (value === undefined) continue;
    newest = Math.max(newest, Number(revision));
    if (value === '-') acknowledged.delete(name);
    else acknowledged.set(name, { revision: Number(revision), value: value });
  }
  return newest;
}

async function* killedLater(child: ChildProcess): AsyncGenerator<string> {
  if (child.stdout === null) throw new Error('the victim has no stdout');
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let last = '';
  for await (const line of createInterface({ input: child.stdout })) {
    // The newest line may be cut off in the middle of its value: it is not taken.
    if (last === '') setTimeout(() => child.kill('SIGKILL'), 50 + Math.random() * 300);
    else yield last;
    last = line;
  }
  await ended;
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

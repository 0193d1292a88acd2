import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { REGISTRY_PREFIX } from '../key.js';
import { openLmdbStore } from '../lmdb/lmdb-store.js';
import type { Store, StoredValue } from '../store.js';
import { configMapKey, RecordedWatch } from './store-driver.js';

/** What is known of a key: its last acknowledged write, the value `-` for a deletion. */
export interface Known {
  readonly revision: number;
  readonly value: string;
}

const VICTIM = fileURLToPath(new URL('kill-writer.js', import.meta.url));
const GONE = '-';
const HISTORY = 500;

/**
 * Kills 64 writers of one directory at a random moment, `rounds` times, and looks at what is there each time: nothing
 * acknowledged is missing, nothing torn is shown, revisions never go back, and the history has no hole. Resolves with the
 * number of acknowledged writes; rejects with AssertionError.
 */
export async function killRounds(directory: string, rounds: number): Promise<number> {
  const known = new Map<string, Known>();
  let newest = 0;
  let count = 0;
  for (let round = 0; round < rounds; round++) {
    const heard = await killedRound(directory, round, known);
    count += heard.count;
    newest = await verify(directory, known, Math.max(newest, heard.newest));
  }
  return count;
}

/**
 * Checks what is in the directory against what is known, and takes what is there as known from here on. Resolves with
 * its revision.
 */
export async function verify(directory: string, known: Map<string, Known>, newest: number): Promise<number> {
  const store = await openLmdbStore({ directory, historyEntriesMax: HISTORY });
  try {
    assert.ok(store.revision >= newest, `revision ${store.revision} after ${newest} was acknowledged`);
    const deletions = await checkHistory(store);
    const { items } = await store.list(REGISTRY_PREFIX);
    checkKnown(known, items, deletions);
    known.clear();
    for (const { key, modRevision, value } of items) {
      const name = key.slice(key.lastIndexOf('/') + 1);
      assert.ok(isWhole(name, value.toString()), `torn: ${key} ${value.toString()}`);
      known.set(name, { revision: modRevision, value: value.toString() });
    }
    return store.revision;
  } finally {
    await store.close();
  }
}

function checkKnown(
  known: ReadonlyMap<string, Known>,
  items: readonly StoredValue[],
  deletions: ReadonlyMap<string, number>,
): void {
  const found = new Map<string, StoredValue>(items.map((item) => [item.key, item]));
  for (const [name, { revision, value }] of known) {
    const key = configMapKey(name);
    const now = found.get(key);
    // A later write of the key may be on disk without having been acknowledged.
    if ((now?.modRevision ?? deletions.get(key) ?? 0) > revision) continue;
    assert.equal(now?.value.toString() ?? GONE, value, `${name}, acknowledged at ${revision}`);
  }
}

/** The history holds every revision, once; the last deletion of each key. */
async function checkHistory(store: Store): Promise<Map<string, number>> {
  const watch = await RecordedWatch.start(store, REGISTRY_PREFIX, store.compactedRevision);
  const first = store.compactedRevision + 1;
  const expected = Array.from({ length: store.revision + 1 - first }, (_, i) => first + i);
  const revisions = watch.events.map((event) => event.revision);
  assert.deepEqual(revisions, expected, 'the history has no hole');
  const deletions = watch.events.flatMap((event) =>
    event.type === 'delete' ? [[event.previous.key, event.revision] as const] : [],
  );
  return new Map(deletions);
}

/** As the victim writes them: `round.writer.count.xxx…`, of a length that the count tells, under a name that both tell. */
function isWhole(name: string, value: string): boolean {
  const [, writer = '', count = '', filling] = value.split('.');
  return name === `w${writer}-${Number(count) % 7}` && filling === 'x'.repeat((Number(count) * 37) % 900);
}

/** Lets the victim write for a while and kills it; what it acknowledged becomes known. */
async function killedRound(
  directory: string,
  round: number,
  known: Map<string, Known>,
): Promise<{ readonly newest: number; readonly count: number }> {
  const child = spawn(process.execPath, [VICTIM, directory, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let newest = 0;
  let count = 0;
  for await (const line of killedLater(child)) {
    const [revision = '', name = '', value] = line.split(' ');
    // A line that the kill cut off has no value.
    if (value === undefined) continue;
    count++;
    newest = Math.max(newest, Number(revision));
    known.set(name, { revision: Number(revision), value });
  }
  return { newest, count };
}

async function* killedLater(child: ChildProcess): AsyncGenerator<string> {
  if (child.stdout === null) throw new Error('the victim has no stdout');
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let last = '';
  for await (const line of createInterface({ input: child.stdout })) {
    // The newest line may be cut off in the middle of its value: it is not taken.
    if (last === '') setTimeout(() => child.kill('SIGKILL'), 5 + Math.random() * 80);
    else yield last;
    last = line;
  }
  await ended;
}

import { openLmdbStore } from '../lmdb/lmdb-store.js';
import { configMapKey } from './store-driver.js';

/*
 * The victim of the kill test: 64 writers that create, update and delete keys of their own for ever, and say on stdout
 * what was acknowledged, one line each: `<revision> <name> <value>`, the value `-` for a deletion.
 */
const [directory, round] = process.argv.slice(2);
if (directory === undefined || round === undefined) throw new Error('usage: kill-writer <directory> <round>');
const WRITERS = 64;
// A short history, so that trimming is killed in the middle as well.
const store = await openLmdbStore({ directory, historyEntriesMax: 500 });

function acknowledge(revision: number, name: string, value: string): void {
  process.stdout.write(`${revision} ${name} ${value}\n`);
}

async function write(writer: number): Promise<never> {
  for (let i = 0; ; i++) {
    const name = `w${writer}-${i % 7}`;
    const value = `${round}.${writer}.${i}.${'x'.repeat((i * 37) % 900)}`;
    const found = await store.get(configMapKey(name));
    if (found !== undefined && i % 5 === 0) {
      acknowledge(await store.delete(configMapKey(name), found.modRevision), name, '-');
    } else if (found === undefined) {
      acknowledge(await store.create(configMapKey(name), Buffer.from(value)), name, value);
    } else {
      acknowledge(await store.update(configMapKey(name), Buffer.from(value), found.modRevision), name, value);
    }
  }
}

await Promise.all(Array.from({ length: WRITERS }, (_, i) => write(i)));

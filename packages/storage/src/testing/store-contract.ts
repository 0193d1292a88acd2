import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe as suite, test } from 'node:test';
import { isStorageError, StorageError, type StorageErrorCode } from '../errors.js';
import { REGISTRY_PREFIX, resourcePrefix, type StoreKey } from '../key.js';
import { VALUE_BYTES_MAX } from '../limits.js';
import type { Store } from '../store.js';
import { CONFIG_MAPS, configMapKey, RecordedWatch } from './store-driver.js';

/** What an engine is allowed not to do. */
export interface ContractExceptions {
  /** No promise that a revision counter starts at 1 and moves by 1 (a shared etcd). */
  readonly sharedCounter?: boolean;
  /** `snapshot` is somebody else's task. */
  readonly noSnapshot?: boolean;
}

export interface StoreUnderTest {
  readonly store: Store;
  /** Removes what is left after `store.close()`. */
  dispose(): Promise<void>;
}

const PREFIX = resourcePrefix(CONFIG_MAPS);
const text = (value: string): Buffer => Buffer.from(value);

function failsWith(code: StorageErrorCode, details: { revision?: number } = {}): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isStorageError(error, code), `expected ${code}, got ${String(error)}`);
    if (details.revision !== undefined) assert.equal(error.revision, details.revision);
    return true;
  };
}

/** The contract of `Store` as tests, for every engine. Each test gets a new, empty store. */
export function runStoreContractTests(
  name: string,
  makeStore: () => Promise<StoreUnderTest>,
  exceptions: ContractExceptions = {},
): void {
  const given = (title: string, story: (store: Store) => Promise<void>, skip = false): void => {
    test(title, { skip }, async () => {
      const { store, dispose } = await makeStore();
      try {
        await story(store);
      } finally {
        await store.close();
        await dispose();
      }
    });
  };
  suite(`store contract: ${name}`, () => {
    readAndWrite(given, exceptions);
    lists(given);
    watches(given, exceptions);
    endings(given);
    snapshots(given, exceptions.noSnapshot ?? false);
  });
}

type Given = (title: string, story: (store: Store) => Promise<void>, skip?: boolean) => void;

function readAndWrite(given: Given, exceptions: ContractExceptions): void {
  given('an empty store has nothing, at revision 0', async (store) => {
    assert.equal(await store.get(configMapKey('a')), undefined);
    const list = await store.list(REGISTRY_PREFIX);
    assert.deepEqual(list.items, []);
    assert.equal(list.more, false);
    if (!exceptions.sharedCounter) assert.equal(store.revision, 0);
  });

  given('what is created can be read, with the revision of its creation', async (store) => {
    const revision = await store.create(configMapKey('a'), text('1'));
    const found = await store.get(configMapKey('a'));
    assert.equal(found?.value.toString(), '1');
    assert.equal(found?.key, configMapKey('a'));
    assert.deepEqual([found?.createRevision, found?.modRevision], [revision, revision]);
    assert.ok(store.revision >= revision);
  });

  given('a key that exists cannot be created again; once deleted it can, with a new creation', async (store) => {
    const first = await store.create(configMapKey('a'), text('1'));
    await assert.rejects(store.create(configMapKey('a'), text('2')), failsWith('exists'));
    const deleted = await store.delete(configMapKey('a'), first);
    assert.ok(deleted > first);
    assert.equal(await store.get(configMapKey('a')), undefined);
    const again = await store.create(configMapKey('a'), text('3'));
    assert.equal((await store.get(configMapKey('a')))?.createRevision, again);
  });

  given('an update needs the newest revision and keeps the creation', async (store) => {
    const created = await store.create(configMapKey('a'), text('1'));
    const updated = await store.update(configMapKey('a'), text('2'), created);
    await assert.rejects(
      store.update(configMapKey('a'), text('3'), created),
      failsWith('conflict', { revision: updated }),
    );
    await assert.rejects(store.delete(configMapKey('a'), created), failsWith('conflict', { revision: updated }));
    const found = await store.get(configMapKey('a'));
    assert.deepEqual([found?.createRevision, found?.modRevision], [created, updated]);
    assert.equal(found?.value.toString(), '2');
  });

  given('what is not there can be neither updated nor deleted', async (store) => {
    await assert.rejects(store.update(configMapKey('a'), text('1'), 1), failsWith('notFound'));
    await assert.rejects(store.delete(configMapKey('a'), 1), failsWith('notFound'));
  });

  given('of many writers with the same expectation exactly one wins', async (store) => {
    const created = await store.create(configMapKey('a'), text('0'));
    const tries = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) => store.update(configMapKey('a'), text(`${i}`), created)),
    );
    assert.equal(tries.filter((one) => one.status === 'fulfilled').length, 1);
    for (const one of tries) if (one.status === 'rejected') failsWith('conflict')(one.reason);
  });

  given('writes of one turn get different revisions, ascending where nobody else writes', async (store) => {
    const revisions = await Promise.all(
      Array.from({ length: 100 }, (_, i) => store.create(configMapKey(`n${i}`), text('x'))),
    );
    assert.equal(new Set(revisions).size, revisions.length);
    if (exceptions.sharedCounter) return;
    for (let i = 1; i < revisions.length; i++) assert.ok((revisions[i] as number) > (revisions[i - 1] as number));
  });

  given('a get sees an accepted write at once; durable() waits for it', async (store) => {
    const writing = store.create(configMapKey('a'), text('1'));
    const early = await store.get(configMapKey('a'));
    if (early !== undefined) await store.durable(early.modRevision);
    const revision = await writing;
    await store.durable(revision);
    assert.ok(store.revision >= revision);
    await assert.rejects(store.durable(store.revision + 1_000), failsWith('futureRevision'));
  });

  given(
    'what refuses a write, and that nothing is there, is told only when a crash cannot undo it',
    async (store) => {
      const refused = async (trying: Promise<unknown>): Promise<void> => {
        const error = await trying.then(
          () => undefined,
          (reason: unknown) => reason,
        );
        assert.ok(error instanceof StorageError && error.revision !== undefined);
        assert.ok(store.revision >= error.revision, `told of ${error.revision} when ${store.revision} was durable`);
      };
      const creating = store.create(configMapKey('a'), text('1'));
      await refused(store.create(configMapKey('a'), text('2')));
      const created = await creating;
      const updating = store.update(configMapKey('a'), text('3'), created);
      await refused(store.update(configMapKey('a'), text('4'), created - 1));
      const deleting = store.delete(configMapKey('a'), await updating);
      const found = await store.get(configMapKey('a'));
      if (found === undefined) assert.ok(store.revision > (await updating), 'the deletion is durable');
      await deleting;
    },
    exceptions.sharedCounter,
  );

  given('a chain of writes to one key may run without waiting', async (store) => {
    const created = await store.create(configMapKey('a'), text('0'));
    const chain: Promise<number>[] = [];
    let newest = created;
    for (let i = 1; i <= 20; i++) {
      chain.push(store.update(configMapKey('a'), text(`${i}`), newest));
      const found = await store.get(configMapKey('a'));
      if (found?.modRevision === newest) newest = await (chain[chain.length - 1] as Promise<number>);
      else newest = found?.modRevision ?? 0;
    }
    await Promise.all(chain);
    assert.equal((await store.get(configMapKey('a')))?.value.toString(), '20');
  });

  given('a value beyond the limit is refused with upstream’s text, one at the limit is taken', async (store) => {
    await assert.rejects(
      store.create(configMapKey('a'), Buffer.alloc(VALUE_BYTES_MAX + 1)),
      (error) => failsWith('tooLarge')(error) && (error as Error).message === 'etcdserver: request is too large',
    );
    const large = Buffer.alloc(1_500_000, 7);
    const revision = await store.create(configMapKey('b'), large);
    assert.ok((await store.get(configMapKey('b')))?.value.equals(large));
    await store.update(configMapKey('b'), Buffer.alloc(0), revision);
    assert.equal((await store.get(configMapKey('b')))?.value.length, 0);
  });

  given('values are bytes, whatever they hold', async (store) => {
    const bytes = Buffer.from(Array.from({ length: 512 }, (_, i) => i & 255));
    await store.create(configMapKey('a'), bytes);
    assert.ok((await store.get(configMapKey('a')))?.value.equals(bytes));
    assert.ok((await store.list(PREFIX)).items[0]?.value.equals(bytes));
  });
}

function lists(given: Given): void {
  const names = (items: readonly { key: StoreKey }[]): string[] => items.map((item) => item.key.slice(PREFIX.length));

  given('a list has the keys of its prefix in byte order, in pages when asked', async (store) => {
    for (const name of ['b', 'a-1', 'a', 'a.1', 'a0', 'c']) await store.create(configMapKey(name), text(name));
    await store.create('/registry/core/configmapsx/root/default/z' as StoreKey, text('other'));
    const all = await store.list(PREFIX);
    const expected = ['a', 'a-1', 'a.1', 'a0', 'b', 'c'].map((name) => `root/default/${name}`);
    assert.deepEqual(names(all.items), expected);
    assert.equal(all.more, false);
    const first = await store.list(PREFIX, { limit: 4 });
    assert.deepEqual(names(first.items), expected.slice(0, 4));
    assert.equal(first.more, true);
    const rest = await store.list(PREFIX, { limit: 2, after: first.items[3]?.key as StoreKey });
    assert.deepEqual(names(rest.items), expected.slice(4));
    assert.equal(rest.more, false);
  });

  given('a list at an older revision shows what was then', async (store) => {
    const a = await store.create(configMapKey('a'), text('a1'));
    const b = await store.create(configMapKey('b'), text('b1'));
    const a2 = await store.update(configMapKey('a'), text('a2'), a);
    const gone = await store.delete(configMapKey('b'), b);
    await store.create(configMapKey('c'), text('c1'));
    await store.delete(configMapKey('a'), a2);
    const at = async (revision: number): Promise<string[]> => {
      const list = await store.list(PREFIX, { at: revision });
      assert.equal(list.revision, revision);
      return list.items.map((item) => `${item.value.toString()}@${item.modRevision}/${item.createRevision}`);
    };
    assert.deepEqual(await at(a), [`a1@${a}/${a}`]);
    assert.deepEqual(await at(b), [`a1@${a}/${a}`, `b1@${b}/${b}`]);
    assert.deepEqual(await at(a2), [`a2@${a2}/${a}`, `b1@${b}/${b}`]);
    assert.deepEqual(await at(gone), [`a2@${a2}/${a}`]);
  });

  given('pages of an older revision fit together while writers go on', async (store) => {
    for (let i = 0; i < 20; i++) await store.create(configMapKey(`n${10 + i}`), text('old'));
    const { revision } = await store.list(PREFIX, { limit: 1 });
    for (let i = 0; i < 20; i += 2) {
      const found = await store.get(configMapKey(`n${10 + i}`));
      await store.delete(configMapKey(`n${10 + i}`), found?.modRevision ?? 0);
      await store.create(configMapKey(`n${10 + i}a`), text('new'));
    }
    const seen: string[] = [];
    let after: StoreKey | undefined;
    for (;;) {
      const page = await store.list(PREFIX, { at: revision, limit: 3, ...(after === undefined ? {} : { after }) });
      seen.push(...names(page.items));
      if (!page.more) break;
      after = page.items[page.items.length - 1]?.key;
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 20 }, (_, i) => `root/default/n${10 + i}`),
    );
  });

  given('a list of the future is refused, and so is one before the compacted revision', async (store) => {
    const a = await store.create(configMapKey('a'), text('1'));
    const b = await store.update(configMapKey('a'), text('2'), a);
    await assert.rejects(store.list(PREFIX, { at: b + 1_000 }), failsWith('futureRevision'));
    await store.compact(b);
    assert.equal(store.compactedRevision, b);
    await assert.rejects(store.list(PREFIX, { at: a }), failsWith('compacted', { revision: b }));
    assert.equal((await store.list(PREFIX, { at: b })).items[0]?.value.toString(), '2');
    assert.equal((await store.get(configMapKey('a')))?.modRevision, b);
  });
}

function watches(given: Given, exceptions: ContractExceptions): void {
  given('a watch hears each change once, in order, with what it replaced', async (store) => {
    const watch = await RecordedWatch.start(store, PREFIX, store.revision);
    const key = configMapKey('a');
    const r1 = await store.create(key, text('1'));
    const r2 = await store.update(key, text('2'), r1);
    const r3 = await store.delete(key, r2);
    await watch.reaches(r3);
    assert.deepEqual(watch.lines(), [
      `${r1} put ${key}=1@${r1}/${r1} (new)`,
      `${r2} put ${key}=2@${r2}/${r1} (was 1@${r1})`,
      `${r3} delete ${key} (was 2@${r2})`,
    ]);
  });

  given('a watch from an older revision hears the history first, the same as a live one', async (store) => {
    const live = await RecordedWatch.start(store, PREFIX, store.revision);
    const r1 = await store.create(configMapKey('a'), text('1'));
    const r2 = await store.create(configMapKey('b'), text('1'));
    const r3 = await store.update(configMapKey('a'), text('2'), r1);
    const r4 = await store.delete(configMapKey('a'), r3);
    const r5 = await store.create(configMapKey('a'), text('3'));
    await live.reaches(r5);
    const late = await RecordedWatch.start(store, PREFIX, r1);
    await late.reaches(r5);
    assert.deepEqual(late.lines(), live.lines().slice(1));
    const r6 = await store.delete(configMapKey('b'), r2);
    await Promise.all([late.reaches(r6), live.reaches(r6)]);
    assert.deepEqual(late.lines(), live.lines().slice(1));
    assert.ok(r4 < r5);
  });

  given('a watch hears of a write no later than the writer', async (store) => {
    const watch = await RecordedWatch.start(store, PREFIX, store.revision);
    const revision = await store.create(configMapKey('a'), text('1'));
    await watch.reaches(revision);
  });

  given('a watch hears nothing of other prefixes, and nothing after it was stopped', async (store) => {
    const watch = await RecordedWatch.start(store, PREFIX, store.revision);
    await store.create('/registry/core/configmapsx/root/default/a' as StoreKey, text('1'));
    const r1 = await store.create(configMapKey('a'), text('1'));
    await watch.reaches(r1);
    watch.stop();
    await store.delete(configMapKey('a'), r1);
    assert.equal(watch.events.length, 1);
    assert.equal(watch.closedWith, undefined);
  });

  given('a watch from a forgotten revision is told so, from the compacted one it works', async (store) => {
    const r1 = await store.create(configMapKey('a'), text('1'));
    const r2 = await store.update(configMapKey('a'), text('2'), r1);
    const r3 = await store.update(configMapKey('a'), text('3'), r2);
    await store.compact(r2);
    await assert.rejects(RecordedWatch.start(store, PREFIX, r1), failsWith('compacted', { revision: r2 }));
    await assert.rejects(RecordedWatch.start(store, PREFIX, r3 + 1_000), failsWith('futureRevision'));
    const watch = await RecordedWatch.start(store, PREFIX, r2);
    await watch.reaches(r3);
    assert.deepEqual(watch.lines(), [`${r3} put ${configMapKey('a')}=3@${r3}/${r1} (was 2@${r2})`]);
  });

  // etcd looks up what a change replaced when it tells of it: compacted at once, that ends the watch as `compacted`.
  given(
    'compaction does not take a deletion from a live watch',
    async (store) => {
      const r1 = await store.create(configMapKey('a'), text('1'));
      const watch = await RecordedWatch.start(store, PREFIX, r1);
      const deleting = store.delete(configMapKey('a'), r1);
      const r2 = await deleting;
      await store.compact(r2);
      await watch.reaches(r2);
      assert.deepEqual(watch.lines(), [`${r2} delete ${configMapKey('a')} (was 1@${r1})`]);
    },
    exceptions.sharedCounter,
  );
}

function endings(given: Given): void {
  given('compaction refuses the future and what is already forgotten', async (store) => {
    const r1 = await store.create(configMapKey('a'), text('1'));
    const r2 = await store.update(configMapKey('a'), text('2'), r1);
    await assert.rejects(store.compact(r2 + 1_000), failsWith('futureRevision'));
    await store.compact(r2);
    await assert.rejects(store.compact(r1), failsWith('compacted', { revision: r2 }));
  });

  given('close waits for accepted writes, ends watches, and is the end', async (store) => {
    const watch = await RecordedWatch.start(store, PREFIX, store.revision);
    const writing = store.create(configMapKey('a'), text('1'));
    await store.get(configMapKey('a'));
    await store.close();
    const revision = await writing;
    assert.equal(watch.events[0]?.revision, revision);
    assert.ok(isStorageError(watch.closedWith, 'unavailable'));
    await assert.rejects(store.get(configMapKey('a')), failsWith('unavailable'));
    await assert.rejects(store.create(configMapKey('b'), text('1')), failsWith('unavailable'));
    await assert.rejects(store.list(PREFIX), failsWith('unavailable'));
    await store.close();
  });
}

function snapshots(given: Given, skip: boolean): void {
  let directory = '';
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'kcp-contract-'));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  given(
    'a snapshot is written while writers go on, and nothing but the finished file is left',
    async (store) => {
      for (let i = 0; i < 50; i++) await store.create(configMapKey(`n${i}`), text('x'));
      const file = join(directory, 'snapshot');
      const done = store.snapshot(file);
      const writing = Promise.all(Array.from({ length: 50 }, (_, i) => store.create(configMapKey(`m${i}`), text('y'))));
      await Promise.all([done, writing]);
      const { readdirSync, statSync } = await import('node:fs');
      assert.deepEqual(readdirSync(directory), ['snapshot']);
      assert.ok(statSync(file).size > 50 * 24);
    },
    skip,
  );
}

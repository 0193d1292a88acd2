import assert from 'node:assert/strict';
import { describe as suite, test } from 'node:test';
import { ALL_CLUSTERS, type ClusterName, ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import type { CacheEvent, CacheWatcher, ResourceCache, WatchCache } from '../cache.js';
import { isStorageError } from '../errors.js';
import { type ObjectKey, objectKey } from '../key.js';
import type { Store } from '../store.js';
import { createWatchCache, type WatchCacheOptions } from '../watch-cache/watch-cache.js';
import type { StoreUnderTest } from './store-contract.js';
import { CONFIG_MAPS, configMapValue } from './store-driver.js';

const TENANT = 'tenant' as ClusterName;
const NO_ABORT = new AbortController().signal;

/** A watcher that writes down what it hears; it accepts until `appetite` is used up. */
class RecordedWatcher implements CacheWatcher {
  readonly lines: string[] = [];
  readonly events: CacheEvent[] = [];
  progressed = 0;
  ended: string | undefined;
  appetite = Number.POSITIVE_INFINITY;

  event(event: CacheEvent): boolean {
    this.events.push(event);
    const { cluster, namespace, name } = event.object.key;
    this.lines.push(`${event.type} ${cluster}/${namespace}/${name}`);
    return --this.appetite > 0;
  }

  progress(revision: number): void {
    this.progressed = revision;
  }

  closed(reason: string): void {
    this.ended = reason;
  }
}

interface Scene {
  readonly store: Store;
  readonly cache: WatchCache;
  readonly maps: ResourceCache;
}

/** Writes through the store and waits until the cache shows it. */
class Writer {
  readonly #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  async put(name: string, data: string, namespace = 'default', cluster = ROOT_CLUSTER): Promise<number> {
    const key = objectKey(CONFIG_MAPS, { cluster, namespace, name });
    const value = configMapValue(name, data, namespace);
    const found = await this.#scene.store.get(key);
    const { store } = this.#scene;
    return this.#shown(
      await (found === undefined ? store.create(key, value) : store.update(key, value, found.modRevision)),
    );
  }

  async remove(name: string, namespace = 'default', cluster = ROOT_CLUSTER): Promise<number> {
    const key = objectKey(CONFIG_MAPS, { cluster, namespace, name });
    return this.#shown(await this.#scene.store.delete(key, (await this.#scene.store.get(key))?.modRevision ?? 0));
  }

  async #shown(revision: number): Promise<number> {
    await this.#scene.cache.waitFor(revision, NO_ABORT);
    return revision;
  }
}

const key = (name: string, namespace = 'default', cluster = ROOT_CLUSTER): ObjectKey => ({ cluster, namespace, name });
const names = (items: readonly { key: ObjectKey }[]): string[] =>
  items.map((item) => `${item.key.cluster}/${item.key.namespace}/${item.key.name}`);
const dataOf = (bytes: Buffer | undefined): unknown => JSON.parse(bytes?.toString() ?? 'null')?.data?.data;
const versionOf = (bytes: Buffer | undefined): unknown =>
  JSON.parse(bytes?.toString() ?? 'null')?.metadata?.resourceVersion;

/** The contract of the watch cache as tests, in front of any engine. */
export function runWatchCacheContractTests(name: string, makeStore: () => Promise<StoreUnderTest>): void {
  const given: Given = (title, story, options = {}) => {
    test(title, async () => {
      const { store, dispose } = await makeStore();
      const cache = await createWatchCache(store, { progressIntervalMs: 0, ...options });
      try {
        const scene = { store, cache, maps: await cache.resource(CONFIG_MAPS) };
        await story(scene, new Writer(scene));
      } finally {
        await cache.close();
        await store.close();
        await dispose();
      }
    });
  };
  suite(`watch cache contract: ${name}`, () => {
    reads(given);
    watching(given);
    slowWatchers(given);
    lifeCycle(given);
  });
}

type Given = (
  title: string,
  story: (scene: Scene, writer: Writer) => Promise<void>,
  options?: WatchCacheOptions,
) => void;

function reads(given: Given): void {
  given('an object is served as final bytes with its resourceVersion', async ({ maps }, writer) => {
    const revision = await writer.put('a', '1');
    const found = maps.get(key('a'));
    assert.equal(found?.revision, revision);
    assert.equal(versionOf(found?.bytes), String(revision));
    assert.deepEqual(found?.key, key('a'));
    assert.equal(maps.get(key('b')), undefined);
    assert.ok(maps.revision >= revision);
  });

  given('lists are scoped, ordered and counted', async ({ maps }, writer) => {
    await writer.put('b', '1');
    await writer.put('a', '1');
    await writer.put('a', '1', 'kube-system');
    await writer.put('a', '1', 'default', TENANT);
    assert.deepEqual(names(maps.list(ROOT_CLUSTER, 'default').items), ['root/default/a', 'root/default/b']);
    assert.deepEqual(names(maps.list(TENANT, '').items), ['tenant/default/a']);
    assert.deepEqual(names(maps.list(ALL_CLUSTERS, 'default').items), [
      'root/default/a',
      'root/default/b',
      'tenant/default/a',
    ]);
    assert.equal(maps.list(ALL_CLUSTERS, '').items.length, 4);
    assert.deepEqual(
      [maps.count(ROOT_CLUSTER, ''), maps.count(TENANT, ''), maps.count(ALL_CLUSTERS, 'default')],
      [3, 1, 3],
    );
  });

  given(
    'pages of one state fit together, with what remains, while it is overwritten',
    async ({ maps }, writer) => {
      for (let i = 0; i < 10; i++) await writer.put(`n${i}`, 'old');
      const first = maps.list(ROOT_CLUSTER, '', { limit: 4 });
      assert.equal(first.remaining, 6);
      for (let i = 0; i < 10; i += 2) await writer.remove(`n${i}`);
      await writer.put('n55', 'new');
      const after = first.items[3]?.key as ObjectKey;
      const rest = maps.list(ROOT_CLUSTER, '', { at: first.revision, limit: 6, after });
      assert.deepEqual(
        names(rest.items),
        ['n4', 'n5', 'n6', 'n7', 'n8', 'n9'].map((name) => `root/default/${name}`),
      );
      assert.deepEqual([rest.remaining, rest.revision], [0, first.revision]);
    },
    { ringEventsMax: 2 },
  );

  given(
    'an older revision within the history can be listed, a forgotten one not',
    async ({ maps }, writer) => {
      const r1 = await writer.put('a', '1');
      const r2 = await writer.put('a', '2');
      const r3 = await writer.remove('a');
      const r4 = await writer.put('b', '1');
      const at = (revision: number): unknown[] =>
        maps.list(ROOT_CLUSTER, '', { at: revision }).items.map((item) => [dataOf(item.bytes), versionOf(item.bytes)]);
      assert.deepEqual(at(r2), [['2', String(r2)]]);
      assert.deepEqual(at(r3), []);
      assert.deepEqual(at(r4), [['1', String(r4)]]);
      assert.throws(
        () => at(r1 - 1),
        (error) => isStorageError(error, 'compacted'),
      );
      assert.throws(
        () => at(r4 + 1_000),
        (error) => isStorageError(error, 'futureRevision'),
      );
    },
    { ringEventsMax: 3 },
  );
}

function watching(given: Given): void {
  given('watchers get the events of their scope, history first', async ({ maps }, writer) => {
    const start = maps.revision;
    await writer.put('a', '1');
    const watchers = {
      all: new RecordedWatcher(),
      root: new RecordedWatcher(),
      namespace: new RecordedWatcher(),
      everyDefault: new RecordedWatcher(),
    };
    maps.watch(ALL_CLUSTERS, '', start, watchers.all);
    maps.watch(ROOT_CLUSTER, '', start, watchers.root);
    maps.watch(ROOT_CLUSTER, 'kube-system', start, watchers.namespace);
    maps.watch(ALL_CLUSTERS, 'default', start, watchers.everyDefault);
    await writer.put('a', '2');
    await writer.put('s', '1', 'kube-system');
    await writer.put('t', '1', 'default', TENANT);
    await writer.remove('a');
    const changes = ['ADDED root/default/a', 'MODIFIED root/default/a', 'DELETED root/default/a'];
    assert.deepEqual(watchers.root.lines, [...changes.slice(0, 2), 'ADDED root/kube-system/s', changes[2]]);
    assert.deepEqual(watchers.namespace.lines, ['ADDED root/kube-system/s']);
    assert.deepEqual(watchers.everyDefault.lines, [...changes.slice(0, 2), 'ADDED tenant/default/t', changes[2]]);
    assert.equal(watchers.all.lines.length, 5);
    assert.equal(watchers.all.events[1], watchers.root.events[1], 'watchers share one event');
  });

  given('a deletion carries the last state with the revision of the deletion', async ({ maps }, writer) => {
    const watcher = new RecordedWatcher();
    maps.watch(ROOT_CLUSTER, '', maps.revision, watcher);
    const r1 = await writer.put('a', '1');
    const r2 = await writer.put('a', '2');
    const r3 = await writer.remove('a');
    const [added, modified, deleted] = watcher.events;
    assert.deepEqual([added?.revision, modified?.revision, deleted?.revision], [r1, r2, r3]);
    assert.deepEqual([dataOf(deleted?.object.bytes), versionOf(deleted?.object.bytes)], ['2', String(r3)]);
    assert.equal(versionOf(deleted?.previous?.bytes), String(r2));
    assert.equal(added?.previousAtEvent(), undefined);
    const left = modified?.previousAtEvent();
    assert.deepEqual([dataOf(left?.bytes), versionOf(left?.bytes)], ['1', String(r2)]);
  });

  given(
    'a watch from before the history or from the future is refused',
    async ({ maps }, writer) => {
      for (let i = 0; i < 10; i++) await writer.put('a', String(i));
      const start = (from: number) => () => maps.watch(ROOT_CLUSTER, '', from, new RecordedWatcher());
      assert.throws(start(maps.revision - 6), (error) => isStorageError(error, 'compacted'));
      assert.throws(start(maps.revision + 1), (error) => isStorageError(error, 'futureRevision'));
      assert.doesNotThrow(start(maps.revision - 5));
    },
    { ringEventsMax: 5 },
  );

  given('a stopped watcher hears nothing more', async ({ maps }, writer) => {
    const watcher = new RecordedWatcher();
    const watch = maps.watch(ROOT_CLUSTER, '', maps.revision, watcher);
    const seen = await writer.put('a', '1');
    watch.stop();
    await writer.put('a', '2');
    assert.equal(watcher.lines.length, 1);
    assert.equal(watch.position, seen);
    assert.equal(watcher.ended, undefined);
  });
}

function slowWatchers(given: Given): void {
  given('a watcher that has enough goes on where it stopped', async ({ maps }, writer) => {
    const watcher = new RecordedWatcher();
    const watch = maps.watch(ROOT_CLUSTER, '', maps.revision, watcher);
    watcher.appetite = 2;
    const revisions: number[] = [];
    for (let i = 0; i < 5; i++) revisions.push(await writer.put('a', String(i)));
    assert.deepEqual(
      watcher.events.map((event) => event.revision),
      revisions.slice(0, 2),
    );
    assert.equal(watch.position, (revisions[2] as number) - 1);
    watcher.appetite = 1;
    watch.resume();
    assert.deepEqual(
      watcher.events.map((event) => event.revision),
      revisions.slice(0, 3),
    );
    watcher.appetite = 100;
    watch.resume();
    const last = await writer.put('a', 'last');
    assert.deepEqual(
      watcher.events.map((event) => event.revision),
      [...revisions, last],
    );
    assert.equal(watch.position, maps.revision);
    assert.equal(watcher.progressed, revisions[4]);
  });

  given(
    'a watcher whose place leaves the history is closed, one of another scope is not',
    async ({ maps }, writer) => {
      const slow = new RecordedWatcher();
      const elsewhere = new RecordedWatcher();
      const healthy = new RecordedWatcher();
      const from = maps.revision;
      slow.appetite = 1;
      elsewhere.appetite = 1;
      maps.watch(ROOT_CLUSTER, '', from, slow);
      const other = maps.watch(TENANT, '', from, elsewhere);
      maps.watch(ALL_CLUSTERS, '', from, healthy);
      await writer.put('t', '1', 'default', TENANT);
      for (let i = 0; i < 20; i++) await writer.put('a', String(i));
      assert.equal(slow.ended, 'tooSlow');
      assert.equal(elsewhere.ended, undefined);
      elsewhere.appetite = 10;
      other.resume();
      await writer.put('t', '2', 'default', TENANT);
      assert.deepEqual(elsewhere.lines, ['ADDED tenant/default/t', 'MODIFIED tenant/default/t']);
      assert.equal(healthy.lines.length, 22);
    },
    { ringEventsMax: 4 },
  );

  given(
    'a watcher that falls behind within a commit larger than the history is closed, not passed over in silence',
    async ({ maps, store }) => {
      const slow = new RecordedWatcher();
      slow.appetite = 2;
      const watch = maps.watch(ROOT_CLUSTER, '', maps.revision, slow);
      const all = Array.from({ length: 40 }, (_, i) =>
        store.create(objectKey(CONFIG_MAPS, key(`n${i}`)), configMapValue(`n${i}`, 'x')),
      );
      await Promise.all(all);
      assert.equal(slow.ended, 'tooSlow');
      slow.appetite = 100;
      watch.resume();
      assert.equal(slow.lines.length, 2);
    },
    { ringEventsMax: 3 },
  );

  given(
    'a commit larger than the history loses no event of a healthy watcher',
    async ({ maps, store, cache }) => {
      const healthy = new RecordedWatcher();
      maps.watch(ROOT_CLUSTER, '', maps.revision, healthy);
      const all = Array.from({ length: 40 }, (_, i) =>
        store.create(objectKey(CONFIG_MAPS, key(`n${i}`)), configMapValue(`n${i}`, 'x')),
      );
      const revisions = await Promise.all(all);
      await cache.waitFor(Math.max(...revisions), NO_ABORT);
      assert.deepEqual(
        healthy.events.map((event) => event.revision),
        revisions.sort((a, b) => a - b),
      );
    },
    { ringEventsMax: 3 },
  );
}

function lifeCycle(given: Given): void {
  given(
    'a resource asked for while writers go on is complete, and its history reaches back',
    async ({ store, cache }) => {
      const secrets = { ...CONFIG_MAPS, resource: 'secrets' };
      const from = cache.revision;
      const put = (i: number): Promise<number> =>
        store.create(objectKey(secrets, key(`n${i}`)), configMapValue(`n${i}`, 'x'));
      await Promise.all(Array.from({ length: 20 }, (_, i) => put(i)));
      const loading = cache.resource(secrets);
      const revisions = await Promise.all(Array.from({ length: 20 }, (_, i) => put(100 + i)));
      const loaded = await loading;
      await cache.waitFor(Math.max(...revisions), NO_ABORT);
      assert.equal(loaded.count(ROOT_CLUSTER, ''), 40);
      const watcher = new RecordedWatcher();
      loaded.watch(ROOT_CLUSTER, '', from, watcher);
      assert.equal(watcher.lines.length, 40);
      assert.equal(new Set(watcher.lines).size, 40);
    },
  );

  given('a forgotten resource closes its watchers and may come back', async ({ maps, cache }, writer) => {
    const watcher = new RecordedWatcher();
    maps.watch(ROOT_CLUSTER, '', maps.revision, watcher);
    const before = await writer.put('a', '1');
    cache.forget(CONFIG_MAPS);
    assert.equal(watcher.ended, 'gone');
    assert.equal(cache.loaded(CONFIG_MAPS), undefined);
    const later = await writer.put('b', '1');
    const again = await cache.resource(CONFIG_MAPS);
    assert.equal(again.count(ROOT_CLUSTER, ''), 2);
    assert.throws(
      () => again.watch(ROOT_CLUSTER, '', before - 1, new RecordedWatcher()),
      (error) => isStorageError(error, 'compacted'),
    );
    const resumed = new RecordedWatcher();
    again.watch(ROOT_CLUSTER, '', before, resumed);
    assert.deepEqual(
      resumed.events.map((event) => event.revision),
      [later],
    );
  });

  given('who waits for a revision is woken, or leaves with his reason', async ({ cache }, writer) => {
    const abort = new AbortController();
    const next = cache.revision + 1;
    const woken = cache.waitFor(next, NO_ABORT);
    const left = cache.waitFor(next + 1_000, abort.signal);
    await writer.put('a', '1');
    await woken;
    abort.abort(new Error('my reason'));
    await assert.rejects(left, /my reason/);
  });

  given('a cache closes when its store does', async ({ store, maps, cache }) => {
    const watcher = new RecordedWatcher();
    maps.watch(ROOT_CLUSTER, '', maps.revision, watcher);
    const waiting = assert.rejects(cache.waitFor(maps.revision + 1, NO_ABORT), (error) =>
      isStorageError(error, 'unavailable'),
    );
    await store.close();
    await waiting;
    assert.equal(watcher.ended, 'closed');
    await assert.rejects(cache.resource({ ...CONFIG_MAPS, resource: 'secrets' }), (error) =>
      isStorageError(error, 'unavailable'),
    );
  });

  let thrown: unknown;
  given(
    'a watcher that throws ends alone',
    async ({ maps }, writer) => {
      const bad = new RecordedWatcher();
      bad.event = () => {
        throw new Error('bad watcher');
      };
      const good = new RecordedWatcher();
      maps.watch(ROOT_CLUSTER, '', maps.revision, bad);
      maps.watch(ROOT_CLUSTER, '', maps.revision, good);
      await writer.put('a', '1');
      await writer.put('a', '2');
      assert.equal(good.lines.length, 2);
      assert.match(String(thrown), /bad watcher/);
    },
    {
      onWatcherError: (error) => {
        thrown = error;
      },
    },
  );
}

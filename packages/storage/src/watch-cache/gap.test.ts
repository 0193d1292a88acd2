import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALL_CLUSTERS, ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import type { CacheWatcher, ResourceCache } from '../cache.js';
import { compactedError } from '../engine/errors.js';
import { StorageError } from '../errors.js';
import type { StoreKey } from '../key.js';
import { createMemoryStore } from '../memory/memory-store.js';
import type { ListOptions, ListResult, Revision, Store, WatchSink } from '../store.js';
import { CONFIG_MAPS, configMapKey, configMapValue } from '../testing/store-driver.js';
import { createWatchCache } from './watch-cache.js';

/** A store elsewhere that can be cut off, and that forgets what happens meanwhile. */
class ForgetfulStore implements Store {
  readonly #inner = createMemoryStore();
  #sink: WatchSink | undefined;
  #deaf = false;
  failingLists = 0;

  get revision(): Revision {
    return this.#inner.revision;
  }

  size(): Promise<number | undefined> {
    return this.#inner.size();
  }

  get failure(): StorageError | undefined {
    return this.#inner.failure;
  }

  get compactedRevision(): Revision {
    return this.#inner.compactedRevision;
  }

  latest = () => this.#inner.latest();
  get = (key: StoreKey) => this.#inner.get(key);
  durable = (revision: Revision) => this.#inner.durable(revision);
  create = (key: StoreKey, value: Buffer) => this.#inner.create(key, value);
  update = (key: StoreKey, value: Buffer, expected: Revision) => this.#inner.update(key, value, expected);
  delete = (key: StoreKey, expected: Revision) => this.#inner.delete(key, expected);
  compact = (revision: Revision) => this.#inner.compact(revision);
  snapshot = (file: string) => this.#inner.snapshot(file);
  close = () => this.#inner.close();

  async list(prefix: StoreKey, options?: ListOptions): Promise<ListResult> {
    if (this.failingLists-- > 0) throw new StorageError('unavailable', 'no answer');
    return this.#inner.list(prefix, options);
  }

  watch(prefix: StoreKey, from: Revision, sink: WatchSink, signal: AbortSignal): Promise<void> {
    this.#deaf = false;
    this.#sink = sink;
    const hearing: WatchSink = {
      events: (events) => {
        if (!this.#deaf && this.#sink === sink) sink.events(events);
      },
      closed: (error) => sink.closed(error),
    };
    return this.#inner.watch(prefix, from, hearing, signal);
  }

  cut(): void {
    this.#deaf = true;
  }

  /** The connection is back, and what was missed is forgotten. */
  forget(): void {
    this.#sink?.closed(compactedError(this.revision));
  }
}

/** Begins anew when it lost its place, as those within a server do. */
class Follower implements CacheWatcher {
  readonly heard: string[] = [];
  readonly #resource: ResourceCache;
  places = 0;

  constructor(resource: ResourceCache) {
    this.#resource = resource;
    this.#follow();
  }

  event({ type, object }: Parameters<CacheWatcher['event']>[0]): boolean {
    this.heard.push(`${type} ${object.key.name}`);
    return true;
  }

  progress(): void {
    this.places += 0;
  }

  closed(reason: string): void {
    if (reason === 'tooSlow') this.#follow();
  }

  #follow(): void {
    this.places++;
    this.#resource.watch(ALL_CLUSTERS, '', this.#resource.revision, this);
  }
}

const never = new AbortController().signal;
const put = (store: Store, name: string): Promise<Revision> =>
  store.create(configMapKey(name), configMapValue(name, 'x'));
const names = (maps: ResourceCache): string[] => maps.list(ROOT_CLUSTER, 'default').items.map(({ key }) => key.name);

test('a cache whose store forgot events reads everything anew, and its watchers begin anew', async () => {
  const store = new ForgetfulStore();
  const cache = await createWatchCache(store, { progressIntervalMs: 0 });
  const gone = await put(store, 'gone');
  await put(store, 'kept');
  const maps = await cache.resource(CONFIG_MAPS);
  const follower = new Follower(maps);

  store.cut();
  await store.delete(configMapKey('gone'), gone);
  const missed = await put(store, 'missed');
  assert.deepEqual(names(maps), ['gone', 'kept'], 'what was not heard cannot be shown');
  store.failingLists = 1;
  store.forget();
  await cache.waitFor(missed, never);
  assert.deepEqual(names(maps), ['kept', 'missed']);
  assert.equal(follower.places, 2);
  assert.throws(() => maps.watch(ROOT_CLUSTER, '', gone, follower), /compacted/, 'nobody resumes across the gap');

  const later = await put(store, 'later');
  await cache.waitFor(later, never);
  assert.deepEqual(follower.heard, ['ADDED later']);
  await cache.close();
  await store.close();
});

test('a resource that is loaded while events are missing is complete as well', async () => {
  const store = new ForgetfulStore();
  const cache = await createWatchCache(store, { progressIntervalMs: 0 });
  await put(store, 'first');
  store.cut();
  await put(store, 'missed');
  const loading = cache.resource(CONFIG_MAPS);
  await new Promise((resolve) => setImmediate(resolve));
  store.forget();
  assert.deepEqual(names(await loading), ['first', 'missed']);
  await cache.close();
  await store.close();
});

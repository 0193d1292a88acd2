import assert from 'node:assert/strict';
import { ALL_CLUSTERS, type ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import fc from 'fast-check';
import type { CacheEvent, WatchCache } from '../cache.js';
import { isStorageError } from '../errors.js';
import { objectKey, resourcePrefix, type StoreKey } from '../key.js';
import type { Revision, Store } from '../store.js';
import { createWatchCache } from '../watch-cache/watch-cache.js';
import { CONFIG_MAPS, configMapValue, RecordedWatch } from './store-driver.js';

/** What a test run does next. Numbers are reduced to what exists: keys, revisions so far. */
export type Step =
  | { readonly what: 'write' | 'delete' | 'stale'; readonly key: number; readonly burst: number }
  | { readonly what: 'list' | 'watch' | 'compact'; readonly revision: number; readonly limit: number }
  | { readonly what: 'restart' };

const KEYS = 12;

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        what: fc.constantFrom('write' as const, 'write' as const, 'delete' as const, 'stale' as const),
        key: fc.nat(KEYS - 1),
        burst: fc.integer({ min: 1, max: 4 }),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        what: fc.constantFrom('list' as const, 'list' as const, 'watch' as const, 'watch' as const, 'compact' as const),
        revision: fc.nat(1_000),
        limit: fc.integer({ min: 1, max: 8 }),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ what: 'restart' as const }) },
  ),
  { minLength: 5, maxLength: 80, size: 'max' },
);

interface Change {
  readonly revision: Revision;
  readonly key: StoreKey;
  /** Undefined for a deletion. */
  readonly value: string | undefined;
}

const PREFIX = resourcePrefix(CONFIG_MAPS);

/**
 * Runs steps against a store, the same store behind the watch cache, and a model so simple that it is right by sight:
 * the list of all changes. Everything that the store still shows must be what the model says; everything that it
 * refuses must be refused as `compacted` and be below the compacted revision.
 */
export class ModelRun {
  readonly #open: () => Promise<Store>;
  readonly #changes: Change[] = [];
  #store: Store;
  #cache: WatchCache;
  #live: RecordedWatch;
  #liveFrom: Revision = 0;
  #count = 0;

  private constructor(open: () => Promise<Store>, store: Store, cache: WatchCache, live: RecordedWatch) {
    this.#open = open;
    this.#store = store;
    this.#cache = cache;
    this.#live = live;
  }

  /** `open` opens the same data again after a close. */
  static async run(open: () => Promise<Store>, script: readonly Step[]): Promise<void> {
    const store = await open();
    const run = new ModelRun(open, store, await cacheOf(store), await RecordedWatch.start(store, PREFIX, 0));
    for (const step of script) await run.#step(step);
    await run.#close();
  }

  async #step(step: Step): Promise<void> {
    if (step.what === 'restart') {
      await this.#close();
      this.#store = await this.#open();
      assert.equal(this.#store.revision, this.#newest(), 'the revision survives');
      this.#cache = await cacheOf(this.#store);
      this.#liveFrom = this.#store.revision;
      this.#live = await RecordedWatch.start(this.#store, PREFIX, this.#liveFrom);
    } else if ('key' in step) await this.#write(step.what, step.key, step.burst);
    else if (step.what === 'compact') await this.#compact(step.revision % (this.#newest() + 1));
    else if (step.what === 'list') await this.#list(step.revision % (this.#newest() + 1), step.limit);
    else await this.#watch(step.revision % (this.#newest() + 1));
  }

  async #write(what: 'write' | 'delete' | 'stale', key: number, burst: number): Promise<void> {
    const writes = Array.from({ length: burst }, (_, i) => this.#writeOne(what, keyOf((key + i) % KEYS)));
    this.#changes.push(...(await Promise.all(writes)).filter((change) => change !== undefined));
    this.#changes.sort((a, b) => a.revision - b.revision);
    assert.equal(this.#store.revision, this.#newest());
  }

  async #writeOne(what: 'write' | 'delete' | 'stale', key: StoreKey): Promise<Change | undefined> {
    const found = await this.#store.get(key);
    const known = this.#stateAt(this.#newest()).get(key);
    assert.equal(found?.modRevision, known?.revision, 'get shows the newest');
    const value = configMapValue('x', `${++this.#count}`);
    if (what === 'stale') {
      const expected = (found?.modRevision ?? 5) - 1;
      const code = found === undefined ? 'notFound' : 'conflict';
      await assert.rejects(this.#store.update(key, value, expected), (error) => isStorageError(error, code));
      return undefined;
    }
    if (what === 'delete') {
      if (found === undefined) return undefined;
      return { revision: await this.#store.delete(key, found.modRevision), key, value: undefined };
    }
    const writing =
      found === undefined ? this.#store.create(key, value) : this.#store.update(key, value, found.modRevision);
    return { revision: await writing, key, value: value.toString() };
  }

  async #compact(revision: Revision): Promise<void> {
    const below = revision < this.#store.compactedRevision;
    if (!below) return this.#store.compact(revision);
    await assert.rejects(this.#store.compact(revision), (error) => isStorageError(error, 'compacted'));
  }

  async #list(at: Revision, limit: number): Promise<void> {
    const expected = [...this.#stateAt(at).values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    const paged = await unlessCompacted(() => this.#pages(at, limit));
    assert.equal(
      paged === undefined,
      at < this.#store.compactedRevision,
      'compacted is said when, and only when, it is so',
    );
    if (paged !== undefined) {
      assert.deepEqual(
        paged,
        expected.map((change) => `${change.revision} ${change.key} ${change.value}`),
      );
    }
    const maps = await this.#cache.resource(CONFIG_MAPS);
    const cached = await unlessCompacted(async () => maps.list(ALL_CLUSTERS, '', { at }).items);
    if (cached === undefined) return;
    const lines = cached.map((item) => `${item.revision} ${objectKey(CONFIG_MAPS, item.key)} ${bare(item.bytes)}`);
    assert.deepEqual(
      lines,
      expected.map((change) => `${change.revision} ${change.key} ${change.value}`),
    );
  }

  async #pages(at: Revision, limit: number): Promise<string[]> {
    const lines: string[] = [];
    let after: StoreKey | undefined;
    for (;;) {
      const page = await this.#store.list(PREFIX, { at, limit, ...(after === undefined ? {} : { after }) });
      lines.push(...page.items.map((item) => `${item.modRevision} ${item.key} ${item.value.toString()}`));
      after = page.items[page.items.length - 1]?.key;
      if (!page.more) return lines;
    }
  }

  async #watch(from: Revision): Promise<void> {
    const expected = this.#changes.filter((change) => change.revision > from);
    const watch = await unlessCompacted(() => RecordedWatch.start(this.#store, PREFIX, from));
    assert.equal(watch === undefined, from < this.#store.compactedRevision);
    watch?.stop();
    if (watch !== undefined) assertEvents(watch, expected);
    const seen: CacheEvent[] = [];
    const maps = await this.#cache.resource(CONFIG_MAPS);
    const watcher = {
      event: (event: CacheEvent) => seen.push(event) > 0,
      progress: () => undefined,
      closed: () => undefined,
    };
    const cacheWatch = await unlessCompacted(async () => maps.watch(ALL_CLUSTERS, '', from, watcher));
    if (cacheWatch === undefined) return;
    cacheWatch.stop();
    assert.deepEqual(
      seen.map((event) => `${event.revision} ${event.type === 'DELETED'} ${objectKey(CONFIG_MAPS, event.object.key)}`),
      expected.map((change) => `${change.revision} ${change.value === undefined} ${change.key}`),
    );
    for (const event of seen) this.#assertPrevious(event);
  }

  #assertPrevious(event: CacheEvent): void {
    const before = this.#stateAt(event.revision - 1).get(objectKey(CONFIG_MAPS, event.object.key));
    assert.equal(event.previous?.revision, before?.revision);
    if (event.previous !== undefined) assert.equal(bare(event.previous.bytes), before?.value);
  }

  #newest(): Revision {
    return this.#changes[this.#changes.length - 1]?.revision ?? 0;
  }

  #stateAt(revision: Revision): Map<StoreKey, Change> {
    const state = new Map<StoreKey, Change>();
    for (const change of this.#changes) {
      if (change.revision > revision) break;
      if (change.value === undefined) state.delete(change.key);
      else state.set(change.key, change);
    }
    return state;
  }

  async #close(): Promise<void> {
    assertEvents(
      this.#live,
      this.#changes.filter((change) => change.revision > this.#liveFrom),
    );
    this.#live.stop();
    await this.#cache.close();
    await this.#store.close();
  }
}

async function cacheOf(store: Store): Promise<WatchCache> {
  return createWatchCache(store, { ringEventsMax: 20, progressIntervalMs: 0 });
}

function assertEvents(watch: RecordedWatch, expected: readonly Change[]): void {
  assert.deepEqual(
    watch.events.map(
      (event) =>
        `${event.revision} ${event.type === 'put' ? `${event.current.key} ${event.current.value.toString()}` : event.previous.key}`,
    ),
    expected.map((change) => `${change.revision} ${change.key}${change.value === undefined ? '' : ` ${change.value}`}`),
  );
}

async function unlessCompacted<T>(attempt: () => Promise<T>): Promise<T | undefined> {
  try {
    return await attempt();
  } catch (error) {
    if (isStorageError(error, 'compacted')) return undefined;
    throw error;
  }
}

/** Final bytes without the resourceVersion: what was stored. */
function bare(bytes: Buffer): string {
  return bytes.toString().replace(/"resourceVersion":"\d+",/, '');
}

function keyOf(index: number): StoreKey {
  const cluster = ['root', 'tenant'][index % 2] as ClusterName;
  return objectKey(CONFIG_MAPS, { cluster, namespace: `ns${index % 3}`, name: `n${index}` });
}

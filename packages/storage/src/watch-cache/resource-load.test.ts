import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALL_CLUSTERS } from '@kcp/apimachinery/meta/cluster-name';
import fc from 'fast-check';
import type { CacheEvent } from '../cache.js';
import { resourcePrefix } from '../key.js';
import { createMemoryStore } from '../memory/memory-store.js';
import type { Store } from '../store.js';
import { CONFIG_MAPS, configMapKey, configMapValue } from '../testing/store-driver.js';
import { createWatchCache } from './watch-cache.js';

const NAMES = 12;
const writes = fc.array(fc.record({ name: fc.nat(NAMES - 1), remove: fc.boolean() }), { maxLength: 6 });

async function write(store: Store, name: number, remove: boolean): Promise<void> {
  const key = configMapKey(`n${10 + name}`);
  const found = await store.get(key);
  const value = configMapValue(`n${10 + name}`, String(store.revision));
  if (found === undefined) await store.create(key, value);
  else if (remove) await store.delete(key, found.modRevision);
  else await store.update(key, value, found.modRevision);
}

/** The store, with writers that get in between any two pages. */
function withWritesBetweenPages(
  store: Store,
  rounds: readonly (readonly { name: number; remove: boolean }[])[],
): Store {
  let round = 0;
  const list: Store['list'] = async (prefix, options) => {
    const page = await store.list(prefix, options);
    for (const { name, remove } of rounds[round++] ?? []) await write(store, name, remove);
    return page;
  };
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'list') return list;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

test('a resource loaded page by page among writers is the newest state, with a history that leads to it', async () => {
  await fc.assert(
    fc.asyncProperty(
      writes,
      fc.array(writes, { maxLength: 8 }),
      fc.integer({ min: 1, max: 4 }),
      async (before, between, page) => {
        const store = createMemoryStore();
        const cache = await createWatchCache(withWritesBetweenPages(store, between), {
          progressIntervalMs: 0,
          loadPageItems: page,
        });
        for (const { name, remove } of before) await write(store, name, remove);
        const maps = await cache.resource(CONFIG_MAPS);
        await write(store, 3, false);

        const expected = (await store.list(resourcePrefix(CONFIG_MAPS))).items;
        assert.deepEqual(
          maps.list(ALL_CLUSTERS, '').items.map((item) => `${item.key.name} ${item.revision} ${item.createRevision}`),
          expected.map((item) => `${item.key.split('/').pop()} ${item.modRevision} ${item.createRevision}`),
        );
        const replayed = new Map<string, number>();
        const seen: CacheEvent[] = [];
        const watcher = {
          event: (event: CacheEvent) => seen.push(event) > 0,
          progress: () => undefined,
          closed: () => undefined,
        };
        maps.watch(ALL_CLUSTERS, '', 0, watcher);
        assert.deepEqual(
          seen.map((event) => event.revision),
          Array.from({ length: store.revision }, (_, i) => i + 1),
        );
        for (const event of seen) {
          assert.equal(event.previous?.revision, replayed.get(event.object.key.name));
          if (event.type === 'DELETED') replayed.delete(event.object.key.name);
          else replayed.set(event.object.key.name, event.revision);
        }
        assert.equal(replayed.size, expected.length);
        await cache.close();
        await store.close();
      },
    ),
    { numRuns: 150 },
  );
});

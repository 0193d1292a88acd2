#!/usr/bin/env node
// Measures the storage package alone: node bench/storage.mjs [objects]. Needs `npm run build`.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { objectKey } from '@kcp/storage/key';
import { openLmdbStore } from '@kcp/storage/lmdb/lmdb-store';
import { createMemoryStore } from '@kcp/storage/memory/memory-store';
import { createWatchCache } from '@kcp/storage/watch-cache/watch-cache';

const OBJECTS = Number(process.argv[2] ?? 100_000);
const CONFIG_MAPS = { group: '', resource: 'configmaps', custom: false, namespaced: true };
const rows = [];
const row = (what, value, unit) => rows.push({ what, value: Number(value.toPrecision(4)), unit });

function keyOf(i) {
  return { cluster: `tenant-${i % 100}`, namespace: 'default', name: `object-${i}` };
}

// An object of about 1 KiB, as the registry stores it.
function objectBytes(i) {
  const metadata = {
    name: `object-${i}`,
    namespace: 'default',
    uid: `00000000-0000-4000-8000-${i}`,
    labels: { app: 'bench' },
  };
  return Buffer.from(
    JSON.stringify({ kind: 'ConfigMap', apiVersion: 'v1', metadata, data: { text: 'x'.repeat(820) } }),
  );
}

async function timed(work) {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1_000;
}

async function writers(store, count, total, from) {
  let next = from;
  const one = async () => {
    while (next < from + total) {
      const i = next++;
      await store.create(objectKey(CONFIG_MAPS, keyOf(i)), objectBytes(i));
    }
  };
  const seconds = await timed(() => Promise.all(Array.from({ length: count }, one)));
  row(`lmdb: durable creates of 1 KiB, ${count} writers`, total / seconds, '/s');
  return from + total;
}

async function lmdbRows(directory) {
  const store = await openLmdbStore({ directory });
  let next = 0;
  for (const [count, total] of [
    [1, 3_000],
    [64, 30_000],
    [256, 40_000],
  ])
    next = await writers(store, count, total, next);
  const gets = 50_000;
  const seconds = await timed(async () => {
    for (let i = 0; i < gets; i++) await store.get(objectKey(CONFIG_MAPS, keyOf(i % next)));
  });
  row('lmdb: gets, one after the other', gets / seconds, '/s');
  const one = Array.from({ length: 5_000 }, (_, i) => i);
  const updating = await timed(async () => {
    for (let at = 0; at < one.length; at += 64) await Promise.all(one.slice(at, at + 64).map((i) => update(store, i)));
  });
  row('lmdb: get + durable update, 64 at a time', one.length / updating, '/s');
  if (next < OBJECTS)
    await Promise.all(
      Array.from({ length: OBJECTS - next }, (_, i) =>
        store.create(objectKey(CONFIG_MAPS, keyOf(next + i)), objectBytes(next + i)),
      ),
    );
  const snapshot = await timed(() => store.snapshot(join(directory, '..', 'snapshot')));
  row(`lmdb: snapshot of ${OBJECTS} objects`, snapshot * 1_000, 'ms');
  await store.close();
  row(
    `lmdb: data.mdb with ${OBJECTS} objects and their history`,
    statSync(join(directory, 'data.mdb')).size / 2 ** 20,
    'MiB',
  );
}

async function update(store, i) {
  const key = objectKey(CONFIG_MAPS, keyOf(i));
  const found = await store.get(key);
  await store.update(key, objectBytes(i), found.modRevision);
}

async function openRows(directory) {
  let store;
  let cache;
  let maps;
  global.gc?.();
  const before = process.memoryUsage();
  const opening = await timed(async () => {
    store = await openLmdbStore({ directory });
  });
  const starting = await timed(async () => {
    cache = await createWatchCache(store);
  });
  const loading = await timed(async () => {
    maps = await cache.resource(CONFIG_MAPS);
    maps.list('*', '', { limit: 500 });
  });
  row(`open with ${OBJECTS} objects: store`, opening * 1_000, 'ms');
  row('  watch cache (reads the latest history)', starting * 1_000, 'ms');
  row('  load of the resource and first list', loading * 1_000, 'ms');
  row('  together', (opening + starting + loading) * 1_000, 'ms');
  if (global.gc !== undefined) {
    for (let i = 0; i < 3; i++) global.gc();
    const after = process.memoryUsage();
    const size = maps.list('*', '', { limit: 1 }).items[0].bytes.length;
    const used = after.heapUsed + after.external - before.heapUsed - before.external;
    row(`memory per object of ${size} B: heap + external`, used / maps.count('*', ''), 'B');
    row('  of it heap', (after.heapUsed - before.heapUsed) / maps.count('*', ''), 'B');
    row('  resident set in all', after.rss / 2 ** 20, 'MiB');
  }
  readRows(maps);
  await cache.close();
  await store.close();
}

function readRows(maps) {
  const measure = (what, times, unit, factor, work) => {
    for (let i = 0; i < times / 10; i++) work(i);
    const start = performance.now();
    for (let i = 0; i < times; i++) work(i);
    row(what, ((performance.now() - start) / times) * factor, unit);
  };
  measure('cache: get', 200_000, 'µs', 1_000, (i) => maps.get(keyOf((i * 7_919) % OBJECTS)));
  measure('cache: list of 10,000', 50, 'ms', 1, () => maps.list('*', '', { limit: 10_000 }));
  measure('cache: count of one cluster', 100_000, 'µs', 1_000, (i) => maps.count(`tenant-${i % 100}`, ''));
  const items = maps.list('*', '', { limit: 10_000 }).items;
  measure('cache: labels of one object, first time', items.length, 'µs', 1_000, (i) => items[i].labels());
}

// The cost of an event in the cache: a memory store with the cache in front against one without.
async function eventRows() {
  const total = 60_000;
  const run = async (watchers, withCache) => {
    const store = createMemoryStore();
    const cache = withCache ? await createWatchCache(store) : undefined;
    const maps = await cache?.resource(CONFIG_MAPS);
    let delivered = 0;
    const watcher = { event: () => ++delivered > 0, progress() {}, closed() {} };
    // Spread over clusters: an event interests a hundredth of them.
    for (let i = 0; i < watchers; i++) maps.watch(`tenant-${i % 100}`, '', maps.revision, watcher);
    const values = Array.from({ length: total }, (_, i) => objectBytes(i));
    const seconds = await timed(async () => {
      for (let at = 0; at < total; at += 64) {
        const batch = values.slice(at, at + 64);
        await Promise.all(batch.map((value, i) => store.create(objectKey(CONFIG_MAPS, keyOf(at + i)), value)));
      }
    });
    await cache?.close();
    await store.close();
    return { perEvent: (seconds / total) * 1e6, delivered };
  };
  await run(0, true);
  const bare = await run(0, false);
  row('memory store alone: create', bare.perEvent, 'µs');
  for (const watchers of [0, 100, 10_000]) {
    const { perEvent } = await run(watchers, true);
    row(`cache: cost of an event, ${watchers} watchers over 100 clusters`, perEvent - bare.perEvent, 'µs');
  }
}

// Each part runs in a process of its own, so that none pays for the garbage of the one before.
const parts = { lmdbRows, openRows, eventRows };
const [part, directory] = process.argv.slice(3);
if (part !== undefined) {
  await parts[part](directory);
  console.log(JSON.stringify(rows));
  process.exit(0);
}
const base = mkdtempSync(join(tmpdir(), 'kcp-bench-'));
try {
  for (const name of Object.keys(parts)) {
    const args = ['--expose-gc', fileURLToPath(import.meta.url), String(OBJECTS), name, join(base, 'data')];
    rows.push(...JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })));
  }
} finally {
  rmSync(base, { recursive: true, force: true });
}
console.log(`${cpus().length} × ${cpus()[0]?.model}, Node.js ${process.version}, ${OBJECTS} objects`);
const width = Math.max(...rows.map((one) => one.what.length));
for (const { what, value, unit } of rows) console.log(`${what.padEnd(width)}  ${String(value).padStart(9)} ${unit}`);

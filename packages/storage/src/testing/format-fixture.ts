import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { DATA_FILE } from '../lmdb/data-file.js';
import { openLmdbStore } from '../lmdb/lmdb-store.js';
import type { Revision, Store } from '../store.js';
import { configMapKey } from './store-driver.js';

/**
 * Data that a version of this program wrote, kept for ever: a folder for each format, with the data file and a snapshot,
 * both compressed. `node packages/storage/dist/testing/write-format-fixture.js N` made each when N was new.
 */
export const FORMATS = fileURLToPath(new URL('../../fixtures/formats', import.meta.url));

/** What every fixture holds: values by name with the revision of their last write. */
export const HELD: readonly (readonly [name: string, value: string, revision: Revision])[] = [
  ['changed', '{"kind":"ConfigMap","data":{"v":"2"}}', 3],
  ['kept', '{}', 5],
  ['large', `{"kind":"ConfigMap","data":{"v":"${'x'.repeat(5_000)}"}}`, 6],
  ['plain', '{"kind":"ConfigMap","data":{"v":"ü \\u0000"}}', 1],
];
/** And what happened last: a deletion. */
export const LAST_REVISION = 7;

/** Writes what a fixture holds into a new store. */
export async function fill(store: Store): Promise<void> {
  const text = (name: string): Buffer => Buffer.from(HELD.find(([known]) => known === name)?.[1] ?? '');
  await store.create(configMapKey('plain'), text('plain'));
  const created = await store.create(configMapKey('changed'), Buffer.from('{"kind":"ConfigMap","data":{"v":"1"}}'));
  await store.update(configMapKey('changed'), text('changed'), created);
  await store.create(configMapKey('gone'), Buffer.from('{}'));
  await store.create(configMapKey('kept'), text('kept'));
  await store.create(configMapKey('large'), text('large'));
  await store.delete(configMapKey('gone'), 4);
}

/** Makes the fixture of the present format in `folder`, by way of `scratch`. */
export async function writeFixture(folder: string, scratch: string): Promise<void> {
  const store = await openLmdbStore({ directory: scratch });
  await fill(store);
  await store.snapshot(join(scratch, 'snapshot'));
  await store.close();
  for (const name of [DATA_FILE, 'snapshot']) {
    writeFileSync(join(folder, `${name}.gz`), gzipSync(readFileSync(join(scratch, name)), { level: 9 }));
  }
}

/** Lays a fixture out as it was written. */
export function unpackFixture(format: string, name: string, to: string): void {
  writeFileSync(to, gunzipSync(readFileSync(join(FORMATS, format, `${name}.gz`))));
}

import { isStorageError } from '../errors.js';
import { REGISTRY_PREFIX } from '../key.js';
import { openLmdbStore } from '../lmdb/lmdb-store.js';
import { configMapKey, RecordedWatch } from './store-driver.js';

/*
 * Writes until the limit that its parent has set on the size of files makes a commit fail, then says on stdout, as one
 * JSON object, what happened.
 */
const directory = process.argv[2];
if (directory === undefined) throw new Error('usage: full-disk-writer <directory>');
// The signal that goes with the limit would end the process; EFBIG is what is wanted, as ENOSPC on a full disk.
process.on('SIGXFSZ', () => undefined);
const store = await openLmdbStore({ directory });
const watch = await RecordedWatch.start(store, REGISTRY_PREFIX, 0);
let acknowledged = 0;
let failure: unknown;
for (let i = 0; failure === undefined && i < 10_000; i++) {
  try {
    await store.create(configMapKey(`n${i}`), Buffer.alloc(10_000, 'x'));
    acknowledged++;
  } catch (error) {
    failure = error;
  }
}
const later = await Promise.allSettled([
  store.get(configMapKey('n0')),
  store.create(configMapKey('late'), Buffer.from('x')),
  store.list(REGISTRY_PREFIX),
]);
const report = {
  acknowledged,
  failure: String(failure),
  unavailable: isStorageError(failure, 'unavailable'),
  later: later.map((one) => one.status === 'rejected' && isStorageError(one.reason, 'unavailable')),
  watchClosed: isStorageError(watch.closedWith, 'unavailable'),
};
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exit(0);

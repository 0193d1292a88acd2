import { test } from 'node:test';
import fc from 'fast-check';
import { openLmdbStore } from '../lmdb/lmdb-store.js';
import { createMemoryStore } from '../memory/memory-store.js';
import { inDirectory } from './data-directory.js';
import { ModelRun, steps } from './store-model.js';

test('memory: whatever is done, the store and its cache show what a list of all changes says', async () => {
  const withoutRestart = steps.map((script) => script.filter((step) => step.what !== 'restart'));
  await fc.assert(
    fc.asyncProperty(withoutRestart, (script) => ModelRun.run(async () => createMemoryStore(), script)),
    { numRuns: 80 },
  );
});

test('lmdb: the same, over restarts and with a short history', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.constantFrom(8, 30, 1_000), (script, historyEntriesMax) =>
      inDirectory((directory) => ModelRun.run(() => openLmdbStore({ directory, historyEntriesMax }), script)),
    ),
    { numRuns: 25 },
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Latest } from './latest.js';

/** Questions that a test answers when it wants to. */
function asked() {
  const open: { resolve(revision: number): void; reject(error: Error): void }[] = [];
  const latest = new Latest(() => new Promise((resolve, reject) => open.push({ resolve, reject })));
  return { latest, open };
}

test('who asks while a question is under way shares the next one, which is asked later than he', async () => {
  const { latest, open } = asked();
  const first = latest.read();
  const [second, third] = [latest.read(), latest.read()];
  assert.equal(open.length, 1);
  open[0]?.resolve(7);
  assert.equal(await first, 7);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(open.length, 2, 'one question for both');
  open[1]?.resolve(9);
  assert.deepEqual(await Promise.all([second, third]), [9, 9]);
});

test('who waits behind a question that nobody answers is told with it, and the next one is asked anew', async () => {
  const { latest, open } = asked();
  const both = Promise.allSettled([latest.read(), latest.read()]);
  open[0]?.reject(new Error('no answer'));
  assert.deepEqual(
    (await both).map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  const again = latest.read();
  open[1]?.resolve(3);
  assert.equal(await again, 3);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FakeClock, settled } from '../testing/fake-clock.js';
import { DelayHeap } from './delay-heap.js';
import { type Again, WorkQueue } from './work-queue.js';

/** A queue whose work lasts until the test lets go of it. */
function stage(workers = 2) {
  const clock = new FakeClock();
  const begun: string[] = [];
  const failures: [key: string, retryMs: number][] = [];
  const open = new Map<string, { resolve(again?: Again): void; reject(error: Error): void }>();
  const queue = new WorkQueue<string>({
    work: (key) =>
      new Promise((resolve, reject) => {
        begun.push(key);
        open.set(key, { resolve, reject });
      }),
    textOf: (key) => key,
    workers,
    clock,
    random: () => 0,
    onFailure: (key, _, retryMs) => failures.push([key, retryMs]),
  });
  queue.start();
  const finish = async (key: string, again?: Again) => {
    open.get(key)?.resolve(again);
    await settled();
  };
  const fail = async (key: string) => {
    open.get(key)?.reject(new Error('no'));
    await settled();
  };
  return { clock, queue, begun, failures, finish, fail };
}

describe('a work queue', () => {
  test('works on as many keys at a time as it has workers, in the order of their coming', async () => {
    const { queue, begun, finish } = stage();
    for (const key of ['a', 'b', 'c', 'd', 'c']) queue.add(key);
    assert.deepEqual(begun, ['a', 'b']);
    await finish('b');
    assert.deepEqual(begun, ['a', 'b', 'c']);
    assert.equal(queue.size, 3);
  });

  test('a key that is added while it is worked on is worked on once more, after that', async () => {
    const { queue, begun, finish } = stage();
    queue.add('a');
    queue.add('a');
    queue.add('a');
    assert.deepEqual(begun, ['a']);
    await finish('a');
    assert.deepEqual(begun, ['a', 'a']);
    await finish('a');
    assert.deepEqual(begun, ['a', 'a']);
    assert.equal(queue.size, 0);
  });

  test('a key that fails waits twice as long each time, until it succeeds', async () => {
    const { clock, queue, begun, failures, finish, fail } = stage();
    queue.add('a');
    for (const ms of [5, 10, 20]) {
      await fail('a');
      await clock.pass(ms - 1);
      const before = begun.length;
      await clock.pass(1);
      assert.equal(begun.length, before + 1, `after ${ms} ms`);
    }
    await finish('a');
    queue.add('a');
    await fail('a');
    assert.deepEqual(
      failures.map(([, ms]) => ms),
      [5, 10, 20, 5],
    );
  });

  test('a new addition ends the waiting', async () => {
    const { clock, queue, begun, finish, fail } = stage();
    queue.add('a');
    await fail('a');
    queue.add('a');
    assert.equal(begun.length, 2);
    await finish('a');
    await clock.pass(1_000);
    assert.equal(begun.length, 2);
  });

  test('of two delays the shorter counts; work may ask for one itself', async () => {
    const { clock, queue, begun, finish } = stage();
    queue.addAfter('a', 500);
    queue.addAfter('a', 100);
    queue.addAfter('a', 900);
    assert.equal(clock.pending, 1);
    await clock.pass(100);
    assert.deepEqual(begun, ['a']);
    await finish('a', { afterMs: 50 });
    await clock.pass(49);
    assert.equal(begun.length, 1);
    await clock.pass(1);
    assert.equal(begun.length, 2);
    await finish('a');
    await clock.pass(5_000);
    assert.equal(begun.length, 2);
  });

  test('stopping waits for what is worked on and takes up nothing more', async () => {
    const { clock, queue, begun, finish } = stage(1);
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 10);
    let stopped = false;
    const stopping = queue.stop(1_000).then(() => {
      stopped = true;
    });
    queue.add('d');
    await clock.pass(100);
    assert.equal(stopped, false);
    await finish('a');
    await stopping;
    assert.deepEqual(begun, ['a']);
    assert.equal(clock.pending, 0);
  });

  test('work that goes on too long is told to give up', async () => {
    const clock = new FakeClock();
    let told = false;
    const queue = new WorkQueue<string>({
      work: (_, signal) =>
        new Promise((resolve) =>
          signal.addEventListener('abort', () => {
            told = true;
            resolve(undefined);
          }),
        ),
      textOf: (key) => key,
      workers: 1,
      clock,
      random: () => 0,
      onFailure: () => {},
    });
    queue.start();
    queue.add('a');
    const stopping = queue.stop(1_000);
    await clock.pass(999);
    assert.equal(told, false);
    await clock.pass(1);
    await stopping;
    assert.equal(told, true);
  });

  test('many delays leave one timer and no rest', async () => {
    const { clock, queue, begun } = stage(1_000);
    for (let round = 100; round > 0; round--)
      for (let key = 0; key < 10; key++) queue.addAfter(String(key), round * 100);
    assert.equal(clock.pending, 1);
    await clock.pass(100);
    assert.equal(begun.length, 10);
    await clock.pass(20_000);
    assert.equal(begun.length, 10);
    assert.equal(clock.pending, 0);
  });
});

test('the delay heap gives the earliest first', () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), (times) => {
      const heap = new DelayHeap<{ at: number }>();
      for (const at of times) heap.push({ at });
      const order: number[] = [];
      for (let next = heap.pop(); next !== undefined; next = heap.pop()) order.push(next.at);
      assert.deepEqual(
        order,
        [...times].sort((a, b) => a - b),
      );
    }),
  );
});

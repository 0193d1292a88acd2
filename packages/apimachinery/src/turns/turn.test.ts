import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anotherTurn, inTurns, isTurnLong, TURN_MS_MAX, turnAmongMany, turnFor } from './turn.js';
import { atOnce, type Work } from './work.js';

function hold(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until) Math.sqrt(until);
}

function* steps(count: number, ms: number, done: string[] = [], name = ''): Work<number> {
  for (let i = 0; i < count; i++) {
    hold(ms);
    done.push(name);
    yield;
  }
  return count;
}

test('short work is done at once, without a promise', () => {
  assert.equal(inTurns(steps(3, 0)), 3);
  assert.equal(atOnce(steps(3, 0)), 3);
});

test('long work is put aside, and timers and others run between its turns', async () => {
  const done: string[] = [];
  let timers = 0;
  const timer = setInterval(() => timers++, 1);
  const both = await Promise.all([inTurns(steps(20, 4, done, 'a')), inTurns(steps(20, 4, done, 'b'))]);
  clearInterval(timer);
  assert.deepEqual(both, [20, 20]);
  assert.ok(timers >= 10, `${timers} turns`);
  // Neither waits until the other is done.
  assert.ok(done.indexOf('b') < done.lastIndexOf('a') && done.indexOf('a') < done.lastIndexOf('b'));
});

test('what goes wrong in work rejects, wherever that is', async () => {
  function* wrong(ms: number): Work<void> {
    hold(ms);
    yield;
    throw new RangeError('wrong');
  }
  assert.throws(() => inTurns(wrong(0)), RangeError);
  await assert.rejects(async () => inTurns(wrong(2 * TURN_MS_MAX)), RangeError);
});

test('a turn that somebody held for long is over for all others', async () => {
  assert.equal(turnFor(1_000_000), undefined);
  assert.equal(anotherTurn(), undefined);
  hold(2 * TURN_MS_MAX);
  const order: string[] = [];
  const waiting = [
    anotherTurn()?.then(() => order.push('first')),
    turnFor(1_000_000)?.then(() => order.push('second')),
  ];
  assert.equal(turnFor(1_000), undefined);
  await Promise.all(waiting);
  assert.deepEqual(order, ['first', 'second']);
  assert.equal(isTurnLong(), false);
});

test('many small things one after the other leave room for others', async () => {
  let timers = 0;
  const timer = setInterval(() => timers++, 1);
  for (let i = 0; i < 40; i++) {
    hold(2);
    const turn = turnAmongMany();
    if (turn !== undefined) await turn;
  }
  clearInterval(timer);
  assert.ok(timers >= 4, `${timers} turns`);
});

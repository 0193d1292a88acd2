import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../clock.js';
import type { ApiRequest } from '../http/exchange.js';
import { SEATED_ANSWER_BYTES_MIN, SEATED_ANSWER_MS_MAX } from '../limits.js';
import { holdSeat, isLong } from './seated-answer.js';

/** An exchange whose end and whose time are in the hands of the test. */
function exchange() {
  const told = { over: () => {}, late: () => {}, lateAfter: 0, left: 0, cancelled: 0 };
  const clock: Clock = {
    now: () => 0,
    after: (ms, run) => {
      told.lateAfter = ms;
      told.late = run;
      return () => void told.cancelled++;
    },
  };
  const request: Pick<ApiRequest, 'over'> = {
    over: (listener) => {
      told.over = listener;
    },
  };
  holdSeat({ leave: () => void told.left++ }, request, clock);
  return told;
}

test('only a long answer keeps its seat', () => {
  const answer = (bytes: number) => ({ kind: 'bytes' as const, status: 200, headers: {}, body: [Buffer.alloc(bytes)] });
  assert.equal(isLong(answer(SEATED_ANSWER_BYTES_MIN - 1)), false);
  assert.equal(isLong(answer(SEATED_ANSWER_BYTES_MIN)), true);
  assert.equal(isLong({ kind: 'stream', status: 200, headers: {}, run: () => {} }), false);
});

test('it leaves when the answer has gone out, once, and its timer with it', () => {
  const told = exchange();
  assert.equal(told.left, 0);
  told.over();
  told.late();
  assert.deepEqual([told.left, told.cancelled], [1, 1]);
});

test('it leaves after some time when the client does not read', () => {
  const told = exchange();
  assert.equal(told.lateAfter, SEATED_ANSWER_MS_MAX);
  told.late();
  told.over();
  assert.equal(told.left, 1);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { humanDuration } from './human-duration.js';

const S = 1000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;
const Y = 365 * D;

// the table of upstream's own test of duration.HumanDuration
for (const [ms, text] of [
  [S, '1s'],
  [70 * S, '70s'],
  [190 * S, '3m10s'],
  [70 * M, '70m'],
  [47 * H, '47h'],
  [49 * H, '2d1h'],
  [8 * D + 2 * H, '8d'],
  [367 * D, '367d'],
  [2 * Y + 25 * H, '2y1d'],
  [8 * Y + 2 * H, '8y'],
  [-1 * S, '0s'],
  [-2 * S, '<invalid>'],
  [0, '0s'],
  [2 * M, '2m'],
  [10 * M, '10m'],
  [3 * H, '3h'],
  [7 * H + 59 * M, '7h59m'],
  [8 * H, '8h'],
  [2 * D, '2d'],
  [8 * D, '8d'],
  [2 * Y, '2y'],
] as const) {
  test(`${ms} ms read ${text}`, () => assert.equal(humanDuration(ms), text));
}

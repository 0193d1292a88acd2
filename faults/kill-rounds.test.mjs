// The embedded engine, killed again and again among 64 writers, in three directories at a time.
//   npm run test:faults                    1,000 rounds
//   KILL_ROUNDS=10000 npm run test:faults
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { killRounds } from '@kcp/storage/testing/kill-rounds';

const ROUNDS = Number(process.env.KILL_ROUNDS ?? 1_000);
const LANES = 3;
const timeout = 60_000 + ROUNDS * 2_000;

test(`the embedded engine, killed ${ROUNDS} times among 64 writers`, { timeout }, async (story) => {
  const folder = mkdtempSync(join(tmpdir(), 'kcp-kills-'));
  try {
    const lanes = Array.from({ length: LANES }, (_, i) =>
      killRounds(join(folder, `lane-${i}`), Math.ceil(ROUNDS / LANES)),
    );
    const counts = await Promise.all(lanes);
    const acknowledged = counts.reduce((sum, count) => sum + count, 0);
    story.diagnostic(`${acknowledged} acknowledged writes, none lost`);
    assert.ok(acknowledged > ROUNDS);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

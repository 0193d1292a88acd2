// The embedded engine on a disk that loses power: what was not synced is dropped, torn and reordered, sector by sector.
// A process at work has its writes, syncs and acknowledgements recorded; images of its data file are made of them, as a
// crash may leave them at random moments, and each is opened. Every round goes on from an image of the one before.
//   npm run test:faults                         8 rounds
//   FAULT_ROUNDS=1000 npm run test:faults
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROUNDS = Number(process.env.FAULT_ROUNDS ?? 8);
const IMAGES = 60;
/** How much a process writes before it is killed; its log holds all of it. */
const LOG_BYTES = 4 * 1024 * 1024;
const LOG_LOOK_MS = 5;
const SEED = Number(process.env.FAULT_SEED ?? Date.now() % 1_000_000);
const SOURCE = fileURLToPath(new URL('recorded-disk.c', import.meta.url));
const program = (name) => fileURLToPath(import.meta.resolve(`@kcp/storage/testing/${name}`));
const timeout = 60_000 + ROUNDS * 20_000;

const skip =
  process.platform !== 'linux' || spawnSync('cc', ['--version']).status !== 0
    ? 'recording a process needs Linux and a C compiler (cc)'
    : false;

describe('the embedded engine on a disk that loses power', { skip, timeout }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'kcp-disk-'));
  const recorder = join(folder, 'recorded-disk.so');
  const first = join(folder, 'round-0');
  before(() => {
    const built = spawnSync('cc', ['-O1', '-shared', '-fPIC', '-o', recorder, SOURCE, '-ldl', '-lpthread'], {
      encoding: 'utf8',
    });
    assert.equal(built.status, 0, built.stderr);
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Lets a process write in `<round>/data` until its log is long enough, and kills it. */
  async function recordRound(round, number) {
    const log = join(round, 'log');
    writeFileSync(log, '');
    const victim = spawn(process.execPath, [program('kill-writer'), join(round, 'data'), String(number)], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, LD_PRELOAD: recorder, KCP_DISK_LOG: log },
    });
    const ended = new Promise((resolve) => victim.once('exit', (code) => resolve(code)));
    while (victim.exitCode === null && statSync(log).size < LOG_BYTES) await pause(LOG_LOOK_MS);
    victim.kill('SIGKILL');
    assert.equal(await ended, null, 'the writer writes until it is killed');
  }

  /** What became of the images; undefined where looking at them ended the process. */
  function checkRound(round, seed, ...lie) {
    const args = [program('crash-checker'), round, String(IMAGES), String(seed), ...lie];
    const run = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    return run.status === 0 ? JSON.parse(run.stdout) : { ended: run.signal ?? run.stderr };
  }

  function beginRound(number, before) {
    const round = join(folder, `round-${number}`);
    mkdirSync(join(round, 'data'), { recursive: true });
    if (before?.image == null) {
      writeFileSync(join(round, 'begin.json'), JSON.stringify({ known: [], newest: 0 }));
      return round;
    }
    copyFileSync(join(before.round, 'end.json'), join(round, 'begin.json'));
    copyFileSync(before.image, join(round, 'begin.mdb'));
    copyFileSync(before.image, join(round, 'data', 'data.mdb'));
    return round;
  }

  test(`${ROUNDS} times ${IMAGES} crashes: nothing acknowledged is lost, nothing torn is shown`, async (story) => {
    let before;
    const sums = { images: 0, incomplete: 0, acknowledged: 0, refused: 0 };
    for (let number = 0; number < ROUNDS; number++) {
      const round = beginRound(number, before);
      await recordRound(round, number);
      const report = checkRound(round, SEED + number);
      assert.equal(report.ended, undefined, `seed ${SEED}, round ${number}`);
      assert.deepEqual(report.failures, [], `seed ${SEED}, round ${number}`);
      for (const what of Object.keys(sums)) sums[what] += report[what];
      if (before !== undefined && before.round !== first) rmSync(before.round, { recursive: true });
      before = { round, image: report.image };
    }
    story.diagnostic(`${JSON.stringify(sums)}, seed ${SEED}`);
    assert.ok(sums.incomplete > sums.images / 2, 'most images lack something');
    assert.ok(sums.acknowledged > 0);
  });

  for (const lie of ['ignoresSync', 'ignoresDurableWrites']) {
    test(`the check finds a disk that ${lie}`, (story) => {
      const { failures, ended } = checkRound(first, SEED, lie);
      story.diagnostic(ended ?? failures[0] ?? 'nothing');
      // LMDB ends its process where a page makes no sense.
      assert.ok(
        /^SIG/.test(ended) || failures.some((one) => /was acknowledged|acknowledged at|torn|damaged/.test(one)),
      );
    });
  }
});

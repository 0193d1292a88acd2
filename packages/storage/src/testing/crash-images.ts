import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isStorageError } from '../errors.js';
import { DATA_FILE, markDataFile } from '../lmdb/data-file.js';
import type { DiskRecord } from './disk-log.js';
import { type Known, verify } from './kill-rounds.js';
import { type DiskLies, diceOf, SimulatedDisk } from './simulated-disk.js';

/** Where a process began whose log is looked at. */
export interface Beginning {
  /** Its data file; empty where there was none. */
  readonly content: Buffer;
  readonly known: ReadonlyMap<string, Known>;
  readonly newest: number;
}

export interface CrashOptions {
  readonly images: number;
  readonly seed: number;
  readonly lies?: DiskLies;
}

export interface CrashReport {
  readonly images: number;
  /** Images that lacked something of what was written. */
  readonly incomplete: number;
  /** Acknowledged writes that were looked for in the last of them. */
  readonly acknowledged: number;
  /** Images of before the first acknowledgement that no server opens. */
  readonly refused: number;
  readonly failures: readonly string[];
  /** What the last image, which is left in the directory and was opened, holds; undefined where it was refused. */
  readonly left: { readonly known: readonly (readonly [string, Known])[]; readonly newest: number } | undefined;
}

/**
 * Lets the power fail at so many moments of a log, one image each, and looks at what the engine makes of them in
 * `directory`: everything acknowledged by then is there, nothing is torn, and nothing else is shown.
 */
export async function checkCrashes(
  records: readonly DiskRecord[],
  beginning: Beginning,
  directory: string,
  { images, seed, lies }: CrashOptions,
): Promise<CrashReport> {
  const dice = diceOf(seed);
  const disk = new SimulatedDisk(beginning.content, lies);
  const known = new Map(beginning.known);
  const failures: string[] = [];
  let [newest, acknowledged, incomplete, refused, at] = [beginning.newest, 0, 0, 0, 0];
  let left: CrashReport['left'];
  for (const moment of moments(records, images, dice)) {
    for (; at < moment; at++) {
      const record = records[at];
      if (record?.what === 'said') {
        newest = Math.max(newest, take(record.line, known));
        acknowledged++;
      } else if (record !== undefined) disk.apply(record);
    }
    const dying = records[at];
    // Of the write that is under way anything may be there; the log goes on after it.
    if (dying?.what === 'write') disk.begin(dying);
    if (disk.open > 0) incomplete++;
    const expected = new Map(known);
    await layOut(directory, disk.crash(dice), newest > 0);
    try {
      const revision = await verify(directory, expected, newest);
      left = { known: [...expected], newest: revision };
    } catch (error) {
      left = undefined;
      if (newest === 0 && isStorageError(error, 'corrupt')) refused++;
      else failures.push(`at record ${moment}: ${String(error).split('\n', 3).join(' ')}`);
    }
  }
  return { images, incomplete, acknowledged, refused, failures, left };
}

/** Records in the middle of which the power fails, ascending: writes and syncs. */
function moments(records: readonly DiskRecord[], count: number, dice: (below: number) => number): number[] {
  const possible = records.flatMap(({ what }, i) => (what === 'said' ? [] : [i]));
  const chosen = Array.from({ length: count }, () => possible[dice(possible.length)] ?? 0);
  return chosen.sort((a, b) => a - b);
}

/** Returns the revision of a line of the victim's. */
function take(line: string, known: Map<string, Known>): number {
  const [revision = '', name = '', value = ''] = line.split(' ');
  known.set(name, { revision: Number(revision), value });
  return Number(revision);
}

async function layOut(directory: string, image: Buffer, marked: boolean): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, DATA_FILE), image);
  if (marked) await markDataFile(directory);
}

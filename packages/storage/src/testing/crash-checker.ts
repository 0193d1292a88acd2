import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DATA_FILE } from '../lmdb/data-file.js';
import { checkCrashes } from './crash-images.js';
import { readDiskLog } from './disk-log.js';
import type { Known } from './kill-rounds.js';

/*
 * Looks at crashes of one recorded process (see crash-images.ts) in a process of its own, which a data file that makes no
 * sense may end. Says on stdout, as one JSON object, what was found. The folder holds `log`, `begin.mdb` if the process
 * began with a data file, and `begin.json` with what was known then; images are made in `image`, and `end.json` tells what
 * is known of the last.
 */
const [folder, images, seed, lie] = process.argv.slice(2);
if (folder === undefined || images === undefined || seed === undefined) {
  throw new Error('usage: crash-checker <folder> <images> <seed> [ignoresSync|ignoresDurableWrites]');
}

interface Knowledge {
  readonly known: readonly (readonly [string, Known])[];
  readonly newest: number;
}

const begin = join(folder, 'begin.mdb');
const knowledge: Knowledge = JSON.parse(readFileSync(join(folder, 'begin.json'), 'utf8'));
const report = await checkCrashes(
  readDiskLog(readFileSync(join(folder, 'log'))),
  {
    content: existsSync(begin) ? readFileSync(begin) : Buffer.alloc(0),
    known: new Map(knowledge.known),
    newest: knowledge.newest,
  },
  join(folder, 'image'),
  { images: Number(images), seed: Number(seed), ...(lie === undefined ? {} : { lies: { [lie]: true } }) },
);
const { left, ...counts } = report;
if (left !== undefined) writeFileSync(join(folder, 'end.json'), JSON.stringify(left));
process.stdout.write(
  `${JSON.stringify({ ...counts, image: left === undefined ? null : join(folder, 'image', DATA_FILE) })}\n`,
);

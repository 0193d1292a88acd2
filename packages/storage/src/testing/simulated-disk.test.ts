import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DiskRecord } from './disk-log.js';
import { diceOf, SECTOR_BYTES, SimulatedDisk } from './simulated-disk.js';

const SECTORS = 8;
const IMAGES = 300;
const SYNC: DiskRecord = { what: 'sync' };
const write = (sector: number, count: number, fill: string, durable = false) =>
  ({ what: 'write', place: sector * SECTOR_BYTES, bytes: Buffer.alloc(count * SECTOR_BYTES, fill), durable }) as const;
/** One letter for each sector, and that a sector holds but one. */
const lettersOf = (image: Buffer): string =>
  Array.from({ length: image.length / SECTOR_BYTES }, (_, i) => {
    const sector = image.subarray(i * SECTOR_BYTES, (i + 1) * SECTOR_BYTES);
    assert.equal(new Set(sector).size, 1, 'a sector is whole');
    return sector[0] === 0 ? '-' : sector.toString('latin1', 0, 1);
  }).join('');
const crashes = (disk: SimulatedDisk): Set<string> => {
  const dice = diceOf(1);
  return new Set(Array.from({ length: IMAGES }, () => lettersOf(disk.crash(dice))));
};

describe('a simulated disk', () => {
  test('keeps what was synced, whatever comes', () => {
    const disk = new SimulatedDisk(Buffer.alloc(SECTORS * SECTOR_BYTES, 'o'));
    disk.apply(write(2, 3, 'a'));
    disk.apply(SYNC);
    assert.deepEqual(crashes(disk), new Set(['ooaaaooo']));
    disk.apply(write(0, 1, 'd', true));
    assert.deepEqual(crashes(disk), new Set(['doaaaooo']));
  });

  test('drops, tears and reorders what was not', () => {
    const disk = new SimulatedDisk(Buffer.alloc(4 * SECTOR_BYTES, 'o'));
    disk.apply(write(0, 2, 'a'));
    disk.apply(write(1, 2, 'b'));
    const seen = crashes(disk);
    for (const image of ['oooo', 'aaoo', 'obbo', 'abbo', 'oobo', 'aooo']) assert.ok(seen.has(image), image);
    for (const image of seen) assert.match(image, /^[oa][oab][ob]o$/);
    // What is durable by itself makes nothing else so.
    disk.apply(write(3, 1, 'd', true));
    for (const image of crashes(disk)) assert.match(image, /^[oa][oab][ob]d$/);
  });

  test('leaves holes, or nothing, where a file grew', () => {
    const disk = new SimulatedDisk(Buffer.alloc(0));
    disk.apply(write(0, 1, 'a'));
    disk.apply(write(1, 1, 'b'));
    const seen = crashes(disk);
    for (const image of ['', 'a', '-b', 'ab', '--']) assert.ok(seen.has(image), image);
  });

  test('that lies about syncs forgets what it said was there', () => {
    const disk = new SimulatedDisk(Buffer.alloc(SECTOR_BYTES, 'o'), { ignoresSync: true });
    disk.apply(write(0, 1, 'a'));
    disk.apply(SYNC);
    assert.deepEqual(crashes(disk), new Set(['o', 'a']));
    const other = new SimulatedDisk(Buffer.alloc(SECTOR_BYTES, 'o'), { ignoresDurableWrites: true });
    other.apply(write(0, 1, 'd', true));
    assert.deepEqual(crashes(other), new Set(['o', 'd']));
  });
});

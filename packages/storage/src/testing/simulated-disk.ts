import type { DiskRecord } from './disk-log.js';

/** What a disk writes whole or not at all. */
export const SECTOR_BYTES = 512;
/** How many of the states that a sector had since the last sync are remembered. */
const VERSIONS_MAX = 4;

/** From 0 up to, not including, `below`. */
export type Dice = (below: number) => number;

/** What a disk says it does and does not. */
export interface DiskLies {
  /** A sync returns and nothing became durable. */
  readonly ignoresSync?: boolean;
  /** A write that should be durable when it returns (O_DSYNC) is like any other. */
  readonly ignoresDurableWrites?: boolean;
}

interface Version {
  /** Which write it is of, in order. */
  readonly write: number;
  readonly bytes: Buffer;
}

/** The same numbers again from the same seed: 32 bits, shifted and folded (Marsaglia, Xorshift RNGs, 2003). */
export function diceOf(seed: number): Dice {
  let state = (Math.imul(seed, 2_654_435_761) >>> 0) | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * below);
  };
}

/**
 * One file on a disk that may lose power: what was synced is there; of what was written since, each sector holds any of
 * the states that it went through, in whatever order they would have been written.
 */
export class SimulatedDisk {
  readonly #lies: DiskLies;
  #durable: Buffer;
  #durableLength: number;
  #length: number;
  /** By sector: the states since the last sync, oldest first. */
  readonly #pending = new Map<number, Version[]>();
  #writes = 0;

  constructor(content: Buffer, lies: DiskLies = {}) {
    this.#durable = Buffer.from(content);
    this.#durableLength = content.length;
    this.#length = content.length;
    this.#lies = lies;
  }

  /** Sectors of which it is open what a crash leaves. */
  get open(): number {
    return this.#pending.size;
  }

  apply(record: DiskRecord): void {
    if (record.what === 'write') {
      this.begin(record);
      if (record.durable && !this.#lies.ignoresDurableWrites) this.#settle(sectorsOf(record));
    } else if (record.what === 'sync') {
      if (!this.#lies.ignoresSync) this.#settle([...this.#pending.keys()]);
    } else if (record.what === 'truncate') this.#truncate(record.length);
  }

  /** A write that has begun, of which nothing is certain. */
  begin(record: DiskRecord & { readonly what: 'write' }): void {
    const write = this.#writes++;
    for (const sector of sectorsOf(record)) {
      const versions = this.#pending.get(sector) ?? [];
      const bytes = Buffer.from(versions[versions.length - 1]?.bytes ?? this.#durableSector(sector));
      overlay(bytes, sector * SECTOR_BYTES, record);
      versions.push({ write, bytes });
      if (versions.length > VERSIONS_MAX) versions.shift();
      this.#pending.set(sector, versions);
    }
    this.#length = Math.max(this.#length, record.place + record.bytes.length);
  }

  /** The file as a crash at this moment may leave it. */
  crash(dice: Dice): Buffer {
    const choose = CHOICES[dice(CHOICES.length)]?.(dice, this.#writes) ?? nothing;
    const kept: [number, Buffer][] = [];
    for (const [sector, versions] of this.#pending) {
      const version = choose(versions, sector);
      if (version !== undefined) kept.push([sector, version.bytes]);
    }
    const end = kept.reduce((most, [sector]) => Math.max(most, (sector + 1) * SECTOR_BYTES), this.#durableLength);
    const image = Buffer.alloc(dice(2) === 0 ? Math.max(end, this.#length) : end);
    this.#durable.copy(image, 0, 0, this.#durableLength);
    for (const [sector, bytes] of kept) bytes.copy(image, sector * SECTOR_BYTES);
    return image;
  }

  #settle(sectors: readonly number[]): void {
    for (const sector of sectors) {
      const bytes = this.#pending.get(sector)?.pop()?.bytes;
      this.#pending.delete(sector);
      if (bytes === undefined) continue;
      const end = (sector + 1) * SECTOR_BYTES;
      this.#grow(end);
      bytes.copy(this.#durable, sector * SECTOR_BYTES);
      this.#durableLength = Math.max(this.#durableLength, Math.min(end, this.#length));
    }
  }

  #truncate(length: number): void {
    this.#length = length;
    this.#durableLength = Math.min(this.#durableLength, length);
    for (const sector of [...this.#pending.keys()]) if (sector * SECTOR_BYTES >= length) this.#pending.delete(sector);
  }

  #grow(length: number): void {
    if (this.#durable.length >= length) return;
    const larger = Buffer.alloc(length * 2);
    this.#durable.copy(larger);
    this.#durable = larger;
  }

  #durableSector(sector: number): Buffer {
    const bytes = Buffer.alloc(SECTOR_BYTES);
    const start = sector * SECTOR_BYTES;
    if (start < this.#durableLength)
      this.#durable.copy(bytes, 0, start, Math.min(start + SECTOR_BYTES, this.#durableLength));
    return bytes;
  }
}

/** Which state of a sector survives; undefined for the one before all of them. */
type Choice = (versions: readonly Version[], sector: number) => Version | undefined;

const nothing: Choice = () => undefined;
const newest = (versions: readonly Version[], upTo: (write: number) => boolean): Version | undefined =>
  versions.findLast(({ write }) => upTo(write));

/** Each sector for itself; `chance` of 16 survive in some state. */
const sectorBySector =
  (chance: number) =>
  (dice: Dice): Choice =>
  (versions) =>
    dice(16) < chance ? versions[dice(versions.length)] : undefined;

/** Whole writes, in any order. */
function writeByWrite(dice: Dice): Choice {
  const kept = new Map<number, boolean>();
  return (versions) =>
    newest(versions, (write) => {
      const known = kept.get(write) ?? dice(2) === 0;
      kept.set(write, known);
      return known;
    });
}

/** In the order that they were written in, the last of them torn. */
function inOrder(dice: Dice, writes: number): Choice {
  const last = writes - 1 - dice(4);
  return (versions) => newest(versions, (write) => write < last || (write === last && dice(2) === 0));
}

const CHOICES: readonly ((dice: Dice, writes: number) => Choice)[] = [
  () => nothing,
  () => (versions) => versions[versions.length - 1],
  sectorBySector(1),
  sectorBySector(8),
  sectorBySector(15),
  writeByWrite,
  inOrder,
];

function sectorsOf({ place, bytes }: { readonly place: number; readonly bytes: Buffer }): number[] {
  const first = Math.floor(place / SECTOR_BYTES);
  const end = Math.ceil((place + bytes.length) / SECTOR_BYTES);
  return Array.from({ length: end - first }, (_, i) => first + i);
}

/** Lays what a write has for a part of the file, which begins at `start`, over it. */
function overlay(
  part: Buffer,
  start: number,
  { place, bytes }: { readonly place: number; readonly bytes: Buffer },
): void {
  const from = Math.max(start, place);
  const to = Math.min(start + part.length, place + bytes.length);
  bytes.copy(part, from - start, from - place, to - place);
}

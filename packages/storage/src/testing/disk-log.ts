/*
 * What a process did to its data file and said, in order, as faults/recorded-disk.c records it: what happened (1 byte),
 * the place in the file and the length (8 bytes each, little-endian), and so many bytes.
 */

export type DiskRecord =
  | { readonly what: 'write'; readonly place: number; readonly bytes: Buffer; readonly durable: boolean }
  | { readonly what: 'sync' }
  | { readonly what: 'truncate'; readonly length: number }
  /** A line of the process's standard output. */
  | { readonly what: 'said'; readonly line: string };

const HEAD_BYTES = 17;

/** Reads a log up to its end, or to where its process was killed. Throws Error for what the log cannot describe. */
export function readDiskLog(log: Buffer): DiskRecord[] {
  const records: DiskRecord[] = [];
  for (let at = 0; at + HEAD_BYTES <= log.length; ) {
    const what = log.toString('latin1', at, at + 1);
    const place = Number(log.readBigUInt64LE(at + 1));
    const end = at + HEAD_BYTES + Number(log.readBigUInt64LE(at + 9));
    if (end > log.length) break;
    records.push(recordOf(what, place, log.subarray(at + HEAD_BYTES, end)));
    at = end;
  }
  return records;
}

function recordOf(what: string, place: number, bytes: Buffer): DiskRecord {
  if (what === 'w' || what === 'd') return { what: 'write', place, bytes, durable: what === 'd' };
  if (what === 's') return { what: 'sync' };
  if (what === 't') return { what: 'truncate', length: place };
  if (what === 'a') return { what: 'said', line: bytes.toString().trimEnd() };
  throw new Error(`the data file was changed in a way that is not recorded: ${what}`);
}

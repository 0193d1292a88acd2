const TWO_POW_32 = 0x1_0000_0000;

/** Writes a safe integer as 8 bytes, big-endian. */
export function writeU64(buffer: Buffer, value: number, offset: number): void {
  buffer.writeUInt32BE(Math.floor(value / TWO_POW_32), offset);
  buffer.writeUInt32BE(value % TWO_POW_32, offset + 4);
}

/** Reads what `writeU64` wrote. */
export function readU64(buffer: Buffer, offset: number): number {
  return buffer.readUInt32BE(offset) * TWO_POW_32 + buffer.readUInt32BE(offset + 4);
}

const PRIME = (1n << 130n) - 5n;
const CLAMP = 0x0ffffffc0ffffffc0ffffffc0fffffffn;
const TAG_BITS = 128n;
const BLOCK_BYTES = 16;
const HALF_BITS = 64n;

/** Poly1305 (RFC 8439 §2.5) of a message under a one-time key of 32 bytes. */
export function poly1305(message: Buffer, key: Buffer): Buffer {
  const r = littleEndian(key.subarray(0, 16)) & CLAMP;
  let sum = 0n;
  for (let at = 0; at < message.length; at += BLOCK_BYTES) {
    const block = message.subarray(at, at + BLOCK_BYTES);
    const number = littleEndian(block) + (1n << BigInt(8 * block.length));
    sum = ((sum + number) * r) % PRIME;
  }
  const tag = Buffer.alloc(BLOCK_BYTES);
  const result = BigInt.asUintN(Number(TAG_BITS), sum + littleEndian(key.subarray(16, 32)));
  tag.writeBigUInt64LE(BigInt.asUintN(64, result), 0);
  tag.writeBigUInt64LE(result >> HALF_BITS, 8);
  return tag;
}

function littleEndian(bytes: Buffer): bigint {
  if (bytes.length === BLOCK_BYTES) return bytes.readBigUInt64LE(0) | (bytes.readBigUInt64LE(8) << HALF_BITS);
  const whole = Buffer.alloc(BLOCK_BYTES);
  bytes.copy(whole);
  return whole.readBigUInt64LE(0) | (whole.readBigUInt64LE(8) << HALF_BITS);
}

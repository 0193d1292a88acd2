/**
 * The same bytes in memory of their own, for what is kept long: a small buffer from Node's pool would keep 8 KiB alive.
 * Returns its argument where that has nothing beside it already.
 */
export function ownBytes(bytes: Buffer): Buffer {
  if (bytes.buffer.byteLength === bytes.length) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}

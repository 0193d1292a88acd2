const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/*
 * Finds its way in JSON that is known to be well-formed, without parsing it. Positions are byte offsets. Malformed bytes
 * lead to a wrong position, never out of the buffer and never into an endless loop.
 */

/** The position behind the value that starts at `at`. */
export function valueEnd(bytes: Buffer, at: number): number {
  const first = bytes[at];
  if (first === QUOTE) return stringEnd(bytes, at);
  if (first === 0x7b || first === 0x5b) return nestedEnd(bytes, at);
  let end = at;
  while (end < bytes.length && !isAfterScalar(bytes[end])) end++;
  return end;
}

/** The position of the value of the member `name` of the object that starts at `at`; -1 when it has none. */
export function memberAt(bytes: Buffer, at: number, name: string): number {
  const wanted = Buffer.from(JSON.stringify(name));
  let key = skipSpace(bytes, at + 1);
  while (bytes[key] === QUOTE) {
    const keyEnd = stringEnd(bytes, key);
    const value = skipSpace(bytes, skipSpace(bytes, keyEnd) + 1);
    if (keyEnd - key === wanted.length && bytes.compare(wanted, 0, wanted.length, key, keyEnd) === 0) return value;
    // Behind the value comes a comma or the end of the object.
    key = skipSpace(bytes, skipSpace(bytes, valueEnd(bytes, value)) + 1);
  }
  return -1;
}

/** The positions of the values in the array that starts at `at`. */
export function* elementsOf(bytes: Buffer, at: number): Generator<number, void, void> {
  let element = skipSpace(bytes, at + 1);
  while (element < bytes.length && bytes[element] !== 0x5d) {
    yield element;
    element = skipSpace(bytes, skipSpace(bytes, valueEnd(bytes, element)) + 1);
  }
}

function stringEnd(bytes: Buffer, at: number): number {
  let end = bytes.indexOf(QUOTE, at + 1);
  while (end !== -1 && isEscaped(bytes, end)) end = bytes.indexOf(QUOTE, end + 1);
  return end === -1 ? bytes.length : end + 1;
}

function isEscaped(bytes: Buffer, quote: number): boolean {
  let backslashes = 0;
  while (bytes[quote - 1 - backslashes] === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}

function nestedEnd(bytes: Buffer, at: number): number {
  let depth = 0;
  for (let i = at; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) i = stringEnd(bytes, i) - 1;
    else if (byte === 0x7b || byte === 0x5b) depth++;
    else if (byte === 0x7d || byte === 0x5d) {
      depth--;
      if (depth === 0) return i + 1;
    }
  }
  return bytes.length;
}

function isAfterScalar(byte: number | undefined): boolean {
  return byte === 0x2c || byte === 0x7d || byte === 0x5d || isSpace(byte);
}

function skipSpace(bytes: Buffer, at: number): number {
  let end = at;
  while (isSpace(bytes[end])) end++;
  return end;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

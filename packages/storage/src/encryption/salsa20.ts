/** The words of "expand 32-byte k", which fill the diagonal of the state. */
const SIGMA = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const;
const WORDS = 16;
const BLOCK_BYTES = 64;

/** Where the words of key and input go in the state (D. J. Bernstein, "The Salsa20 family of stream ciphers"). */
const DIAGONAL = [0, 5, 10, 15] as const;
const KEY_AT = [1, 2, 3, 4, 11, 12, 13, 14] as const;
const INPUT_AT = [6, 7, 8, 9] as const;

/** The quarter rounds of a double round: columns, then rows. */
const QUARTERS = [
  [0, 4, 8, 12],
  [5, 9, 13, 1],
  [10, 14, 2, 6],
  [15, 3, 7, 11],
  [0, 1, 2, 3],
  [5, 6, 7, 4],
  [10, 11, 8, 9],
  [15, 12, 13, 14],
] as const;

function stateOf(key: Buffer, input: Buffer): Uint32Array {
  const state = new Uint32Array(WORDS);
  DIAGONAL.forEach((at, i) => {
    state[at] = SIGMA[i] ?? 0;
  });
  KEY_AT.forEach((at, i) => {
    state[at] = key.readUInt32LE(4 * i);
  });
  INPUT_AT.forEach((at, i) => {
    state[at] = input.readUInt32LE(4 * i);
  });
  return state;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** Twenty rounds, in place. */
function rounds(x: Uint32Array): void {
  for (let double = 0; double < 10; double++) {
    for (const [a, b, c, d] of QUARTERS) {
      x[b] = (x[b] ?? 0) ^ rotate(((x[a] ?? 0) + (x[d] ?? 0)) | 0, 7);
      x[c] = (x[c] ?? 0) ^ rotate(((x[b] ?? 0) + (x[a] ?? 0)) | 0, 9);
      x[d] = (x[d] ?? 0) ^ rotate(((x[c] ?? 0) + (x[b] ?? 0)) | 0, 13);
      x[a] = (x[a] ?? 0) ^ rotate(((x[d] ?? 0) + (x[c] ?? 0)) | 0, 18);
    }
  }
}

/** HSalsa20: a key of 32 bytes out of a key and 16 bytes of nonce. */
function hsalsa20(key: Buffer, nonce: Buffer): Buffer {
  const state = stateOf(key, nonce);
  rounds(state);
  const out = Buffer.alloc(32);
  [...DIAGONAL, ...INPUT_AT].forEach((at, i) => {
    out.writeUInt32LE(state[at] ?? 0, 4 * i);
  });
  return out;
}

/** `length` bytes of the XSalsa20 stream of a key of 32 and a nonce of 24 bytes. */
export function xsalsa20(key: Buffer, nonce: Buffer, length: number): Buffer {
  const subkey = hsalsa20(key, nonce.subarray(0, 16));
  const input = Buffer.alloc(16);
  nonce.copy(input, 0, 16, 24);
  const out = Buffer.alloc(Math.ceil(length / BLOCK_BYTES) * BLOCK_BYTES);
  for (let block = 0; block * BLOCK_BYTES < length; block++) {
    input.writeUInt32LE(block, 8);
    const state = stateOf(subkey, input);
    const mixed = state.slice();
    rounds(mixed);
    for (let i = 0; i < WORDS; i++) {
      out.writeUInt32LE(((mixed[i] ?? 0) + (state[i] ?? 0)) >>> 0, block * BLOCK_BYTES + 4 * i);
    }
  }
  return out.subarray(0, length);
}

import { randomBytes, timingSafeEqual } from 'node:crypto';
import { CipherError, type ValueCipher } from './cipher.js';
import { poly1305 } from './poly1305.js';
import { xsalsa20 } from './salsa20.js';

const NONCE_BYTES = 24;
const TAG_BYTES = 16;
const MAC_KEY_BYTES = 32;

/** NaCl's secretbox, XSalsa20 and Poly1305: nonce, tag, ciphertext. Keys of 32 bytes. */
export class Secretbox implements ValueCipher {
  readonly keyName: string;
  readonly #key: Buffer;

  constructor(keyName: string, key: Buffer) {
    this.keyName = keyName;
    this.#key = key;
  }

  seal(plain: Buffer): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const { macKey, pad } = this.#stream(nonce, plain.length);
    const cipherText = xor(plain, pad);
    return Buffer.concat([nonce, poly1305(cipherText, macKey), cipherText]);
  }

  open(sealed: Buffer): Buffer {
    const start = NONCE_BYTES + TAG_BYTES;
    if (sealed.length < start) throw new CipherError('the stored data was shorter than the required size');
    const cipherText = sealed.subarray(start);
    const { macKey, pad } = this.#stream(sealed.subarray(0, NONCE_BYTES), cipherText.length);
    if (!timingSafeEqual(poly1305(cipherText, macKey), sealed.subarray(NONCE_BYTES, start))) {
      throw new CipherError('secretbox: message authentication failed');
    }
    return xor(cipherText, pad);
  }

  /** The first bytes of the stream are the key of the tag. */
  #stream(nonce: Buffer, length: number): { macKey: Buffer; pad: Buffer } {
    const stream = xsalsa20(this.#key, nonce, MAC_KEY_BYTES + length);
    return { macKey: stream.subarray(0, MAC_KEY_BYTES), pad: stream.subarray(MAC_KEY_BYTES) };
  }
}

function xor(bytes: Buffer, pad: Buffer): Buffer {
  const out = Buffer.allocUnsafe(bytes.length);
  for (let i = 0; i < bytes.length; i++) out[i] = (bytes[i] ?? 0) ^ (pad[i] ?? 0);
  return out;
}

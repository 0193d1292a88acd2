import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { CipherError, type ValueCipher } from './cipher.js';

const BLOCK_BYTES = 16;

/** AES in CBC with PKCS #7 padding: IV, ciphertext. Nothing is authenticated; kept for data that is there. */
export class AesCbc implements ValueCipher {
  readonly keyName: string;
  readonly #key: Buffer;
  readonly #algorithm: string;

  constructor(keyName: string, key: Buffer) {
    this.keyName = keyName;
    this.#key = key;
    this.#algorithm = `aes-${key.length * 8}-cbc`;
  }

  seal(plain: Buffer): Buffer {
    const iv = randomBytes(BLOCK_BYTES);
    const cipher = createCipheriv(this.#algorithm, this.#key, iv);
    return Buffer.concat([iv, cipher.update(plain), cipher.final()]);
  }

  open(sealed: Buffer): Buffer {
    if (sealed.length < BLOCK_BYTES) throw new CipherError('the stored data was shorter than the required size');
    const decipher = createDecipheriv(this.#algorithm, this.#key, sealed.subarray(0, BLOCK_BYTES));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(BLOCK_BYTES)), decipher.final()]);
    } catch (error) {
      throw new CipherError('invalid padding on input', { cause: error });
    }
  }
}

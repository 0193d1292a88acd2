import { type CipherGCMTypes, createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { CipherError, type ValueCipher } from './cipher.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES in GCM: nonce, ciphertext, tag; the store's key is authenticated along. Keys of 16, 24 or 32 bytes. */
export class AesGcm implements ValueCipher {
  readonly keyName: string;
  readonly #key: Buffer;
  readonly #algorithm: CipherGCMTypes;

  constructor(keyName: string, key: Buffer) {
    this.keyName = keyName;
    this.#key = key;
    this.#algorithm = key.length === 16 ? 'aes-128-gcm' : key.length === 24 ? 'aes-192-gcm' : 'aes-256-gcm';
  }

  seal(plain: Buffer, context: Buffer): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(this.#algorithm, this.#key, nonce).setAAD(context);
    return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  open(sealed: Buffer, context: Buffer): Buffer {
    const end = sealed.length - TAG_BYTES;
    if (end < NONCE_BYTES) throw new CipherError('the stored data was shorter than the required size');
    const decipher = createDecipheriv(this.#algorithm, this.#key, sealed.subarray(0, NONCE_BYTES)).setAAD(context);
    decipher.setAuthTag(sealed.subarray(end));
    const plain = decipher.update(sealed.subarray(NONCE_BYTES, end));
    try {
      return Buffer.concat([plain, decipher.final()]);
    } catch (error) {
      throw new CipherError('cipher: message authentication failed', { cause: error });
    }
  }
}

/** One key of one encryption provider. */
export interface ValueCipher {
  /** Of the key, as it stands in what it wrote. */
  readonly keyName: string;
  /** `context` is bound to the value where the cipher can do that: a value moved to another key does not open. */
  seal(plain: Buffer, context: Buffer): Buffer;
  /** Throws CipherError. */
  open(sealed: Buffer, context: Buffer): Buffer;
}

/** A value that a key does not open: damaged, of another key, or of another place. */
export class CipherError extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(why, options);
    this.name = 'CipherError';
  }
}

import { CipherError, type ValueCipher } from './cipher.js';

/** What every encrypted value begins with, whatever wrote it. */
const ENCRYPTED = Buffer.from('k8s:enc:');

/** An entry of the list of providers: keys under one prefix, or no encryption at all. */
export type Provider = KeyedProvider | { readonly kind: 'identity' };

export interface KeyedProvider {
  readonly kind: 'aesgcm' | 'aescbc' | 'secretbox';
  /** The first writes. */
  readonly ciphers: readonly [ValueCipher, ...ValueCipher[]];
}

export interface OpenedValue {
  readonly plain: Buffer;
  /** Not as the first provider with its first key would write it today. */
  readonly stale: boolean;
}

/**
 * The providers of some resources: the first writes, all read. Stored values look as upstream's do,
 * `k8s:enc:aesgcm:v1:KEY:` and then the ciphertext, so that data may be moved.
 */
export class Providers {
  readonly #providers: readonly [Provider, ...Provider[]];

  constructor(providers: readonly [Provider, ...Provider[]]) {
    this.#providers = providers;
  }

  seal(plain: Buffer, key: string): Buffer {
    const [first] = this.#providers;
    if (first.kind === 'identity') return plain;
    const [cipher] = first.ciphers;
    return Buffer.concat([prefixOf(first, cipher), cipher.seal(plain, Buffer.from(key, 'utf8'))]);
  }

  /** Throws CipherError when no provider reads the value. */
  open(value: Buffer, key: string): OpenedValue {
    const faults: string[] = [];
    for (const [at, provider] of this.#providers.entries()) {
      if (provider.kind === 'identity') {
        if (!isEncrypted(value)) return { plain: value, stale: at > 0 };
        continue;
      }
      for (const [keyAt, cipher] of provider.ciphers.entries()) {
        const prefix = prefixOf(provider, cipher);
        if (!startsWith(value, prefix)) continue;
        const plain = tryOpen(cipher, value.subarray(prefix.length), key, faults);
        if (plain !== undefined) return { plain, stale: at + keyAt > 0 };
      }
    }
    throw new CipherError(faults[0] ?? 'no matching prefix found');
  }
}

export function isEncrypted(value: Buffer): boolean {
  return startsWith(value, ENCRYPTED);
}

function tryOpen(cipher: ValueCipher, sealed: Buffer, key: string, faults: string[]): Buffer | undefined {
  try {
    return cipher.open(sealed, Buffer.from(key, 'utf8'));
  } catch (error) {
    if (!(error instanceof CipherError)) throw error;
    faults.push(error.message);
    return undefined;
  }
}

function prefixOf({ kind }: KeyedProvider, { keyName }: ValueCipher): Buffer {
  return Buffer.from(`k8s:enc:${kind}:v1:${keyName}:`, 'utf8');
}

function startsWith(value: Buffer, prefix: Buffer): boolean {
  return value.length >= prefix.length && prefix.compare(value, 0, prefix.length) === 0;
}

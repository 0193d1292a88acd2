import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { algorithmOf, type JwtAlgorithm } from '../jwt/algorithm.js';

/** A key that cannot sign or check tokens. */
export class AccountKeyError extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(`a key for service-account tokens cannot be used: ${why}`, options);
    this.name = 'AccountKeyError';
  }
}

export interface VerifyingKey {
  readonly id: string;
  readonly algorithm: JwtAlgorithm;
  readonly key: KeyObject;
}

/**
 * The keys of service-account tokens: one signs, and every one of `verifying` is good to check, so that a new key may
 * be brought in while tokens of the old one live on. Ids are upstream's, the hash of the public key.
 */
export class AccountKeys {
  readonly signing: VerifyingKey;
  /** In the order of the JWKS: the signing key comes last unless it was given among the others. */
  readonly all: readonly VerifyingKey[];
  readonly #private: KeyObject;

  /** `signing` is a PEM private key; `others` are PEM texts with public or private keys. Throws AccountKeyError. */
  constructor(signing: string, others: readonly string[] = []) {
    this.#private = parse(() => createPrivateKey(signing));
    this.signing = verifyingKey(createPublicKey(this.#private));
    const byId = new Map<string, VerifyingKey>();
    for (const pem of others.flatMap(splitPem)) {
      const key = verifyingKey(parse(() => createPublicKey(pem)));
      byId.set(key.id, key);
    }
    byId.set(this.signing.id, this.signing);
    this.all = [...byId.values()];
  }

  get privateKey(): KeyObject {
    return this.#private;
  }

  /** The keys that a token with that id may be signed with; all of them for a token without one. */
  withId(id: string | undefined): readonly VerifyingKey[] {
    return id === undefined || id === '' ? this.all : this.all.filter((key) => key.id === id);
  }
}

function verifyingKey(key: KeyObject): VerifyingKey {
  const algorithm = algorithmOf(key);
  if (algorithm === undefined) throw new AccountKeyError('it is neither RSA nor ECDSA on P-256, P-384 or P-521');
  const id = createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  return { id, algorithm, key };
}

const PEM_BLOCK = /-----BEGIN [A-Z ]+-----[^-]+-----END [A-Z ]+-----/g;

function splitPem(text: string): readonly string[] {
  const blocks = (text.match(PEM_BLOCK) ?? []).filter((block) => !block.startsWith('-----BEGIN EC PARAMETERS'));
  if (blocks.length === 0) throw new AccountKeyError('the file holds no PEM block');
  return blocks;
}

function parse(read: () => KeyObject): KeyObject {
  try {
    return read();
  } catch (error) {
    throw new AccountKeyError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

import { constants, type KeyObject, sign, verify } from 'node:crypto';

/** Signature algorithms of RFC 7518 §3.1 that a public key can check; `none` and shared secrets are not among them. */
export type JwtAlgorithm = 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512';

interface Scheme {
  readonly hash: string;
  readonly keyType: 'rsa' | 'ec';
  readonly curve?: string;
  readonly pss?: true;
}

const SCHEMES: Readonly<Record<JwtAlgorithm, Scheme>> = {
  RS256: { hash: 'sha256', keyType: 'rsa' },
  RS384: { hash: 'sha384', keyType: 'rsa' },
  RS512: { hash: 'sha512', keyType: 'rsa' },
  PS256: { hash: 'sha256', keyType: 'rsa', pss: true },
  PS384: { hash: 'sha384', keyType: 'rsa', pss: true },
  PS512: { hash: 'sha512', keyType: 'rsa', pss: true },
  ES256: { hash: 'sha256', keyType: 'ec', curve: 'prime256v1' },
  ES384: { hash: 'sha384', keyType: 'ec', curve: 'secp384r1' },
  ES512: { hash: 'sha512', keyType: 'ec', curve: 'secp521r1' },
};

export const JWT_ALGORITHMS: readonly JwtAlgorithm[] = Object.keys(SCHEMES).filter(isJwtAlgorithm);

export function isJwtAlgorithm(text: unknown): text is JwtAlgorithm {
  return typeof text === 'string' && Object.hasOwn(SCHEMES, text);
}

/** The algorithm that tokens are signed with by a key of this sort; undefined for a sort that Kubernetes does not take. */
export function algorithmOf(key: KeyObject): JwtAlgorithm | undefined {
  if (key.asymmetricKeyType === 'rsa') return 'RS256';
  const curve = key.asymmetricKeyDetails?.namedCurve;
  return JWT_ALGORITHMS.find((name) => curve !== undefined && SCHEMES[name].curve === curve);
}

/** True when `key` is of the sort that the algorithm wants; a token must not choose how its key is used. */
export function suits(algorithm: JwtAlgorithm, key: KeyObject): boolean {
  const { keyType, curve } = SCHEMES[algorithm];
  return key.asymmetricKeyType === keyType && (curve === undefined || curve === key.asymmetricKeyDetails?.namedCurve);
}

export function signBytes(algorithm: JwtAlgorithm, key: KeyObject, bytes: Buffer): Buffer {
  return sign(SCHEMES[algorithm].hash, bytes, keyInput(algorithm, key));
}

export function verifyBytes(algorithm: JwtAlgorithm, key: KeyObject, bytes: Buffer, signature: Buffer): boolean {
  return suits(algorithm, key) && verify(SCHEMES[algorithm].hash, bytes, keyInput(algorithm, key), signature);
}

function keyInput(algorithm: JwtAlgorithm, key: KeyObject) {
  const { keyType, pss } = SCHEMES[algorithm];
  if (keyType === 'ec') return { key, dsaEncoding: 'ieee-p1363' as const };
  const padding = pss ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  return pss ? { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : { key, padding };
}

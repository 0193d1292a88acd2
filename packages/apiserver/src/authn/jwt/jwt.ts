import type { KeyObject } from 'node:crypto';
import { parseJson } from '@kcp/apimachinery/json/parse';
import { stringify } from '@kcp/apimachinery/json/stringify';
import { JsonSyntaxError } from '@kcp/apimachinery/json/syntax-error';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import { readOptionalString, readString } from '@kcp/apimachinery/schema/read';
import { JWT_BYTES_MAX } from '../../limits.js';
import { isJwtAlgorithm, type JwtAlgorithm, signBytes, verifyBytes } from './algorithm.js';

/** A token that has been taken apart. Nothing in it is to be believed until its signature has been checked. */
export interface UncheckedJwt {
  readonly algorithm: JwtAlgorithm;
  readonly keyId: string | undefined;
  readonly claims: JsonObject;
  /** What was signed, and the signature. */
  readonly signed: Buffer;
  readonly signature: Buffer;
}

const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/** Takes a compact JWS (RFC 7515 §7.1) apart; undefined for what is none, or is signed in a way that is not accepted. */
export function parseJwt(token: string): UncheckedJwt | undefined {
  if (token.length > JWT_BYTES_MAX || !COMPACT.test(token)) return undefined;
  const [head = '', payload = '', signature = ''] = token.split('.');
  const header = decodedObject(head);
  const claims = decodedObject(payload);
  // RFC 7515 §4.1.11: an extension that is marked critical and not understood makes a token invalid.
  if (header === undefined || claims === undefined || header.crit !== undefined) return undefined;
  const algorithm = readString(header, 'alg');
  if (!isJwtAlgorithm(algorithm)) return undefined;
  return {
    algorithm,
    keyId: readOptionalString(header, 'kid'),
    claims,
    signed: Buffer.from(`${head}.${payload}`, 'latin1'),
    signature: Buffer.from(signature, 'base64url'),
  };
}

export function isSignedBy({ algorithm, signed, signature }: UncheckedJwt, key: KeyObject): boolean {
  return verifyBytes(algorithm, key, signed, signature);
}

/** A signed compact token. */
export function makeJwt(algorithm: JwtAlgorithm, keyId: string, key: KeyObject, claims: JsonObject): string {
  const signed = `${encoded({ alg: algorithm, kid: keyId })}.${encoded(claims)}`;
  return `${signed}.${signBytes(algorithm, key, Buffer.from(signed, 'latin1')).toString('base64url')}`;
}

function encoded(value: JsonObject): string {
  return Buffer.from(stringify(value), 'utf8').toString('base64url');
}

function decodedObject(text: string): JsonObject | undefined {
  try {
    const { value } = parseJson(Buffer.from(text, 'base64url').toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined;
    throw error;
  }
}

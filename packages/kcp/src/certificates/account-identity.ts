import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AccountIdentityConfig, DEFAULT_ISSUER } from '@kcp/apiserver/authn/service-account/account-identity';
import { AccountKeys } from '@kcp/apiserver/authn/service-account/account-keys';
import type { ServiceAccountConfig } from '../config/server-config.js';
import { readIfPresent, writePrivateFile } from './private-file.js';

export const ACCOUNT_KEY_FILE = 'service-account.key';

/**
 * How service accounts of a server prove who they are. Unless the user brings a key, one is made and kept in
 * `directory`. Throws AccountKeyError, and what the system says when files cannot be read or written.
 */
export function loadAccountIdentity(directory: string, config: ServiceAccountConfig): AccountIdentityConfig {
  const { signingKeyFile, keyFiles = [], issuers = [], audiences = [], jwksUri, tokenSecondsMax } = config;
  const signing = signingKeyFile === undefined ? keptKey(directory) : readFileSync(signingKeyFile, 'utf8');
  const others = keyFiles.map((file) => readFileSync(file, 'utf8'));
  const [first = DEFAULT_ISSUER, ...earlier] = issuers;
  return { keys: new AccountKeys(signing, others), issuers: [first, ...earlier], audiences, jwksUri, tokenSecondsMax };
}

/** The key of ours, made when there is none. */
export function keptKey(directory: string): string {
  const path = join(directory, ACCOUNT_KEY_FILE);
  const kept = readIfPresent(path);
  if (kept !== undefined) return kept;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  writePrivateFile(path, pem);
  return pem;
}

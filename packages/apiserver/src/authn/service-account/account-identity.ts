import { generateKeyPairSync } from 'node:crypto';
import type { WatchCache } from '@kcp/storage/cache';
import type { Clock } from '../../clock.js';
import type { ResourceCatalog } from '../../registry/catalog.js';
import { AccountKeys } from './account-keys.js';
import { AccountTokens } from './account-tokens.js';
import { IssuerDocuments } from './issuer-documents.js';
import { LiveObjects } from './live-objects.js';
import { TokenIssuer } from './token-issuer.js';

/** How service accounts prove who they are, as the operator says it. */
export interface AccountIdentityConfig {
  readonly keys: AccountKeys;
  /** The first issues; tokens of all are taken. */
  readonly issuers: readonly [string, ...string[]];
  /** Of this server; what is left empty is the issuer. */
  readonly audiences: readonly string[];
  readonly jwksUri: string | undefined;
  /** The longest life of a requested token. */
  readonly tokenSecondsMax: number | undefined;
}

/** Everything about service-account tokens: what makes them, what knows them, and what tells others how to. */
export interface AccountIdentity {
  readonly keys: AccountKeys;
  readonly issuer: TokenIssuer;
  readonly tokens: AccountTokens;
  readonly objects: LiveObjects;
  readonly audiences: readonly string[];
  readonly secondsMax: number | undefined;
  readonly documents: IssuerDocuments;
}

/** Of a server that was told no other. */
export const DEFAULT_ISSUER = 'https://kubernetes.default.svc';

/** What holds where nothing was said: a fresh key, for a server that keeps none. */
export function temporaryAccountIdentity(): AccountIdentityConfig {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const keys = new AccountKeys(pem);
  return { keys, issuers: [DEFAULT_ISSUER], audiences: [], jwksUri: undefined, tokenSecondsMax: undefined };
}

/** Brings a configuration to life over the objects of a server. */
export function accountIdentity(
  config: AccountIdentityConfig,
  cache: WatchCache,
  catalog: () => ResourceCatalog,
  clock: Clock,
): AccountIdentity {
  const { keys, issuers, jwksUri, tokenSecondsMax } = config;
  const [first] = issuers;
  const audiences = config.audiences.length === 0 ? [first] : config.audiences;
  const objects = new LiveObjects(cache, catalog);
  return {
    keys,
    issuer: new TokenIssuer(first, keys),
    tokens: new AccountTokens({ keys, issuers, audiences, objects, clock }),
    objects,
    audiences,
    secondsMax: tokenSecondsMax,
    documents: new IssuerDocuments({ issuer: first, keys, jwksUri }),
  };
}

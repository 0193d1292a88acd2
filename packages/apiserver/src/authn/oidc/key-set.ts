import { createPublicKey, type KeyObject } from 'node:crypto';
import { parseJson } from '@kcp/apimachinery/json/parse';
import { JsonSyntaxError } from '@kcp/apimachinery/json/syntax-error';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import { readObjects, readString } from '@kcp/apimachinery/schema/read';
import type { Clock } from '../../clock.js';
import { ISSUER_KEYS_FRESH_MS, ISSUER_KEYS_MAX, ISSUER_KEYS_RETRY_MS } from '../../limits.js';
import { RemoteEndpoint } from '../../webhook/remote-endpoint.js';
import { TokenFault } from '../token.js';
import type { JwtIssuer } from './jwt-issuer.js';

interface IssuerKey {
  readonly id: string;
  readonly key: KeyObject;
}

/**
 * The public keys of an issuer, found by OpenID discovery. They are kept: a refresh goes on beside requests, which wait
 * only for a first set, or for a key that is not known yet, and nobody asks the issuer more often than now and then.
 */
export class IssuerKeys {
  readonly #issuer: JwtIssuer;
  readonly #endpoint: RemoteEndpoint;
  readonly #clock: Clock;
  #keys: readonly IssuerKey[] = [];
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;
  #fault: string | undefined;

  constructor(issuer: JwtIssuer, clock: Clock) {
    this.#issuer = issuer;
    this.#clock = clock;
    this.#endpoint = new RemoteEndpoint({
      server: discoveryAddress(issuer),
      authority: issuer.authority,
      skipVerify: false,
      ...{ serverName: undefined, certificate: undefined, key: undefined, token: undefined },
    });
  }

  /** The keys that a token with this id may be signed with. Throws TokenFault while the issuer has none. */
  keysFor(id: string | undefined): Promise<readonly KeyObject[]> | readonly KeyObject[] {
    const found = this.#find(id);
    if (found.length > 0) {
      if (this.#age() > ISSUER_KEYS_FRESH_MS) void this.#refresh();
      return found;
    }
    return this.#refresh().then(() => this.#findOrFail(id));
  }

  close(): void {
    this.#endpoint.close();
  }

  #find(id: string | undefined): readonly KeyObject[] {
    const fitting = id === undefined || id === '' ? this.#keys : this.#keys.filter((key) => key.id === id);
    return fitting.map(({ key }) => key);
  }

  #findOrFail(id: string | undefined): readonly KeyObject[] {
    const found = this.#find(id);
    if (found.length > 0) return found;
    throw new TokenFault(`oidc: ${this.#fault ?? 'no key of the issuer fits the token'}`);
  }

  #age(): number {
    return this.#clock.now() - this.#askedAt;
  }

  #refresh(): Promise<void> {
    if (this.#asking !== undefined) return this.#asking;
    if (this.#age() < ISSUER_KEYS_RETRY_MS) return Promise.resolve();
    this.#askedAt = this.#clock.now();
    this.#asking = this.#fetch()
      .then(
        (keys) => {
          this.#keys = keys;
          this.#fault = undefined;
        },
        (error: unknown) => {
          this.#fault = error instanceof Error ? error.message : String(error);
        },
      )
      .finally(() => {
        this.#asking = undefined;
      });
    return this.#asking;
  }

  async #fetch(): Promise<readonly IssuerKey[]> {
    const discovery = parseDocument(await this.#endpoint.get());
    if (readString(discovery, 'issuer') !== this.#issuer.url) {
      throw new TokenFault('issuer did not match the issuer returned by provider');
    }
    const address = readString(discovery, 'jwks_uri');
    if (!address.startsWith('https://')) throw new TokenFault('the discovery document names no https jwks_uri');
    const entries = readObjects(parseDocument(await this.#endpoint.get(address)), 'keys').slice(0, ISSUER_KEYS_MAX);
    return entries.flatMap(parseKey);
  }
}

function discoveryAddress({ url, discoveryUrl }: JwtIssuer): string {
  return discoveryUrl ?? `${url.replace(/\/$/, '')}/.well-known/openid-configuration`;
}

function parseDocument(text: string): JsonObject {
  try {
    const { value } = parseJson(text);
    if (isObject(value)) return value;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
  }
  throw new TokenFault('the issuer did not answer with a JSON object');
}

/** A key of a sort that is not known or is not for signatures does not count. */
function parseKey(entry: JsonObject): IssuerKey[] {
  const use = readString(entry, 'use');
  const kty = readString(entry, 'kty');
  if ((use !== '' && use !== 'sig') || (kty !== 'RSA' && kty !== 'EC')) return [];
  const jwk = Object.fromEntries(['kty', 'crv', 'n', 'e', 'x', 'y'].map((name) => [name, readString(entry, name)]));
  try {
    return [{ id: readString(entry, 'kid'), key: createPublicKey({ key: jwk, format: 'jwk' }) }];
  } catch (error) {
    if (error instanceof Error) return [];
    throw error;
  }
}

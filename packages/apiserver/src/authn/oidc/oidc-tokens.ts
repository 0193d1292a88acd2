import { createHash, type KeyObject } from 'node:crypto';
import { Recent } from '@kcp/apimachinery/recent/recent';
import { readNumber, readString } from '@kcp/apimachinery/schema/read';
import type { Clock } from '../../clock.js';
import { TOKEN_CACHE_ENTRIES_MAX } from '../../limits.js';
import { isSignedBy, parseJwt, type UncheckedJwt } from '../jwt/jwt.js';
import { audiencesOf } from '../jwt/registered-claims.js';
import { type TokenAuthenticator, TokenFault, type TokenIdentity } from '../token.js';
import type { JwtIssuer } from './jwt-issuer.js';
import { IssuerKeys } from './key-set.js';

/** How much later than now a token may begin, as go-oidc. */
const NOT_BEFORE_LEEWAY_MS = 5 * 60 * 1_000;
const SECOND_MS = 1_000;

interface Known {
  readonly identity: TokenIdentity;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** Knows the ID tokens of one foreign issuer. What a token amounts to is remembered until it expires. */
export class OidcTokens implements TokenAuthenticator {
  readonly #issuer: JwtIssuer;
  readonly #clock: Clock;
  readonly #keys: IssuerKeys;
  readonly #known = new Recent<string, Known>(TOKEN_CACHE_ENTRIES_MAX);

  constructor(issuer: JwtIssuer, clock: Clock) {
    this.#issuer = issuer;
    this.#clock = clock;
    this.#keys = new IssuerKeys(issuer, clock);
  }

  authenticateToken(token: string): Promise<TokenIdentity | undefined> | TokenIdentity | undefined {
    const hash = createHash('sha256').update(token).digest('base64');
    const known = this.#known.get(hash);
    if (known !== undefined && this.#clock.now() < known.until) return known.identity;
    const jwt = parseJwt(token);
    if (jwt === undefined || readString(jwt.claims, 'iss') !== this.#issuer.url) return undefined;
    const keys = this.#keys.keysFor(jwt.keyId);
    if (keys instanceof Promise) return keys.then((found) => this.#judge(hash, jwt, found));
    return this.#judge(hash, jwt, keys);
  }

  close(): void {
    this.#keys.close();
  }

  #judge(hash: string, jwt: UncheckedJwt, keys: readonly KeyObject[]): TokenIdentity {
    if (!keys.some((key) => isSignedBy(jwt, key))) {
      throw new TokenFault('oidc: verify token: failed to verify signature: failed to verify id token signature');
    }
    const until = this.#checkTimes(jwt);
    this.#checkAudience(jwt);
    const identity = { user: this.#issuer.userOf(jwt.claims), audiences: undefined };
    this.#known.set(hash, { identity, until });
    return identity;
  }

  /** Returns when the token ends. */
  #checkTimes({ claims }: UncheckedJwt): number {
    const now = this.#clock.now();
    const until = (readNumber(claims, 'exp') ?? 0) * SECOND_MS;
    if (until <= now) throw new TokenFault('oidc: verify token: oidc: token is expired');
    const from = (readNumber(claims, 'nbf') ?? 0) * SECOND_MS;
    if (from > now + NOT_BEFORE_LEEWAY_MS)
      throw new TokenFault('oidc: verify token: oidc: current time before the nbf (not before) time');
    return until;
  }

  #checkAudience({ claims }: UncheckedJwt): void {
    const named = audiencesOf(claims);
    const { audiences } = this.#issuer;
    if (named.some((audience) => audiences.includes(audience))) return;
    throw new TokenFault(
      `oidc: verify token: oidc: expected audience in [${audiences.join(' ')}] got [${named.join(' ')}]`,
    );
  }
}

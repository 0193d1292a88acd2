import { createHash } from 'node:crypto';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { ALL_CLUSTERS, type ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { Recent } from '@kcp/apimachinery/recent/recent';
import { readString } from '@kcp/apimachinery/schema/read';
import type { Clock } from '../../clock.js';
import { TOKEN_CACHE_ENTRIES_MAX } from '../../limits.js';
import { isSignedBy, parseJwt, type UncheckedJwt } from '../jwt/jwt.js';
import { audiencesOf, type TimeFault, timeFault } from '../jwt/registered-claims.js';
import {
  sharedAudiences,
  type TokenAuthenticator,
  TokenFault,
  type TokenIdentity,
  type TokenQuestion,
} from '../token.js';
import type { UserInfo } from '../user.js';
import {
  type AccountClaims,
  accountGroups,
  accountUserName,
  LEGACY_ISSUER,
  readAccountClaims,
} from './account-claims.js';
import type { AccountKeys } from './account-keys.js';
import { checkBound, checkedResources, checkLegacy } from './check-live.js';
import type { LiveObjects } from './live-objects.js';

export interface AccountTokenOptions {
  readonly keys: AccountKeys;
  /** Whose tokens are taken: the issuer of today and those of before. */
  readonly issuers: readonly string[];
  /** For whom a token is good that names nobody. */
  readonly audiences: readonly string[];
  readonly objects: LiveObjects;
  readonly clock: Clock;
}

/** A token whose signature has been checked. What may change with time is looked at on every use. */
interface SignedToken {
  readonly claims: JsonObject;
  readonly account: AccountClaims;
  readonly audiences: readonly string[];
  readonly resources: readonly string[];
  readonly user: UserInfo;
}

const TIME_FAULTS: Readonly<Record<TimeFault, string>> = {
  expired: 'service account token has expired',
  notYet: 'service account token is not valid yet',
  issuedLater: 'service account token is issued in the future',
};

/**
 * Knows the tokens of service accounts, bound ones and those that live in Secrets (upstream's `JWTTokenAuthenticator`).
 * A signature is checked once per token; account and bound objects are looked up in the watch cache at every request, so
 * that a token ends with them at once. A token is good in its own logical cluster alone.
 */
export class AccountTokens implements TokenAuthenticator {
  readonly #options: AccountTokenOptions;
  readonly #issuers: ReadonlySet<string>;
  readonly #signed = new Recent<string, SignedToken>(TOKEN_CACHE_ENTRIES_MAX);

  constructor(options: AccountTokenOptions) {
    this.#options = options;
    this.#issuers = new Set([...options.issuers, LEGACY_ISSUER]);
  }

  authenticateToken(
    token: string,
    question: TokenQuestion,
  ): Promise<TokenIdentity | undefined> | TokenIdentity | undefined {
    const signed = this.#signedToken(token);
    if (signed === undefined) return undefined;
    const { objects } = this.#options;
    const cluster = ownCluster(signed, question);
    const missing = signed.resources.filter((resource) => !objects.isLoaded(cluster, resource));
    if (missing.length === 0) return this.#check(token, signed, cluster, question);
    return Promise.all(missing.map((resource) => objects.load(cluster, resource))).then(() =>
      this.#check(token, signed, cluster, question),
    );
  }

  #check(token: string, signed: SignedToken, cluster: ClusterName, question: TokenQuestion): TokenIdentity {
    const { objects, clock } = this.#options;
    const { account, user } = signed;
    const audiences = sharedAudiences(signed.audiences, question.audiences);
    const now = clock.now();
    const fault = timeFault(signed.claims, now);
    if (fault !== undefined) throw new TokenFault(TIME_FAULTS[fault]);
    if (account.legacySecret === undefined) checkBound(objects, cluster, account, now);
    else checkLegacy(objects, cluster, account, token);
    return { user, audiences };
  }

  #signedToken(token: string): SignedToken | undefined {
    const hash = createHash('sha256').update(token).digest('base64');
    const known = this.#signed.get(hash);
    if (known !== undefined) return known;
    const jwt = parseJwt(token);
    if (jwt === undefined || !this.#issuers.has(readString(jwt.claims, 'iss'))) return undefined;
    this.#checkSignature(jwt);
    const signed = this.#understood(jwt.claims);
    this.#signed.set(hash, signed);
    return signed;
  }

  #checkSignature(jwt: UncheckedJwt): void {
    const keys = this.#options.keys.withId(jwt.keyId).filter(({ algorithm }) => algorithm === jwt.algorithm);
    if (keys.length === 0) throw new TokenFault('invalid signature, no keys found');
    if (!keys.some(({ key }) => isSignedBy(jwt, key))) {
      throw new TokenFault('go-jose/go-jose: error in cryptographic primitive');
    }
  }

  #understood(claims: JsonObject): SignedToken {
    const account = readAccountClaims(claims);
    const named = audiencesOf(claims);
    return {
      claims,
      account,
      audiences: named.length === 0 ? this.#options.audiences : named,
      resources: checkedResources(account),
      user: userOf(account),
    };
  }
}

/** What belongs to one logical cluster means nothing in another, nor across all of them. Throws TokenFault. */
function ownCluster({ account }: SignedToken, { scope }: TokenQuestion): ClusterName {
  if (scope !== ALL_CLUSTERS && account.cluster === scope) return scope;
  throw new TokenFault('service account token belongs to another logical cluster');
}

function userOf({ namespace, account, bound, id }: AccountClaims): UserInfo {
  const extra: Record<string, readonly string[]> = {};
  const tell = (key: string, value: string | undefined): void => {
    if (value) extra[`authentication.kubernetes.io/${key}`] = [value];
  };
  tell('credential-id', id === '' ? undefined : `JTI=${id}`);
  tell('pod-name', bound.pod?.name);
  tell('pod-uid', bound.pod?.uid);
  tell('node-name', bound.node?.name);
  tell('node-uid', bound.node?.uid);
  return {
    name: accountUserName(namespace, account.name),
    uid: account.uid,
    groups: [...accountGroups(namespace), 'system:authenticated'],
    extra,
  };
}

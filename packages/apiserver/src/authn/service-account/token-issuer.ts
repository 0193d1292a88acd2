import { randomUUID } from 'node:crypto';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { makeJwt } from '../jwt/jwt.js';
import { accountUserName, type BoundObjects, boundClaim, legacyClaims, type ObjectRef } from './account-claims.js';
import type { AccountKeys } from './account-keys.js';

export interface BoundTokenRequest {
  readonly cluster: ClusterName;
  readonly namespace: string;
  readonly account: ObjectRef;
  readonly audiences: readonly string[];
  readonly bound: BoundObjects;
  /** Milliseconds since 1970, and how long from then on. */
  readonly now: number;
  readonly seconds: number;
}

export interface IssuedToken {
  readonly token: string;
  /** Of the credential, as `authentication.kubernetes.io/credential-id` has it after `JTI=`. */
  readonly id: string;
}

export interface LegacyTokenRequest {
  readonly cluster: ClusterName;
  readonly namespace: string;
  readonly account: ObjectRef;
  readonly secretName: string;
}

/** Makes tokens of service accounts. Each names its logical cluster and is good in that one alone. */
export class TokenIssuer {
  readonly issuer: string;
  readonly #keys: AccountKeys;

  constructor(issuer: string, keys: AccountKeys) {
    this.issuer = issuer;
    this.#keys = keys;
  }

  /** A token with an end, for what a TokenRequest asks. */
  boundToken({ cluster, namespace, account, audiences, bound, now, seconds }: BoundTokenRequest): IssuedToken {
    const issued = Math.floor(now / 1_000);
    const id = randomUUID();
    const token = this.#sign({
      aud: [...audiences],
      exp: issued + seconds,
      iat: issued,
      iss: this.issuer,
      jti: id,
      'kubernetes.io': boundClaim(cluster, namespace, account, bound),
      nbf: issued,
      sub: accountUserName(namespace, account.name),
    });
    return { token, id };
  }

  /** The token of a Secret of type `kubernetes.io/service-account-token`: good while that Secret holds it. */
  legacyToken({ cluster, namespace, account, secretName }: LegacyTokenRequest): string {
    return this.#sign(legacyClaims(cluster, namespace, account, secretName));
  }

  #sign(claims: Parameters<typeof makeJwt>[3]): string {
    const { signing, privateKey } = this.#keys;
    return makeJwt(signing.algorithm, signing.id, privateKey, claims);
  }
}

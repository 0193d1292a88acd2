import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';

/** Whom a token of a Secret is for. */
export interface TokenSubject {
  readonly cluster: ClusterName;
  readonly namespace: string;
  /** The account. */
  readonly name: string;
  readonly uid: string;
  /** The Secret that will hold the token. */
  readonly secret: string;
}

/** Makes tokens that do not expire, of the kind that Secrets of type `kubernetes.io/service-account-token` hold. */
export interface TokenIssuer {
  issueLegacyToken(subject: TokenSubject): Promise<string> | string;
}

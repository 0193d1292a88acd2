import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { UserInfo } from '../user.js';

/** A foreign issuer of tokens, as an AuthenticationConfiguration describes it. */
export interface JwtIssuer {
  readonly url: string;
  /** Where its discovery document is; by default below `url`. */
  readonly discoveryUrl: string | undefined;
  /** PEM; undefined: the authorities that Node trusts. */
  readonly authority: string | undefined;
  /** A token must be for one of them. */
  readonly audiences: readonly string[];
  /** Makes a user of checked claims. Throws TokenFault. */
  userOf(claims: JsonObject): UserInfo;
}

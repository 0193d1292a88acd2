import { getOwn, isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import { userInfoOf } from '../../builtins/reviews/user-info.js';
import { TokenFault } from '../token.js';
import type { UserInfo } from '../user.js';
import type { ClaimExpression } from './claim-expressions.js';

/** Where a part of the user comes from. */
export type ClaimSource =
  | { readonly kind: 'claim'; readonly claim: string; readonly prefix: string }
  | { readonly kind: 'expression'; readonly expression: ClaimExpression };

export type ClaimRule =
  | { readonly kind: 'claim'; readonly claim: string; readonly requiredValue: string }
  | { readonly kind: 'expression'; readonly expression: ClaimExpression; readonly message: string };

export interface UserRule {
  readonly expression: ClaimExpression;
  readonly message: string;
}

export interface ClaimRules {
  readonly validation: readonly ClaimRule[];
  readonly username: ClaimSource;
  readonly groups: ClaimSource | undefined;
  readonly uid: ClaimSource | undefined;
  readonly extra: readonly { readonly key: string; readonly expression: ClaimExpression }[];
  readonly user: readonly UserRule[];
}

const RESERVED = 'system:';

/**
 * Makes a user of the checked claims of a token, or says why not (TokenFault). Whatever a foreign issuer says, its users
 * and groups are never ones of the system.
 */
export function userOfClaims(rules: ClaimRules, claims: JsonObject): UserInfo {
  for (const rule of rules.validation) checkClaim(rule, claims);
  const user: UserInfo = {
    name: userName(rules.username, claims),
    uid: rules.uid === undefined ? '' : text('uid', sourceValue(rules.uid, claims)),
    groups:
      rules.groups === undefined ? [] : withPrefix(rules.groups, texts('groups', sourceValue(rules.groups, claims))),
    extra: Object.fromEntries(
      rules.extra
        .map(({ key, expression }) => [key, texts(`extra ${key}`, expression.evaluate(claims))] as const)
        .filter(([, values]) => values.length > 0),
    ),
  };
  checkUser(rules, user);
  return user;
}

function checkClaim(rule: ClaimRule, claims: JsonObject): void {
  if (rule.kind === 'claim') {
    const value = getOwn(claims, rule.claim);
    if (value === undefined) throw new TokenFault(`oidc: required claim ${rule.claim} not present in ID token`);
    if (value !== rule.requiredValue) {
      throw new TokenFault(
        `oidc: required claim ${rule.claim} value does not match. Got = ${String(value)}, want = ${rule.requiredValue}`,
      );
    }
    return;
  }
  if (rule.expression.evaluate(claims) !== true) {
    throw new TokenFault(`oidc: error evaluating claim validation expression: ${failed(rule)}`);
  }
}

function failed({ expression, message }: { expression: ClaimExpression; message: string }): string {
  return `validation expression '${expression.text}' failed${message === '' ? '' : `: ${message}`}`;
}

function userName(source: ClaimSource, claims: JsonObject): string {
  if (source.kind === 'claim' && source.claim === 'email') checkEmail(claims);
  const [name = ''] = withPrefix(source, [text('username', sourceValue(source, claims))]);
  if (name === '') throw new TokenFault('oidc: could not get username from the claims');
  return name;
}

/** An address that the issuer says is not verified is nobody's. */
function checkEmail(claims: JsonObject): void {
  const verified = getOwn(claims, 'email_verified');
  if (verified === undefined || verified === true) return;
  throw new TokenFault('oidc: email not verified');
}

function checkUser({ user: rules }: ClaimRules, user: UserInfo): void {
  for (const name of [user.name, ...user.groups]) {
    if (name.startsWith(RESERVED)) throw new TokenFault(`oidc: ${JSON.stringify(name)} is reserved for the system`);
  }
  if (rules.length === 0) return;
  const shown = { groups: [], extra: {}, uid: '', ...userInfoOf(user) };
  for (const rule of rules) {
    if (rule.expression.evaluate(shown) !== true) {
      throw new TokenFault(`oidc: error evaluating user info validation rule: ${failed(rule)}`);
    }
  }
}

function sourceValue(source: ClaimSource, claims: JsonObject): JsonValue {
  return source.kind === 'claim' ? (getOwn(claims, source.claim) ?? null) : source.expression.evaluate(claims);
}

function withPrefix(source: ClaimSource, names: readonly string[]): readonly string[] {
  return source.kind === 'claim' ? names.map((name) => source.prefix + name) : names;
}

function text(what: string, value: JsonValue): string {
  if (typeof value === 'string') return value;
  throw new TokenFault(`oidc: ${what} is not a text`);
}

/** A text, several, or nothing; empty ones do not count. */
function texts(what: string, value: JsonValue): readonly string[] {
  if (value === null) return [];
  const list = Array.isArray(value) ? value : [value];
  if (list.some((item) => typeof item !== 'string' || isObject(item))) {
    throw new TokenFault(`oidc: ${what} is neither a text nor a list of texts`);
  }
  return list.filter((item) => typeof item === 'string').filter((item) => item !== '');
}

import { BOOL, type CelType, DYN, listType, NULL, STRING } from '@kcp/apimachinery/cel/types/cel-type';
import { duplicate, type FieldError, fieldErrorText, invalid, required } from '@kcp/apimachinery/errors/field-error';
import { isObject, type JsonObject, type JsonValue } from '@kcp/apimachinery/json/value';
import { readObject, readObjects, readOptionalString, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { indexPath } from '@kcp/apimachinery/validation/field-path';
import type { AnonymousAccess } from '../authenticator.js';
import { ClaimExpression, type Subject } from './claim-expressions.js';
import { type ClaimRule, type ClaimRules, type ClaimSource, type UserRule, userOfClaims } from './claim-rules.js';
import type { JwtIssuer } from './jwt-issuer.js';

/** A configuration with faults; all of them are named. */
export class AuthenticationConfigError extends Error {
  constructor(why: string) {
    super(`the authentication configuration is invalid: ${why}`);
    this.name = 'AuthenticationConfigError';
  }
}

export interface AuthenticationRules {
  readonly issuers: readonly JwtIssuer[];
  /** Undefined: the flag says it. */
  readonly anonymous: AnonymousAccess | undefined;
}

const VERSIONS = ['apiserver.config.k8s.io/v1', 'apiserver.config.k8s.io/v1beta1'];
const ISSUERS_MAX = 64;
const TEXTS: readonly CelType[] = [STRING, listType(STRING), listType(DYN), DYN, NULL];
const TEXT: readonly CelType[] = [STRING, DYN];
const RESERVED_KEY = /(?:^|\.)(?:k8s|kubernetes)\.io\//;
const KEY = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/\S+$/;

/**
 * Understands an `AuthenticationConfiguration` of `apiserver.config.k8s.io`, with upstream's rules for it. `own` are the
 * issuers of service-account tokens, which nobody else may claim to be. Throws AuthenticationConfigError.
 */
export function parseAuthenticationConfiguration(value: JsonValue, own: readonly string[]): AuthenticationRules {
  if (!isObject(value) || readString(value, 'kind') !== 'AuthenticationConfiguration') {
    throw new AuthenticationConfigError('it is no AuthenticationConfiguration');
  }
  if (!VERSIONS.includes(readString(value, 'apiVersion'))) {
    throw new AuthenticationConfigError(`its apiVersion must be ${VERSIONS[0]}`);
  }
  const reader = new Reader(own);
  const issuers = readObjects(value, 'jwt').map((jwt, at) => reader.issuer(jwt, indexPath('jwt', at)));
  if (issuers.length > ISSUERS_MAX) throw new AuthenticationConfigError(`must have at most ${ISSUERS_MAX} items`);
  reader.finish();
  return { issuers, anonymous: anonymousAccess(readObject(value, 'anonymous')) };
}

function anonymousAccess(anonymous: JsonObject | undefined): AnonymousAccess | undefined {
  if (anonymous === undefined) return undefined;
  if (anonymous.enabled !== true) return false;
  const paths = readObjects(anonymous, 'conditions').map((condition) => readString(condition, 'path'));
  return paths.length === 0 ? true : paths;
}

/** Reads entries and gathers what is wrong with them. */
class Reader {
  readonly #errors: FieldError[] = [];
  readonly #taken: Set<string>;

  constructor(own: readonly string[]) {
    this.#taken = new Set(own);
  }

  finish(): void {
    if (this.#errors.length > 0) throw new AuthenticationConfigError(this.#errors.map(fieldErrorText).join(', '));
  }

  issuer(jwt: JsonObject, path: string): JwtIssuer {
    const issuer = readObject(jwt, 'issuer') ?? {};
    const url = readString(issuer, 'url');
    const discoveryUrl = readOptionalString(issuer, 'discoveryURL');
    const audiences = readStrings(issuer, 'audiences');
    this.#checkUrl(url, `${path}.issuer.url`);
    if (this.#taken.has(url)) this.#errors.push(duplicate(`${path}.issuer.url`, url));
    this.#taken.add(url);
    if (discoveryUrl !== undefined) this.#checkUrl(discoveryUrl, `${path}.issuer.discoveryURL`);
    if (audiences.length === 0) this.#errors.push(required(`${path}.issuer.audiences`, 'at least one is required'));
    const policy = readString(issuer, 'audienceMatchPolicy');
    if (policy !== 'MatchAny' && (policy !== '' || audiences.length > 1)) {
      const why = 'audienceMatchPolicy must be MatchAny for multiple audiences';
      this.#errors.push(invalid(`${path}.issuer.audienceMatchPolicy`, policy, why));
    }
    const rules = this.#rules(jwt, path);
    return {
      url,
      discoveryUrl,
      authority: readOptionalString(issuer, 'certificateAuthority'),
      audiences,
      userOf: (claims) => userOfClaims(rules, claims),
    };
  }

  #checkUrl(text: string, path: string): void {
    if (text === '') {
      this.#errors.push(required(path));
      return;
    }
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol !== 'https:') this.#errors.push(invalid(path, text, 'URL scheme must be https'));
    if (url?.username) this.#errors.push(invalid(path, text, 'URL must not contain a username or password'));
    if (url?.search) this.#errors.push(invalid(path, text, 'URL must not contain a query'));
    if (url?.hash) this.#errors.push(invalid(path, text, 'URL must not contain a fragment'));
  }

  #rules(jwt: JsonObject, path: string): ClaimRules {
    const mappings = readObject(jwt, 'claimMappings') ?? {};
    const at = `${path}.claimMappings`;
    const username = this.#source(readObject(mappings, 'username'), `${at}.username`, TEXT, true);
    if (username === undefined) this.#errors.push(required(`${at}.username`, 'claim or expression is required'));
    const rules = {
      validation: readObjects(jwt, 'claimValidationRules').flatMap((rule, i) =>
        this.#claimRule(rule, indexPath(`${path}.claimValidationRules`, i)),
      ),
      username: username ?? { kind: 'claim' as const, claim: '', prefix: '' },
      groups: this.#source(readObject(mappings, 'groups'), `${at}.groups`, TEXTS, true),
      uid: this.#source(readObject(mappings, 'uid'), `${at}.uid`, TEXT, false),
      extra: readObjects(mappings, 'extra').flatMap((entry, i) => this.#extra(entry, indexPath(`${at}.extra`, i))),
      user: readObjects(jwt, 'userValidationRules').flatMap((rule, i) =>
        this.#userRule(rule, indexPath(`${path}.userValidationRules`, i)),
      ),
    };
    this.#checkEmail(rules, `${at}.username.expression`);
    return rules;
  }

  #source(
    entry: JsonObject | undefined,
    path: string,
    types: readonly CelType[],
    prefixed: boolean,
  ): ClaimSource | undefined {
    const claim = readString(entry ?? {}, 'claim');
    const text = readString(entry ?? {}, 'expression');
    const prefix = readOptionalString(entry ?? {}, 'prefix');
    if (claim !== '' && text !== '') {
      this.#errors.push(invalid(path, '', "claim and expression can't both be set"));
    } else if (text !== '') {
      if (prefix !== undefined)
        this.#errors.push(invalid(`${path}.prefix`, prefix, "prefix can't be set when expression is set"));
      const expression = this.#expression(text, 'claims', types, `${path}.expression`);
      return expression && { kind: 'expression', expression };
    } else if (claim !== '') {
      if (prefixed && prefix === undefined) {
        const why = 'prefix is required when claim is set. It can be set to an empty string to disable prefixing';
        this.#errors.push(required(`${path}.prefix`, why));
      }
      return { kind: 'claim', claim, prefix: prefix ?? '' };
    }
    return undefined;
  }

  #claimRule(rule: JsonObject, path: string): ClaimRule[] {
    const claim = readString(rule, 'claim');
    const text = readString(rule, 'expression');
    const message = readString(rule, 'message');
    if ((claim === '') === (text === '')) {
      const both = invalid(path, claim, "claim and expression can't both be set");
      this.#errors.push(claim === '' ? required(path, 'claim or expression is required') : both);
      return [];
    }
    if (claim !== '') return [{ kind: 'claim', claim, requiredValue: readString(rule, 'requiredValue') }];
    const expression = this.#expression(text, 'claims', [BOOL], `${path}.expression`);
    return expression === undefined ? [] : [{ kind: 'expression', expression, message }];
  }

  #userRule(rule: JsonObject, path: string): UserRule[] {
    const text = readString(rule, 'expression');
    if (text === '') this.#errors.push(required(`${path}.expression`));
    const expression = text === '' ? undefined : this.#expression(text, 'user', [BOOL], `${path}.expression`);
    return expression === undefined ? [] : [{ expression, message: readString(rule, 'message') }];
  }

  #extra(entry: JsonObject, path: string): { key: string; expression: ClaimExpression }[] {
    const key = readString(entry, 'key');
    const text = readString(entry, 'valueExpression');
    const wrong = (why: string): void => void this.#errors.push(invalid(`${path}.key`, key, why));
    if (!KEY.test(key)) wrong('must be a domain-prefixed path (such as "acme.io/foo")');
    if (key !== key.toLowerCase()) wrong('must be lowercase');
    if (RESERVED_KEY.test(key)) wrong('k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use');
    if (text === '') this.#errors.push(required(`${path}.valueExpression`));
    const expression = text === '' ? undefined : this.#expression(text, 'claims', TEXTS, `${path}.valueExpression`);
    return expression === undefined ? [] : [{ key, expression }];
  }

  #expression(text: string, subject: Subject, types: readonly CelType[], path: string): ClaimExpression | undefined {
    const compiled = ClaimExpression.compile(text, subject, types);
    if (typeof compiled !== 'string') return compiled;
    this.#errors.push(invalid(path, text, `compilation failed: ${compiled}`));
    return undefined;
  }

  /** Whoever takes an address for a name must look at whether it is verified, as upstream demands. */
  #checkEmail({ username, extra, validation }: ClaimRules, path: string): void {
    if (username.kind !== 'expression' || !username.expression.text.includes('claims.email')) return;
    const others = validation.flatMap((rule) => (rule.kind === 'expression' ? [rule.expression] : []));
    const all = [username.expression, ...extra.map(({ expression }) => expression), ...others];
    if (all.some(({ text }) => text.includes('email_verified'))) return;
    const why =
      'claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression';
    this.#errors.push(invalid(path, username.expression.text, why));
  }
}

import { readFileSync } from 'node:fs';
import { parseYaml } from '@kcp/apimachinery/codec/yaml';
import type { AnonymousAccess } from '@kcp/apiserver/authn/authenticator';
import { ExchangeableTokens } from '@kcp/apiserver/authn/exchangeable-tokens';
import {
  type AuthenticationRules,
  parseAuthenticationConfiguration,
} from '@kcp/apiserver/authn/oidc/authentication-configuration';
import { OidcTokens } from '@kcp/apiserver/authn/oidc/oidc-tokens';
import type { TokenAuthenticator } from '@kcp/apiserver/authn/token';
import type { Clock } from '@kcp/apiserver/clock';
import type { OidcFlags } from '../config/server-config.js';
import type { Log } from '../log/log.js';
import { legacyOidcConfiguration } from './legacy-oidc.js';
import { watchFiles } from './watch-files.js';

/** Who else vouches for users, as a file says it now. */
export interface ForeignTokens {
  readonly tokens: TokenAuthenticator;
  /** Undefined: the file does not say. */
  anonymous(): AnonymousAccess | undefined;
  close(): void;
}

/**
 * Takes tokens of the issuers in an AuthenticationConfiguration, which is read anew whenever it changes; a change that
 * makes no sense is logged and changes nothing. `own` are the issuers of service-account tokens. Throws
 * AuthenticationConfigError and what the system says of the file.
 */
export function loadForeignTokens(file: string, own: readonly string[], clock: Clock, log: Log): ForeignTokens {
  const load = () => parseAuthenticationConfiguration(parseYaml(readFileSync(file, 'utf8')).value, own);
  const foreign = new IssuerTokens(load(), clock);
  const watch = watchFiles([file], () => {
    try {
      foreign.use(load());
      log.info('the authentication configuration was read anew', { file });
    } catch (error) {
      log.error('a changed authentication configuration cannot be used', { file, error });
    }
  });
  return {
    tokens: foreign.tokens,
    anonymous: () => foreign.anonymous(),
    close() {
      watch.close();
      foreign.close();
    },
  };
}

/** The same for the one issuer of the `--oidc-*` flags. */
export function legacyForeignTokens(flags: OidcFlags, own: readonly string[], clock: Clock): ForeignTokens {
  return new IssuerTokens(parseAuthenticationConfiguration(legacyOidcConfiguration(flags), own), clock);
}

class IssuerTokens implements ForeignTokens {
  readonly tokens = new ExchangeableTokens();
  readonly #clock: Clock;
  #rules: AuthenticationRules;
  #members: readonly OidcTokens[] = [];

  constructor(rules: AuthenticationRules, clock: Clock) {
    this.#clock = clock;
    this.#rules = rules;
    this.use(rules);
  }

  use(rules: AuthenticationRules): void {
    const former = this.#members;
    this.#rules = rules;
    this.#members = rules.issuers.map((issuer) => new OidcTokens(issuer, this.#clock));
    this.tokens.use(this.#members);
    for (const member of former) member.close();
  }

  anonymous(): AnonymousAccess | undefined {
    return this.#rules.anonymous;
  }

  close(): void {
    for (const member of this.#members) member.close();
  }
}

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
import type { Log } from '../log/log.js';
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
  const tokens = new ExchangeableTokens();
  let rules = load();
  let members: readonly OidcTokens[] = [];
  const use = (next: AuthenticationRules): void => {
    const former = members;
    rules = next;
    members = next.issuers.map((issuer) => new OidcTokens(issuer, clock));
    tokens.use(members);
    for (const member of former) member.close();
  };
  use(rules);
  const watch = watchFiles([file], () => {
    try {
      use(load());
      log.info('the authentication configuration was read anew', { file });
    } catch (error) {
      log.error('a changed authentication configuration cannot be used', { file, error });
    }
  });
  return {
    tokens,
    anonymous: () => rules.anonymous,
    close() {
      watch.close();
      for (const member of members) member.close();
    },
  };
}

import {
  type AnonymousAccess,
  type Authenticator,
  bearerAuthenticator,
  certificateAuthenticator,
  inProcessAuthenticator,
  unionAuthenticator,
} from '@kcp/apiserver/authn/authenticator';
import { BootstrapTokens } from '@kcp/apiserver/authn/bootstrap-tokens';
import {
  RequestHeaderAuthenticator,
  type RequestHeaderConfig,
} from '@kcp/apiserver/authn/request-header/request-header';
import {
  type AccountIdentity,
  type AccountIdentityConfig,
  accountIdentity,
  temporaryAccountIdentity,
} from '@kcp/apiserver/authn/service-account/account-identity';
import { BearerTokens, type TokenAuthenticator } from '@kcp/apiserver/authn/token';
import type { Clock } from '@kcp/apiserver/clock';
import type { ResourceCatalog } from '@kcp/apiserver/registry/catalog';
import type { WatchCache } from '@kcp/storage/cache';

/** How callers may prove who they are. */
export interface IdentityOptions {
  /** Tokens that are asked for in order before those of service accounts. */
  readonly tokens: readonly TokenAuthenticator[];
  readonly bootstrapTokens?: boolean;
  /** Those of others, that may take a while to be judged. */
  readonly foreignTokens?: readonly TokenAuthenticator[];
  readonly anonymous: AnonymousAccess | (() => AnonymousAccess);
  /** Undefined: keys for as long as the server runs. */
  readonly accounts?: AccountIdentityConfig;
  /** How authenticating proxies say who the user is, where there are any. */
  readonly requestHeader?: RequestHeaderConfig;
}

/** Who is who. */
export interface Identity {
  readonly authenticator: Authenticator;
  readonly bearer: BearerTokens;
  readonly accounts: AccountIdentity;
}

/** In upstream's order: transport, proxy, client certificate, bearer token; then nobody. */
export function assembleIdentity(
  options: IdentityOptions,
  cache: WatchCache,
  catalog: () => ResourceCatalog,
  clock: Clock,
): Identity {
  const accounts = accountIdentity(options.accounts ?? temporaryAccountIdentity(), cache, catalog, clock);
  const bootstrap = options.bootstrapTokens ? [new BootstrapTokens(accounts.objects, clock)] : [];
  const bearer = new BearerTokens(
    [...options.tokens, accounts.tokens, ...bootstrap, ...(options.foreignTokens ?? [])],
    accounts.audiences,
  );
  const proxies = options.requestHeader === undefined ? [] : [new RequestHeaderAuthenticator(options.requestHeader)];
  const { anonymous } = options;
  const authenticator = unionAuthenticator(
    [inProcessAuthenticator, ...proxies, certificateAuthenticator, bearerAuthenticator(bearer)],
    typeof anonymous === 'function' ? anonymous : () => anonymous,
  );
  return { authenticator, bearer, accounts };
}

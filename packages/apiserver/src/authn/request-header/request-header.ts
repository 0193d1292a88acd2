import type { ApiRequest } from '../../http/exchange.js';
import type { Authenticator } from '../authenticator.js';
import { extraFromHeaders } from '../header-extra.js';
import type { UserInfo } from '../user.js';

/** Which headers of a trusted proxy say who the user is; names in any case. */
export interface RequestHeaderConfig {
  /** Common names of the proxies that are trusted; empty: every certificate of the proxies' authority. */
  readonly allowedNames: readonly string[];
  readonly usernameHeaders: readonly string[];
  readonly uidHeaders: readonly string[];
  readonly groupHeaders: readonly string[];
  readonly extraHeaderPrefixes: readonly string[];
}

/**
 * Believes the identity headers of an authenticating proxy, which must show a client certificate of the proxies' own
 * authority (upstream's `headerrequest`). Of everybody else these headers are not even looked at.
 */
export class RequestHeaderAuthenticator implements Authenticator {
  readonly #config: RequestHeaderConfig;

  constructor(config: RequestHeaderConfig) {
    const lower = (names: readonly string[]) => names.map((name) => name.toLowerCase());
    this.#config = {
      allowedNames: config.allowedNames,
      usernameHeaders: lower(config.usernameHeaders),
      uidHeaders: lower(config.uidHeaders),
      groupHeaders: lower(config.groupHeaders),
      extraHeaderPrefixes: lower(config.extraHeaderPrefixes),
    };
  }

  authenticate(request: ApiRequest): UserInfo | undefined {
    if (!this.#isProxy(request)) return undefined;
    const { usernameHeaders, uidHeaders, groupHeaders, extraHeaderPrefixes } = this.#config;
    const headers = request.headersWith('');
    const first = (names: readonly string[]): string =>
      names.map((name) => headers.get(name)?.[0] ?? '').find((value) => value !== '') ?? '';
    const name = first(usernameHeaders);
    if (name === '') return undefined;
    const groups = groupHeaders.flatMap((header) => headers.get(header) ?? []).filter((group) => group !== '');
    return { name, uid: first(uidHeaders), groups, extra: extraFromHeaders(headers, extraHeaderPrefixes) };
  }

  #isProxy({ peer }: ApiRequest): boolean {
    if (peer.kind !== 'tls' || peer.proxy === undefined) return false;
    const { allowedNames } = this.#config;
    return allowedNames.length === 0 || allowedNames.includes(peer.proxy.commonName);
  }
}

import { newUnauthorized } from '@kcp/apimachinery/errors/status-error';
import type { ApiRequest } from '../http/exchange.js';
import { ANONYMOUS, authenticated, type UserInfo } from './user.js';

/** Tells who a request comes from; undefined when it carries no credentials of this kind. Throws 401 for bad ones. */
export interface Authenticator {
  authenticate(request: ApiRequest): Promise<UserInfo | undefined> | UserInfo | undefined;
}

/** Knows bearer tokens; shared by the header and by TokenReview. */
export interface TokenAuthenticator {
  authenticateToken(token: string): Promise<UserInfo | undefined> | UserInfo | undefined;
}

/** Asks each in order; the first that knows the credentials wins. None: anonymous, or 401 when that is switched off. */
export function unionAuthenticator(members: readonly Authenticator[], anonymous: boolean): Authenticator {
  return {
    async authenticate(request) {
      for (const member of members) {
        const user = await member.authenticate(request);
        if (user) return authenticated(user);
      }
      if (!anonymous) throw newUnauthorized();
      return ANONYMOUS;
    },
  };
}

/** A caller inside this process, vouched for by the transport. */
export const inProcessAuthenticator: Authenticator = {
  authenticate: (request) => (request.peer.kind === 'inProcess' ? request.peer.user : undefined),
};

/** Client certificates: CN is the user, every O a group (upstream's `x509.CommonNameUserConversion`). */
export const certificateAuthenticator: Authenticator = {
  authenticate({ peer }) {
    if (peer.kind !== 'tls' || peer.certificate === undefined || peer.certificate.commonName === '') return undefined;
    return { name: peer.certificate.commonName, uid: '', groups: peer.certificate.organizations, extra: {} };
  },
};

const BEARER = /^bearer +(.+)$/i;

/** `Authorization: Bearer …`. A token that nobody knows is 401, also where anonymous requests are allowed. */
export function bearerAuthenticator(tokens: readonly TokenAuthenticator[]): Authenticator {
  return {
    async authenticate(request) {
      const token = BEARER.exec(request.header('authorization')?.trim() ?? '')?.[1]?.trim();
      if (token === undefined) return undefined;
      for (const authenticator of tokens) {
        const user = await authenticator.authenticateToken(token);
        if (user) return user;
      }
      throw newUnauthorized();
    },
  };
}

import { newUnauthorized } from '@kcp/apimachinery/errors/status-error';
import type { ClusterScope } from '@kcp/apimachinery/meta/cluster-name';
import type { ApiRequest, CertificateSubject } from '../http/exchange.js';
import { type BearerTokens, userOrUnauthorized } from './token.js';
import { ANONYMOUS, authenticated, type UserInfo } from './user.js';

/** Where a request goes, as far as authentication asks: service accounts belong to clusters, anonymous users to paths. */
export interface Destination {
  readonly scope: ClusterScope;
  readonly path: string;
}

/** Tells who a request comes from; undefined when it carries no credentials of this kind. Throws 401 for bad ones. */
export interface Authenticator {
  authenticate(request: ApiRequest, destination: Destination): Promise<UserInfo | undefined> | UserInfo | undefined;
}

/** Whether somebody without credentials may go on: everywhere, nowhere, or on these paths alone. */
export type AnonymousAccess = boolean | readonly string[];

/** Asks each in order; the first that knows the credentials wins. None: anonymous, or 401 when that is switched off. */
export function unionAuthenticator(members: readonly Authenticator[], anonymous: () => AnonymousAccess): Authenticator {
  return {
    authenticate: (request, destination) => askFrom(members, 0, request, destination, anonymous),
  };
}

/** Answers at once while its members do. */
function askFrom(
  members: readonly Authenticator[],
  first: number,
  request: ApiRequest,
  destination: Destination,
  anonymous: () => AnonymousAccess,
): Promise<UserInfo> | UserInfo {
  for (let at = first; at < members.length; at++) {
    const user = members[at]?.authenticate(request, destination);
    if (user instanceof Promise) {
      return user.then((found) =>
        found === undefined ? askFrom(members, at + 1, request, destination, anonymous) : authenticated(found),
      );
    }
    if (user !== undefined) return authenticated(user);
  }
  // A bad certificate beside no good credentials is no way to be anonymous.
  if (request.peer.kind === 'tls' && request.peer.refused) throw newUnauthorized();
  const access = anonymous();
  const admitted = typeof access === 'boolean' ? access : access.includes(destination.path);
  if (!admitted) throw newUnauthorized();
  return ANONYMOUS;
}

/** A caller inside this process, vouched for by the transport. */
export const inProcessAuthenticator: Authenticator = {
  authenticate: (request) => (request.peer.kind === 'inProcess' ? request.peer.user : undefined),
};

const certificateUsers = new WeakMap<CertificateSubject, UserInfo>();

/** Client certificates: CN is the user, every O a group (upstream's `x509.CommonNameUserConversion`). */
export const certificateAuthenticator: Authenticator = {
  authenticate({ peer }) {
    if (peer.kind !== 'tls' || peer.certificate === undefined || peer.certificate.commonName === '') return undefined;
    return certificateUsers.get(peer.certificate) ?? rememberUser(peer.certificate);
  },
};

/** One connection has one certificate, and many requests. */
function rememberUser(certificate: CertificateSubject): UserInfo {
  const { commonName, organizations, uid, fingerprint } = certificate;
  const extra = { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] };
  const user = authenticated({ name: commonName, uid, groups: organizations, extra });
  certificateUsers.set(certificate, user);
  return user;
}

const BEARER = /^bearer +([^ ]+)/i;

/** `Authorization: Bearer …`. A token that nobody knows is 401, also where anonymous requests are allowed. */
export function bearerAuthenticator(tokens: BearerTokens): Authenticator {
  return {
    authenticate(request, { scope }) {
      const header = request.header('authorization');
      const token = header === undefined ? undefined : BEARER.exec(header.trim())?.[1];
      if (token === undefined) return undefined;
      const verdict = tokens.judge(token, scope);
      return verdict instanceof Promise ? verdict.then(userOrUnauthorized) : userOrUnauthorized(verdict);
    },
  };
}

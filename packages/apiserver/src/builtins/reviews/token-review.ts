import { newBadRequest } from '@kcp/apimachinery/errors/status-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readObject, readString, readStrings } from '@kcp/apimachinery/schema/read';
import type { TokenAuthenticator } from '../../authn/authenticator.js';
import { authenticated, type UserInfo } from '../../authn/user.js';
import type { ResourceType } from '../../registry/resource-type.js';
import { reviewType } from './review-type.js';
import { AUTHENTICATION, userInfoOf } from './user-info.js';

const INVALID = 'invalid bearer token';

/**
 * The type that asks whom a token stands for. `audiences` are those of this server, for which every token is good that
 * names none itself.
 */
export function tokenReview(tokens: readonly TokenAuthenticator[], audiences: readonly string[]): ResourceType {
  return reviewType({
    ...AUTHENTICATION,
    kind: 'TokenReview',
    async answer(question) {
      const spec = readObject(question, 'spec') ?? {};
      const token = readString(spec, 'token');
      if (token === '') throw newBadRequest('token is required for TokenReview in authentication');
      const wanted = readStrings(spec, 'audiences');
      const good = wanted.length === 0 ? audiences : wanted.filter((audience) => audiences.includes(audience));
      const useless = wanted.length > 0 && good.length === 0;
      const user = useless ? undefined : await userOf(tokens, token);
      return { ...question, status: statusOf(user, good) };
    },
  });
}

async function userOf(tokens: readonly TokenAuthenticator[], token: string): Promise<UserInfo | undefined> {
  const [first = ''] = token.split(' ', 1);
  for (const authenticator of tokens) {
    const user = await authenticator.authenticateToken(first);
    if (user !== undefined) return authenticated(user);
  }
  return undefined;
}

function statusOf(user: UserInfo | undefined, audiences: readonly string[]): JsonObject {
  if (user === undefined) return { user: {}, error: INVALID };
  return {
    authenticated: true,
    user: userInfoOf(user),
    ...(audiences.length === 0 ? {} : { audiences: [...audiences] }),
  };
}

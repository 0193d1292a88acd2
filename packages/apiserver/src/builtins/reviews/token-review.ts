import { newBadRequest, newInternalError } from '@kcp/apimachinery/errors/status-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readObject, readString, readStrings } from '@kcp/apimachinery/schema/read';
import type { BearerTokens, TokenVerdict } from '../../authn/token.js';
import { authenticated } from '../../authn/user.js';
import type { ResourceType } from '../../registry/resource-type.js';
import { reviewType } from './review-type.js';
import { AUTHENTICATION, userInfoOf } from './user-info.js';

/** The type that asks whom a token stands for in this logical cluster, for the audiences asked for or those of the server. */
export function tokenReview(tokens: BearerTokens): ResourceType {
  return reviewType({
    ...AUTHENTICATION,
    kind: 'TokenReview',
    async answer(question, { cluster }) {
      const spec = readObject(question, 'spec') ?? {};
      const token = readString(spec, 'token');
      if (token === '') throw newBadRequest('token is required for TokenReview in authentication');
      const asked = readStrings(spec, 'audiences');
      const wanted = asked.length === 0 ? tokens.audiences : asked;
      // A header would carry the text up to the first blank, and so would upstream's review.
      const verdict = await tokens.judge(token.split(' ', 1)[0] ?? '', cluster, wanted);
      return { ...question, status: statusOf(verdict, wanted) };
    },
  });
}

function statusOf(verdict: TokenVerdict, wanted: readonly string[]): JsonObject {
  if (verdict.user === undefined) return { user: {}, error: verdict.why };
  const { user, audiences } = verdict;
  if (wanted.length > 0 && !wanted.some((one) => audiences.includes(one))) {
    throw newInternalError('error validating audiences');
  }
  return {
    authenticated: true,
    user: userInfoOf(authenticated(user)),
    ...(audiences.length === 0 ? {} : { audiences: [...audiences] }),
  };
}

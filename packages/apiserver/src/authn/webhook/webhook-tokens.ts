import { createHash } from 'node:crypto';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readObject, readString, readStrings } from '@kcp/apimachinery/schema/read';
import type { Clock } from '../../clock.js';
import { REVIEW_CACHE_ENTRIES_MAX } from '../../limits.js';
import { askReview } from '../../webhook/ask-review.js';
import { EndpointError, type RemoteEndpoint } from '../../webhook/remote-endpoint.js';
import { Expiring } from '../expiring.js';
import { type TokenAuthenticator, TokenFault, type TokenIdentity, type TokenQuestion } from '../token.js';
import type { UserInfo } from '../user.js';

type Answer = { readonly identity: TokenIdentity } | { readonly fault: string | undefined };

/** Asks a service of the operator's whom a token stands for (`TokenReview` v1), and remembers what it said for a while. */
export class WebhookTokens implements TokenAuthenticator {
  readonly #endpoint: RemoteEndpoint;
  readonly #ttlMs: number;
  readonly #known: Expiring<Answer>;
  readonly #asking = new Map<string, Promise<Answer>>();

  constructor(endpoint: RemoteEndpoint, ttlMs: number, clock: Clock) {
    this.#endpoint = endpoint;
    this.#ttlMs = ttlMs;
    this.#known = new Expiring(REVIEW_CACHE_ENTRIES_MAX, clock);
  }

  authenticateToken(
    token: string,
    { audiences }: TokenQuestion,
  ): Promise<TokenIdentity | undefined> | TokenIdentity | undefined {
    const key = createHash('sha256')
      .update(JSON.stringify([token, audiences]))
      .digest('base64');
    const known = this.#known.get(key);
    return known === undefined ? this.#ask(key, token, audiences).then(identityOf) : identityOf(known);
  }

  /** Several requests with one token ask once. */
  #ask(key: string, token: string, audiences: readonly string[]): Promise<Answer> {
    const under = this.#asking.get(key);
    if (under !== undefined) return under;
    const asked = this.#review(key, token, audiences).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asked);
    return asked;
  }

  async #review(key: string, token: string, audiences: readonly string[]): Promise<Answer> {
    const question = {
      kind: 'TokenReview',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { creationTimestamp: null },
      spec: { token, audiences: [...audiences] },
      status: { user: {} },
    };
    try {
      const answer = answerOf(await askReview(this.#endpoint, question), audiences);
      this.#known.set(key, answer, this.#ttlMs);
      return answer;
    } catch (error) {
      // A service that cannot be reached may be back with the next request.
      if (error instanceof EndpointError) return { fault: error.message };
      throw error;
    }
  }
}

function identityOf(answer: Answer): TokenIdentity | undefined {
  if ('identity' in answer) return answer.identity;
  if (answer.fault !== undefined) throw new TokenFault(answer.fault);
  return undefined;
}

function answerOf(status: JsonObject, asked: readonly string[]): Answer {
  const error = readString(status, 'error');
  if (status.authenticated !== true) return { fault: error === '' ? undefined : error };
  const named = readStrings(status, 'audiences');
  const audiences = named.length === 0 ? undefined : named.filter((audience) => asked.includes(audience));
  return { identity: { user: userOf(readObject(status, 'user') ?? {}), audiences } };
}

function userOf(user: JsonObject): UserInfo {
  const extra = readObject(user, 'extra') ?? {};
  return {
    name: readString(user, 'username'),
    uid: readString(user, 'uid'),
    groups: readStrings(user, 'groups'),
    extra: Object.fromEntries(Object.keys(extra).map((key) => [key.toLowerCase(), readStrings(extra, key)])),
  };
}

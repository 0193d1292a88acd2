import { goQuote } from '@kcp/apimachinery/errors/go-quote';
import { newUnauthorized, StatusError } from '@kcp/apimachinery/errors/status-error';
import type { ClusterScope } from '@kcp/apimachinery/meta/cluster-name';
import type { UserInfo } from './user.js';

/** Where a token was shown, and to whom it must be addressed. */
export interface TokenQuestion {
  readonly scope: ClusterScope;
  readonly audiences: readonly string[];
}

export interface TokenIdentity {
  readonly user: UserInfo;
  /** Those of the audiences asked for that the token is good for; undefined: it names none, it is for this server. */
  readonly audiences: readonly string[] | undefined;
}

/** Knows bearer tokens of one kind. Undefined for what is not of its kind; throws TokenFault for what is and is bad. */
export interface TokenAuthenticator {
  authenticateToken(
    token: string,
    question: TokenQuestion,
  ): Promise<TokenIdentity | undefined> | TokenIdentity | undefined;
}

/** A token that is recognised and not good. Its text goes to those who may review tokens, never to who showed it. */
export class TokenFault extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'TokenFault';
  }
}

const UNKNOWN = 'invalid bearer token';

export type TokenVerdict =
  | { readonly user: UserInfo; readonly audiences: readonly string[] }
  | { readonly user: undefined; readonly why: string };

/** Every kind of bearer token that a server takes, asked in order. */
export class BearerTokens {
  readonly #members: readonly TokenAuthenticator[];
  /** Of this server: for whom tokens are good that name nobody. */
  readonly audiences: readonly string[];

  constructor(members: readonly TokenAuthenticator[], audiences: readonly string[]) {
    this.#members = members;
    this.audiences = audiences;
  }

  /** Whom a token stands for where it was shown; for these audiences, or for those of this server. */
  judge(token: string, scope: ClusterScope, audiences = this.audiences): Promise<TokenVerdict> | TokenVerdict {
    return this.#askFrom(0, token, { scope, audiences }, []);
  }

  #askFrom(
    first: number,
    token: string,
    question: TokenQuestion,
    faults: string[],
  ): Promise<TokenVerdict> | TokenVerdict {
    for (let at = first; at < this.#members.length; at++) {
      const answer = ask(this.#members[at], token, question, faults);
      if (answer instanceof Promise) return this.#await(answer, at, token, question, faults);
      const verdict = this.#accept(answer, question);
      if (verdict !== undefined) return verdict;
    }
    return { user: undefined, why: faults.length > 1 ? `[${faults.join(', ')}]` : (faults[0] ?? UNKNOWN) };
  }

  async #await(
    answer: Promise<TokenIdentity | undefined>,
    at: number,
    token: string,
    question: TokenQuestion,
    faults: string[],
  ): Promise<TokenVerdict> {
    const identity = await answer.catch((error: unknown) => noteFault(error, faults));
    return this.#accept(identity, question) ?? this.#askFrom(at + 1, token, question, faults);
  }

  #accept(identity: TokenIdentity | undefined, question: TokenQuestion): TokenVerdict | undefined {
    if (identity === undefined) return undefined;
    const audiences = identity.audiences ?? question.audiences.filter((one) => this.audiences.includes(one));
    const useless = audiences.length === 0 && this.audiences.length > 0;
    return useless ? undefined : { user: identity.user, audiences };
  }
}

function ask(
  member: TokenAuthenticator | undefined,
  token: string,
  question: TokenQuestion,
  faults: string[],
): Promise<TokenIdentity | undefined> | TokenIdentity | undefined {
  try {
    return member?.authenticateToken(token, question);
  } catch (error) {
    return noteFault(error, faults);
  }
}

/** Also a Status counts: a token whose account is not there is bad, not the request. */
function noteFault(error: unknown, faults: string[]): undefined {
  if (!(error instanceof TokenFault || error instanceof StatusError)) throw error;
  faults.push(error.message);
  return undefined;
}

/** The audiences that both name; throws TokenFault, in upstream's words, where they have none in common. */
export function sharedAudiences(token: readonly string[], asked: readonly string[]): readonly string[] {
  const shared = token.filter((audience) => asked.includes(audience));
  if (shared.length > 0 || asked.length === 0) return shared;
  throw new TokenFault(`token audiences ${list(token)} is invalid for the target audiences ${list(asked)}`);
}

function list(texts: readonly string[]): string {
  return `[${texts.map(goQuote).join(' ')}]`;
}

/** The user of a verdict; throws 401 without saying why. */
export function userOrUnauthorized(verdict: TokenVerdict): UserInfo {
  if (verdict.user === undefined) throw newUnauthorized();
  return verdict.user;
}

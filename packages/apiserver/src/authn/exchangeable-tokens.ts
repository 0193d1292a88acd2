import type { TokenAuthenticator, TokenIdentity, TokenQuestion } from './token.js';
import { TokenFault } from './token.js';

/** Kinds of tokens that may be exchanged for others while the server runs. */
export class ExchangeableTokens implements TokenAuthenticator {
  #members: readonly TokenAuthenticator[] = [];

  use(members: readonly TokenAuthenticator[]): void {
    this.#members = members;
  }

  /** The first that knows the token; a kind that finds fault with it does not keep it from the others. */
  async authenticateToken(token: string, question: TokenQuestion): Promise<TokenIdentity | undefined> {
    let fault: TokenFault | undefined;
    for (const member of this.#members) {
      try {
        const identity = await member.authenticateToken(token, question);
        if (identity !== undefined) return identity;
      } catch (error) {
        if (!(error instanceof TokenFault)) throw error;
        fault ??= error;
      }
    }
    if (fault !== undefined) throw fault;
    return undefined;
  }
}

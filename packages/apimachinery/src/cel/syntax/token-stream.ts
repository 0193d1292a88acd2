import { CEL_NESTING_MAX, CEL_SYNTAX_RECOVERIES_MAX } from '../limits.js';
import { tokenize } from './lexer.js';
import { type Issue, type Location, locate, NO_LOCATION } from './source.js';
import { describeSet, type Token, type TokenKind } from './tokens.js';

/** Ends a parse that cannot sensibly go on; its errors are recorded already. */
export class ParseAbandoned extends Error {}

const END: Token = { kind: '<EOF>', text: '<EOF>', start: 0 };
/** After an error the parse goes on at one of these. */
const RESUME: ReadonlySet<TokenKind> = new Set<TokenKind>([
  "'=='",
  "'!='",
  "'in'",
  "'<'",
  "'<='",
  "'>='",
  "'>'",
  "'&&'",
  "'||'",
  "'['",
  "']'",
  "'}'",
  "')'",
  "','",
  "'-'",
  "'?'",
  "':'",
  "'+'",
  "'*'",
  "'/'",
  "'%'",
  '<EOF>',
]);

/** Tokens with the way upstream's parser generator reports and repairs what does not fit. */
export class TokenStream {
  readonly issues: Issue[] = [];
  private readonly tokens: readonly Token[];
  private at = 0;
  private recovering = false;
  private recoveries = 0;
  private readonly depths = new Map<string, number>();

  readonly text: string;

  constructor(text: string) {
    this.text = text;
    const { tokens, faults } = tokenize(text);
    this.tokens = tokens;
    for (const fault of faults) {
      this.issues.push({
        location: locate(text, fault.start),
        message: `Syntax error: token recognition error at: '${fault.text}'`,
      });
    }
  }

  get current(): Token {
    return this.tokens[this.at] ?? END;
  }

  get next(): Token {
    return this.tokens[this.at + 1] ?? END;
  }

  is(kind: TokenKind): boolean {
    return this.current.kind === kind;
  }

  /** Whether a dotted name stands here and is followed by the kind. */
  looksLike(kind: TokenKind): boolean {
    let ahead = this.at + 1;
    while (this.tokens[ahead]?.kind === "'.'" && this.tokens[ahead + 1]?.kind === 'IDENTIFIER') ahead += 2;
    return this.tokens[ahead]?.kind === kind;
  }

  take(): Token {
    const token = this.current;
    if (this.at < this.tokens.length - 1) this.at++;
    this.recovering = false;
    return token;
  }

  takeIf(kind: TokenKind): Token | undefined {
    return this.is(kind) ? this.take() : undefined;
  }

  /** Takes the one token that may stand here. `follow` says what may come after it, so that it may be missing. */
  expect(kind: TokenKind, follow: (kind: TokenKind) => boolean): Token {
    if (this.is(kind)) return this.take();
    const { current } = this;
    if (this.next.kind === kind && !this.is('<EOF>')) {
      this.syntaxError(`extraneous input ${shown(current)} expecting ${kind}`);
      this.at++;
      return this.take();
    }
    this.recover();
    if (kind !== '<EOF>' && follow(current.kind)) {
      this.syntaxError(`missing ${kind} at ${shown(current)}`);
      return { kind, text: '', start: current.start };
    }
    this.syntaxError(`mismatched input ${shown(current)} expecting ${kind}`);
    throw new ParseAbandoned();
  }

  /**
   * Makes sure that one of the kinds stands here: drops one token when the next is right. False when nothing helps;
   * the parse goes on behind what was dropped.
   */
  sync(kinds: readonly TokenKind[]): boolean {
    if (kinds.includes(this.current.kind)) return true;
    const { current } = this;
    if (kinds.includes(this.next.kind) && !this.is('<EOF>')) {
      this.syntaxError(`extraneous input ${shown(current)} expecting ${describeSet(kinds)}`);
      this.at++;
      return true;
    }
    this.syntaxError(`mismatched input ${shown(current)} expecting ${describeSet(kinds)}`);
    this.skip();
    return false;
  }

  /** Reports that nothing begins like this, and goes on behind it. */
  noAlternative(before: string): void {
    const text = this.is('<EOF>') ? '' : this.current.text;
    this.syntaxError(`no viable alternative at input '${before}${text}'`);
    this.skip();
  }

  /** Goes on at a token that may follow an operand. */
  skip(): void {
    this.recover();
    while (!RESUME.has(this.current.kind)) this.at++;
  }

  /** A second error at the same place. */
  againError(message: string): void {
    this.recovering = false;
    this.syntaxError(message);
  }

  syntaxError(message: string): void {
    if (!this.recovering) this.errorAt(this.current.start, `Syntax error: ${message}`);
    this.recovering = true;
  }

  errorAt(offset: number, message: string): void {
    this.issues.push({ location: locate(this.text, offset), message });
  }

  errorNowhere(message: string): void {
    const location: Location = NO_LOCATION;
    this.issues.push({ location, message });
  }

  /** Counts nesting of one grammar rule; abandons the parse when it is too deep. */
  enter(rule: string): void {
    const depth = (this.depths.get(rule) ?? 0) + 1;
    if (depth > CEL_NESTING_MAX) {
      this.errorNowhere(`expression recursion limit exceeded: ${CEL_NESTING_MAX}`);
      throw new ParseAbandoned();
    }
    this.depths.set(rule, depth);
  }

  leave(rule: string): void {
    this.depths.set(rule, (this.depths.get(rule) ?? 1) - 1);
  }

  private recover(): void {
    if (this.recoveries++ < CEL_SYNTAX_RECOVERIES_MAX) return;
    this.recovering = false;
    this.syntaxError(`error recovery attempt limit exceeded: ${CEL_SYNTAX_RECOVERIES_MAX}`);
    throw new ParseAbandoned();
  }
}

function shown(token: Token): string {
  return `'${token.text.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}'`;
}

import { labelTokens, type Token, type TokenKind } from './label-lexer.js';
import {
  aggregate,
  keyErrors,
  type LabelOperator,
  type LabelRequirement,
  labelRequirement,
} from './label-requirement.js';
import { checkRequirementCount, checkSelectorLength, SelectorError } from './selector-error.js';

const OPERATORS: ReadonlyMap<TokenKind, LabelOperator> = new Map([
  ['in', 'in'],
  ['notin', 'notin'],
  ['=', '='],
  ['==', '=='],
  ['!=', '!='],
  ['>', 'gt'],
  ['<', 'lt'],
]);
/** As upstream lists them in its message. */
const OPERATORS_TEXT = 'in, notin, =, ==, !=, gt, lt';

/**
 * Parses a label selector: terms `key`, `!key`, `key op value`, `key in (a,b)`, `key notin (a,b)`, separated by commas.
 * Throws SelectorError with upstream's text (apimachinery `labels.Parse`).
 */
export function parseRequirements(text: string): LabelRequirement[] {
  checkSelectorLength(text);
  return new Parser(labelTokens(text)).parse();
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.kind === 'end') return requirements;
      if (token.kind !== 'identifier' && token.kind !== '!') {
        throw new SelectorError(`found '${token.text}', expected: !, identifier, or 'end of string'`);
      }
      requirements.push(this.#requirement());
      checkRequirementCount(requirements.length);
      if (!this.#goesOn()) return requirements;
    }
  }

  /** After a term: true behind a comma that another term follows, false at the end. */
  #goesOn(): boolean {
    const token = this.#next();
    if (token.kind === 'end') return false;
    if (token.kind !== ',') throw new SelectorError(`found '${token.text}', expected: ',' or 'end of string'`);
    const following = this.#peek();
    if (following.kind !== 'identifier' && following.kind !== '!') {
      throw new SelectorError(`found '${following.text}', expected: identifier after ','`);
    }
    return true;
  }

  #requirement(): LabelRequirement {
    try {
      return this.#term();
    } catch (error) {
      if (error instanceof SelectorError) throw new SelectorError(`unable to parse requirement: ${error.message}`);
      throw error;
    }
  }

  #term(): LabelRequirement {
    const negated = this.#peek().kind === '!';
    if (negated) this.#next();
    const key = this.#next();
    if (key.kind !== 'identifier') throw new SelectorError(`found '${key.text}', expected: identifier`);
    const errors = keyErrors(key.text, '');
    if (errors.length > 0) throw new SelectorError(`<nil>: ${aggregate(errors)}`);
    if (negated) return labelRequirement(key.text, '!', []);
    if (this.#peek().kind === 'end' || this.#peek().kind === ',') return labelRequirement(key.text, 'exists', []);
    const operator = this.#operator();
    const values = operator === 'in' || operator === 'notin' ? this.#list() : this.#exactValue();
    return labelRequirement(key.text, operator, [...new Set(values)].sort());
  }

  #operator(): LabelOperator {
    const token = this.#tokens[this.#at++];
    const operator = token === undefined ? undefined : OPERATORS.get(token.kind);
    if (operator === undefined) throw new SelectorError(`found '${token?.text}', expected: ${OPERATORS_TEXT}`);
    return operator;
  }

  #exactValue(): string[] {
    const token = this.#peek();
    if (token.kind === 'end' || token.kind === ',') return [''];
    this.#next();
    if (token.kind !== 'identifier') throw new SelectorError(`found '${token.text}', expected: identifier`);
    return [token.text];
  }

  /** `(a,b)`; missing values count as the empty string. */
  #list(): string[] {
    const open = this.#next();
    if (open.kind !== '(') throw new SelectorError(`found '${open.text}' expected: '('`);
    const first = this.#peek();
    if (first.kind === ')') {
      this.#next();
      return [''];
    }
    if (first.kind !== 'identifier' && first.kind !== ',') {
      throw new SelectorError(`found '${first.text}', expected: ',', ')' or identifier`);
    }
    const values = this.#listValues();
    this.#next();
    return values;
  }

  #listValues(): string[] {
    const values: string[] = [];
    for (;;) {
      const token = this.#next();
      const following = this.#peek();
      if (token.kind === 'identifier') {
        values.push(token.text);
        if (following.kind === ')') return values;
        if (following.kind !== ',') throw new SelectorError(`found '${following.text}', expected: ',' or ')'`);
      } else if (token.kind === ',') {
        if (values.length === 0 || following.kind === ',' || following.kind === ')') values.push('');
        if (following.kind === ')') return values;
      } else {
        throw new SelectorError(`found '${token.text}', expected: ',', or identifier`);
      }
    }
  }

  /** `in` and `notin` are plain words wherever no operator can stand. */
  #peek(): Token {
    const token = this.#tokens[this.#at] ?? { kind: 'end', text: '' };
    return token.kind === 'in' || token.kind === 'notin' ? { kind: 'identifier', text: token.text } : token;
  }

  #next(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }
}

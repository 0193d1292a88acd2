import {
  type FilterOperator,
  JsonPathError,
  PATH_MAX_DEPTH,
  PATH_MAX_LENGTH,
  PATH_MAX_NODES,
  type PathNode,
} from './nodes.js';

const OPERATORS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
const FILTER = /^([^!<>=]+)([!<>=]+)([\s\S]+)$/;
const DICT_KEY = /^'([^']*)'$/;
const SLICE = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/;
const TERMINATORS = new Set([' ', '\t', '\r', '\n', '.', ',', '[', ']', '$', '@', '{', '}', '']);
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', '"': '"', "'": "'" };

/**
 * Parses the expression between the braces of client-go's JSONPath dialect, without `range`: `.a.b`, `['a.b']`,
 * `.a\.b`, `[0]`, `[-1]`, `[0:2]`, `[*]`, `.*`, `..a`, `[0,2]`, `['a','b']`, `[?(@.type=="Ready")]`.
 * Throws JsonPathError.
 */
export function parsePath(text: string): PathNode[] {
  if (text.length > PATH_MAX_LENGTH) throw new JsonPathError(`path is longer than ${PATH_MAX_LENGTH} characters`);
  return new Parser(text, 0, { nodes: 0 }).parse();
}

interface Budget {
  nodes: number;
}

class Parser {
  readonly #text: string;
  readonly #depth: number;
  readonly #budget: Budget;
  readonly #nodes: PathNode[] = [];
  #at = 0;

  constructor(text: string, depth: number, budget: Budget) {
    if (depth > PATH_MAX_DEPTH) throw new JsonPathError(`path is nested deeper than ${PATH_MAX_DEPTH} levels`);
    this.#text = text;
    this.#depth = depth;
    this.#budget = budget;
  }

  parse(): PathNode[] {
    while (this.#at < this.#text.length) this.#step();
    return this.#nodes;
  }

  #step(): void {
    const char = this.#text.charAt(this.#at);
    if (this.#text.startsWith('[?(', this.#at)) this.#filter();
    else if (this.#text.startsWith('..', this.#at)) this.#recursive();
    else if (char === '\n' || char === '\r') throw new JsonPathError('unclosed action');
    else if (char === ' ' || char === '@' || char === '$') this.#at++;
    else if (char === '[') this.#array();
    else if (char === '"' || char === "'") this.#add({ kind: 'literal', value: this.#quoted(char) });
    else if (char === '.') this.#field(this.#at + 1);
    else if (/[+\-\d]/.test(char)) this.#number();
    else if (/[\p{L}\p{N}_]/u.test(char)) this.#word();
    else throw new JsonPathError(`unrecognized character in action: ${char}`);
  }

  #add(node: PathNode): void {
    if (++this.#budget.nodes > PATH_MAX_NODES) throw new JsonPathError(`path has more than ${PATH_MAX_NODES} steps`);
    this.#nodes.push(node);
  }

  #nested(text: string): PathNode[] {
    return new Parser(text, this.#depth + 1, this.#budget).parse();
  }

  #field(from: number): void {
    this.#at = from;
    while (!TERMINATORS.has(this.#text.charAt(this.#at))) this.#at += this.#text[this.#at] === '\\' ? 2 : 1;
    const name = this.#text.slice(from, this.#at);
    this.#add(name === '*' ? { kind: 'wildcard' } : { kind: 'field', name: name.replaceAll('\\', '') });
  }

  #recursive(): void {
    if (this.#nodes.at(-1)?.kind === 'recursive') throw new JsonPathError('invalid multiple recursive descent');
    this.#at += 2;
    this.#add({ kind: 'recursive' });
    if (/[\p{L}\p{N}_]/u.test(this.#text.charAt(this.#at))) this.#field(this.#at);
  }

  #word(): void {
    const from = this.#at;
    while (!TERMINATORS.has(this.#text.charAt(this.#at))) this.#at++;
    const word = this.#text.slice(from, this.#at);
    if (word !== 'true' && word !== 'false') throw new JsonPathError(`unrecognized identifier ${word}`);
    this.#add({ kind: 'literal', value: word === 'true' });
  }

  #number(): void {
    const found = /^[+-]?[\d.]*/.exec(this.#text.slice(this.#at))?.[0] ?? '';
    const value = Number(found);
    if (found === '' || Number.isNaN(value)) throw new JsonPathError(`cannot parse number ${found}`);
    this.#at += found.length;
    this.#add({ kind: 'literal', value });
  }

  #quoted(quote: string): string {
    let value = '';
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const char = this.#text.charAt(this.#at);
      if (char === quote) {
        this.#at++;
        return value;
      }
      value += char === '\\' ? this.#escape() : char;
    }
    throw new JsonPathError('unterminated quoted string');
  }

  #escape(): string {
    const char = this.#text.charAt(++this.#at);
    const value = Object.hasOwn(ESCAPES, char) ? ESCAPES[char] : undefined;
    if (value === undefined) throw new JsonPathError(`invalid syntax: \\${char}`);
    return value;
  }

  #array(): void {
    const end = this.#text.indexOf(']', this.#at);
    if (end < 0) throw new JsonPathError('unterminated array');
    const text = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    const parts = text.split(',');
    const key = DICT_KEY.exec(text)?.[1];
    if (parts.length > 1) {
      this.#add({ kind: 'union', branches: parts.map((part) => this.#nested(`[${part.trim()}]`)) });
    } else if (key !== undefined) {
      for (const node of this.#nested(`.${key}`)) this.#add(node);
    } else {
      this.#add(sliceNode(text));
    }
  }

  #filter(): void {
    const from = this.#at + '[?('.length;
    const end = this.#filterEnd(from);
    if (this.#text.charAt(end + 1) !== ']') throw new JsonPathError('unclosed array expect ]');
    this.#at = end + 2;
    const text = this.#text.slice(from, end);
    const [, left, operator, right] = FILTER.exec(text) ?? [];
    if (left === undefined || operator === undefined || right === undefined) {
      this.#add({ kind: 'filter', left: this.#nested(text), operator: 'exists', right: [] });
    } else {
      const known = filterOperator(operator);
      this.#add({ kind: 'filter', left: this.#nested(left), operator: known, right: this.#nested(right) });
    }
  }

  /** Position of the `)` that ends the filter; those inside quotes do not count. */
  #filterEnd(from: number): number {
    let quote = '';
    for (let at = from; at < this.#text.length; at++) {
      const char = this.#text.charAt(at);
      if (quote === '' && (char === '"' || char === "'")) quote = char;
      else if (char === quote && this.#text.charAt(at - 1) !== '\\') quote = '';
      else if (char === ')' && quote === '') return at;
    }
    throw new JsonPathError('unterminated filter');
  }
}

function filterOperator(text: string): FilterOperator {
  if (!isOperator(text)) throw new JsonPathError(`unrecognized filter operator ${text}`);
  return text;
}

function isOperator(text: string): text is FilterOperator {
  return OPERATORS.has(text);
}

function sliceNode(text: string): PathNode {
  const [whole, from = '', to, step] = SLICE.exec(text === '*' ? ':' : text) ?? [];
  if (whole === undefined || whole === '') throw new JsonPathError(`invalid array index ${text}`);
  if (to === undefined) return { kind: 'index', index: Number(from) };
  const stepText = step?.slice(1) ?? '';
  return {
    kind: 'slice',
    from: from === '' ? 0 : Number(from),
    to: to === ':' ? undefined : Number(to.slice(1)),
    step: stepText === '' ? 1 : Number(stepText),
  };
}

import { JsonSyntaxError, type ParsedJson } from './syntax-error.js';
import { type JsonObject, type JsonValue, setOwn } from './value.js';

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const SPACE = /[ \t\r\n]*/y;

/** Hears of each member of an object as it comes; `again` when a member of that name has come before. */
export type OnMember = (path: string, again: boolean) => void;

/** The members of a JSON text in its order, with their paths. Throws JsonSyntaxError. */
export function eachMember(text: string, onMember: OnMember): void {
  new ExactParser(text, onMember).document();
}

/** Recursive descent that keeps large integers as bigints and notes duplicate keys. The depth is checked before. */
export function parseExactly(text: string): ParsedJson {
  const parser = new ExactParser(text);
  return { value: parser.document(), duplicates: parser.duplicates, fractions: parser.fractions };
}

class ExactParser {
  readonly duplicates: string[] = [];
  readonly fractions: string[] = [];
  readonly #text: string;
  readonly #onMember: OnMember | undefined;
  #at = 0;

  constructor(text: string, onMember?: OnMember) {
    this.#text = text;
    this.#onMember = onMember;
  }

  document(): JsonValue {
    const value = this.#value('');
    if (this.#peek() !== '') throw this.#unexpected('after top-level value');
    return value;
  }

  #value(path: string): JsonValue {
    const next = this.#peek();
    if (next === '{') return this.#object(path);
    if (next === '[') return this.#array(path);
    if (next === '"') return this.#string();
    if (next === '-' || (next >= '0' && next <= '9')) return this.#number(path);
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    throw this.#unexpected('looking for beginning of value');
  }

  #object(path: string): JsonObject {
    const object: JsonObject = {};
    this.#at++;
    if (this.#take('}')) return object;
    do {
      if (this.#peek() !== '"') throw this.#unexpected('looking for beginning of object key string');
      const key = this.#string();
      const keyPath = path === '' ? key : `${path}.${key}`;
      const again = Object.hasOwn(object, key);
      if (again) this.duplicates.push(keyPath);
      this.#onMember?.(keyPath, again);
      if (!this.#take(':')) throw this.#unexpected('after object key');
      setOwn(object, key, this.#value(keyPath));
    } while (this.#take(','));
    if (!this.#take('}')) throw this.#unexpected('after object key:value pair');
    return object;
  }

  #array(path: string): JsonValue[] {
    const items: JsonValue[] = [];
    this.#at++;
    if (this.#take(']')) return items;
    do items.push(this.#value(`${path}[${items.length}]`));
    while (this.#take(','));
    if (!this.#take(']')) throw this.#unexpected('after array element');
    return items;
  }

  #string(): string {
    let end = this.#at + 1;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1;
    const literal = this.#text.slice(this.#at, end + 1);
    this.#at = end + 1;
    try {
      return String(JSON.parse(literal));
    } catch {
      throw new JsonSyntaxError(
        end >= this.#text.length ? 'unexpected end of JSON input' : 'invalid character in string literal',
      );
    }
  }

  #number(path: string): number | bigint {
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text);
    if (match === null) throw this.#unexpected('in numeric literal');
    this.#at = NUMBER.lastIndex;
    const number = Number(match[0]);
    if (!Number.isFinite(number)) throw new JsonSyntaxError(`number ${match[0]} out of range`);
    const integer = match[1] === undefined && match[2] === undefined;
    if (!integer && Number.isInteger(number)) this.fractions.push(path);
    return integer && !Number.isSafeInteger(number) ? BigInt(match[0]) : number;
  }

  #peek(): string {
    SPACE.lastIndex = this.#at;
    SPACE.exec(this.#text);
    this.#at = SPACE.lastIndex;
    return this.#text[this.#at] ?? '';
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at++;
    return true;
  }

  #unexpected(where: string): JsonSyntaxError {
    const char = this.#text[this.#at];
    return new JsonSyntaxError(
      char === undefined ? 'unexpected end of JSON input' : `invalid character '${char}' ${where}`,
    );
  }
}

import { atOnce, type Work } from '../turns/work.js';
import { parseExactly } from './parse-exactly.js';
import { JsonSyntaxError, type ParsedJson } from './syntax-error.js';
import type { JsonValue } from './value.js';

/** Deepest nesting of arrays and objects that is accepted; walks over decoded JSON recurse this deep at the most. */
export const JSON_DEPTH_MAX = 1_000;
/** Digits from which on a number may not fit a double; exponents may overflow it too. */
const EXACT_DIGITS = 16;

/**
 * Parses JSON without losing anything: integers beyond 2^53 become bigints and duplicate keys are reported. The native
 * parser does the work; a scan of the text tells when it would lose something, and only then the exact, slower parser
 * runs. Throws JsonSyntaxError.
 */
export function parseJson(text: string): ParsedJson {
  return atOnce(parsing(text));
}

/** `parseJson` as work that may be put aside between its passes. */
export function* parsing(text: string): Work<ParsedJson> {
  const shape = scan(text);
  if (shape.depth > JSON_DEPTH_MAX) throw new JsonSyntaxError('exceeded max depth');
  const value = yield* plainly(text, shape);
  return value === undefined ? parseExactly(text) : { value, duplicates: [] };
}

/**
 * Parses JSON that has no duplicate keys and no number that the native parser would not keep; undefined for any other
 * text. For texts that may be JSON, where another parser knows the rest.
 */
export function* parsingPlain(text: string): Work<JsonValue | undefined> {
  const shape = scan(text);
  if (shape.depth > JSON_DEPTH_MAX) return undefined;
  try {
    return yield* plainly(text, shape);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined;
    throw error;
  }
}

/** What the native parser makes of a text; undefined where that may not be all there is to it. */
function* plainly(text: string, { oddNumber, colons }: Shape): Work<JsonValue | undefined> {
  yield;
  if (oddNumber) return undefined;
  const value = parseNatively(text);
  yield;
  return countKeys(value) === colons ? value : undefined;
}

/**
 * Parses JSON that this server wrote itself (stored objects): no duplicates are looked for, but large integers are
 * kept exact.
 */
export function parseStoredJson(text: string): JsonValue {
  return hasLongNumber(text) ? parseExactly(text).value : parseNatively(text);
}

function parseNatively(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new JsonSyntaxError(goSyntaxText(text, error));
  }
}

function goSyntaxText(text: string, error: unknown): string {
  if (text.trim() === '') return 'unexpected end of JSON input';
  try {
    parseExactly(text);
  } catch (fault) {
    if (fault instanceof JsonSyntaxError) return fault.message;
    throw fault;
  }
  return `invalid JSON: ${error instanceof Error ? error.message : String(error)}`;
}

interface Shape {
  readonly depth: number;
  /** Colons outside of strings: the number of members of all objects, duplicates included. */
  readonly colons: number;
  /** A number that the native parser would not keep as it is written: a long one, or `2.0`. */
  readonly oddNumber: boolean;
}

function scan(text: string): Shape {
  let depth = 0;
  let deepest = 0;
  let colons = 0;
  let oddNumber = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) i = endOfString(text, i);
    else if (code === 0x3a) colons++;
    else if (code === 0x7b || code === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x7d || code === 0x5d) depth--;
    else if (isDigit(code)) {
      const start = i;
      while (isDigit(text.charCodeAt(i + 1))) i++;
      if (i - start + 1 >= EXACT_DIGITS || isExponent(text.charCodeAt(i + 1))) oddNumber = true;
      if (text.charCodeAt(i + 1) === 0x2e && text.charCodeAt(i + 2) === 0x30) oddNumber = true;
    }
  }
  return { depth: deepest, colons, oddNumber };
}

/** Index of the closing quote, or of the last character when there is none. */
function endOfString(text: string, open: number): number {
  let close = text.indexOf('"', open + 1);
  while (close > 0 && isEscaped(text, close)) close = text.indexOf('"', close + 1);
  return close < 0 ? text.length : close;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(at - 1 - slashes) === 0x5c) slashes++;
  return slashes % 2 === 1;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isExponent(code: number): boolean {
  return code === 0x65 || code === 0x45;
}

const LONG_NUMBER = /[:[,]-?\d{16}/;

/** Quick and on the safe side: strings that look like members with long numbers also count. */
function hasLongNumber(text: string): boolean {
  return LONG_NUMBER.test(text);
}

function countKeys(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += countKeys(item);
    return count;
  }
  for (const key of Object.keys(value)) {
    const member = value[key];
    count += 1 + (typeof member === 'object' && member !== null ? countKeys(member) : 0);
  }
  return count;
}

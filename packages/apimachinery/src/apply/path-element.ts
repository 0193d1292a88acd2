import { stringify } from '../json/stringify.js';
import { getOwn, isNumber, isObject, type JsonObject, type JsonValue } from '../json/value.js';
import type { ListMergeType } from '../merge-type/merge-type.js';

/**
 * A step of a path as FieldsV1 writes it: `f:<name>` a member, `k:<json>` an item of a list map, `v:<json>` an item of
 * a set, `i:<n>` an item by index.
 */
export type PathElement = string;

/** An object that does not fit its type, so that no path can be made; `message` is upstream's text about it. */
export class UntypedValueError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UntypedValueError';
  }
}

export function fieldElement(name: string): PathElement {
  return `f:${name}`;
}

/** The step to an item of a list map or set. @throws UntypedValueError when the item has no keys or cannot be in a set. */
export function itemElement(type: ListMergeType, item: JsonValue): PathElement {
  return type.relationship === 'map' ? keyElement(type, item) : valueElement(item);
}

function valueElement(item: JsonValue): PathElement {
  if (item === null)
    throw new UntypedValueError("associative list without keys has an element that's an explicit null");
  if (Array.isArray(item)) throw new UntypedValueError('not supported: associative list with lists as elements');
  if (isObject(item)) throw new UntypedValueError("associative list without keys has an element that's a map type");
  return `v:${goJson(item)}`;
}

function keyElement(type: ListMergeType, item: JsonValue): PathElement {
  if (item === null) throw new UntypedValueError('associative list with keys may not have a null element');
  if (!isObject(item)) throw new UntypedValueError('associative list with keys may not have non-map elements');
  let text = '';
  for (const name of sortedKeys(type)) {
    const value = getOwn(item, name) ?? getOwn(type.keyDefaults, name);
    if (value !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${goJson(value)}`;
  }
  if (text !== '') return `k:{${text}}`;
  const names = type.keys.map((name) => JSON.stringify(name)).join(' ');
  throw new UntypedValueError(
    `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
  );
}

const SORTED_KEYS = new WeakMap<ListMergeType, readonly string[]>();

function sortedKeys(type: ListMergeType): readonly string[] {
  if (type.keys.length === 1) return type.keys;
  const known = SORTED_KEYS.get(type);
  if (known !== undefined) return known;
  const sorted = [...type.keys].sort(compareNames);
  SORTED_KEYS.set(type, sorted);
  return sorted;
}

const ESCAPED_BY_GO = /[<>&\u2028\u2029]/g;

/** Compact JSON as Go's encoder writes it, which escapes what HTML would take for markup. */
function goJson(value: JsonValue): string {
  return stringify(value).replace(ESCAPED_BY_GO, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The step as error texts show it: `.name`, `[name="a"]`, `[="x"]`, `[0]`. */
export function elementText(element: PathElement): string {
  const content = element.slice(2);
  switch (element[0]) {
    case 'k':
      return `[${keyFields(content)
        .map(([name, value]) => `${name}=${stringify(value)}`)
        .join(',')}]`;
    case 'v':
      return `[=${stringify(parseContent(content) ?? null)}]`;
    case 'i':
      return `[${content}]`;
    default:
      return `.${content}`;
  }
}

/**
 * Reads a step a client wrote into the one spelling that the same step has here. `unknown`: a kind of step of a later
 * version, to be left out; undefined: no step at all.
 */
export function canonicalElement(text: string): PathElement | 'unknown' | undefined {
  if (text.length < 2 || text[1] !== ':') return undefined;
  const content = text.slice(2);
  switch (text[0]) {
    case 'f':
      return text;
    case 'i':
      return /^-?[0-9]{1,15}$/.test(content) ? `i:${Number(content)}` : undefined;
    case 'v': {
      const value = parseContent(content);
      return value === undefined ? undefined : keepUnsafe(text, `v:${goJson(value)}`);
    }
    case 'k':
      return canonicalKey(text, content);
    default:
      return 'unknown';
  }
}

function canonicalKey(text: string, content: string): PathElement | undefined {
  if (!isObject(parseContent(content))) return undefined;
  const fields = keyFields(content).map(([name, value]) => `${JSON.stringify(name)}:${goJson(value)}`);
  return keepUnsafe(text, `k:{${fields.join(',')}}`);
}

/** Integers of more than 15 digits would lose digits in parsing; such a step stays as the client wrote it. */
function keepUnsafe(text: string, canonical: string): PathElement {
  return /[0-9]{16}/.test(text) ? text : canonical;
}

function parseContent(content: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(content);
    return value;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function keyFields(content: string): readonly (readonly [string, JsonValue])[] {
  const parsed = parseContent(content);
  const key: JsonObject = isObject(parsed) ? parsed : {};
  return Object.keys(key)
    .sort(compareNames)
    .map((name) => [name, getOwn(key, name) ?? null] as const);
}

const KIND_ORDER = '.fkvi';

/** Upstream's order of steps: members by name, then list items by key, then set items by value, then indices. */
export function compareElements(a: PathElement, b: PathElement): number {
  if (a === b) return 0;
  return a.startsWith('f') && b.startsWith('f') ? compareNames(a, b) : compareSteps(readStep(a), readStep(b));
}

/** A step with what it says, read once for all comparisons. */
export interface Step {
  readonly element: PathElement;
  readonly key: ReturnType<typeof keyFields>;
  readonly value: JsonValue;
}

const NO_KEY: Step['key'] = [];

/** Members stand for themselves; what other steps say has to be read. */
function isRead(kind: string): boolean {
  return kind === 'v' || kind === 'k' || kind === 'i';
}

/** The key of most items, and the value of most members of sets: one string without escapes. */
const ONE_STRING = /^(?:v:|k:\{"([^"\\]*)":)"([^"\\\u0000-\u001f]*)"\}?$/;

export function readStep(element: PathElement): Step {
  const kind = element.charAt(0);
  if (!isRead(kind)) return { element, key: NO_KEY, value: null };
  const [, name, text] = ONE_STRING.exec(element) ?? [];
  if (text !== undefined && kind === 'v' && !element.endsWith('}')) return { element, key: NO_KEY, value: text };
  if (text !== undefined && name !== undefined && element.endsWith('}')) {
    return { element, key: [[name, text]], value: null };
  }
  const content = element.slice(2);
  if (kind === 'k') return { element, key: keyFields(content), value: null };
  return { element, key: NO_KEY, value: parseContent(content) ?? null };
}

/** `compareElements` for steps that were read. */
export function compareSteps(a: Step, b: Step): number {
  const kind = a.element.charAt(0);
  const other = b.element.charAt(0);
  if (kind !== other) return KIND_ORDER.indexOf(kind) - KIND_ORDER.indexOf(other);
  if (kind === 'f') return compareNames(a.element, b.element);
  return kind === 'k' ? compareKeys(a.key, b.key) : compareValues(a.value, b.value);
}

function compareKeys(a: readonly (readonly [string, JsonValue])[], b: typeof a): number {
  for (const [i, [name, value]] of a.entries()) {
    const other = b[i];
    if (other === undefined) return 1;
    const order = compareNames(name, other[0]) || compareValues(value, other[1]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareValues(a: JsonValue, b: JsonValue): number {
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return compareNames(a, b);
  return valueRank(a) - valueRank(b) || compareNames(stringify(a), stringify(b));
}

function valueRank(value: JsonValue): number {
  if (isNumber(value)) return 0;
  if (typeof value === 'string') return 1;
  return typeof value === 'boolean' ? 2 : 3;
}

const FIRST_SURROGATE = 0xd800;
const AFTER_SURROGATES = 0xe000;

/** Byte order of the UTF-8 forms, which differs from JavaScript's order only where surrogates are concerned. */
export function compareNames(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left === right) continue;
    if (left < FIRST_SURROGATE || right < FIRST_SURROGATE) return left - right;
    return utf8Rank(left) - utf8Rank(right);
  }
  return a.length - b.length;
}

function utf8Rank(unit: number): number {
  return unit >= AFTER_SURROGATES ? unit - AFTER_SURROGATES : unit;
}

import { type CelLibrary, declare, type FunctionDecl } from '../check/declarations.js';
import { CelError, NO_SUCH_OVERLOAD } from '../values/cel-error.js';
import { showValue } from '../values/show.js';
import { ArrayList, CelList, type CelValue } from '../values/value.js';
import { type FormatStyle, formatText } from './format-text.js';

/** Code points as array elements. */
function points(text: string): readonly string[] {
  return Array.from(text);
}

function outOfRange(index: number): CelError {
  return new CelError(`index out of range: ${index}`);
}

function charAt(text: string, index: number): CelValue {
  const chars = points(text);
  return index < 0 || index > chars.length ? outOfRange(index) : (chars[index] ?? '');
}

function matchesAt(chars: readonly string[], part: readonly string[], at: number): boolean {
  return part.every((char, i) => chars[at + i] === char);
}

function indexOf(text: string, part: string, from: number): CelValue {
  if (part === '') return from;
  if (from < 0) return outOfRange(from);
  const [chars, wanted] = [points(text), points(part)];
  for (let i = from; i <= chars.length - wanted.length; i++) if (matchesAt(chars, wanted, i)) return i;
  return -1;
}

function lastIndexOf(text: string, part: string, from: number): CelValue {
  if (part === '') return from;
  if (from < 0) return outOfRange(from);
  const [chars, wanted] = [points(text), points(part)];
  if (from >= chars.length) return -1;
  for (let i = Math.min(from, chars.length - wanted.length); i >= 0; i--) if (matchesAt(chars, wanted, i)) return i;
  return -1;
}

function lastIndex(text: string, part: string): CelValue {
  const size = points(text).length;
  if (part === '') return size;
  return text.length < part.length ? -1 : lastIndexOf(text, part, size - 1);
}

function substring(text: string, start: number, end?: number): CelValue {
  const chars = points(text);
  const stop = end ?? chars.length;
  if (end !== undefined && start > end) {
    return new CelError(`invalid substring range. start: ${start}, end: ${end}`);
  }
  if (start < 0 || start > chars.length) return outOfRange(start);
  if (stop < 0 || stop > chars.length) return outOfRange(stop);
  return chars.slice(start, stop).join('');
}

/** The first `count` occurrences replaced, all when it is negative. An empty text stands before each character. */
function replace(text: string, old: string, by: string, count: number): string {
  if (count < 0)
    return old === '' ? replaceBetween(text, by, Number.POSITIVE_INFINITY) : text.replaceAll(old, () => by);
  if (old === '') return replaceBetween(text, by, count);
  const parts = text.split(old);
  const replaced = Math.min(count, parts.length - 1);
  return (
    parts.slice(0, replaced + 1).join(by) +
    parts
      .slice(replaced + 1)
      .map((part) => old + part)
      .join('')
  );
}

function replaceBetween(text: string, by: string, count: number): string {
  const chars = points(text);
  let out = '';
  for (let i = 0; i <= chars.length; i++) out += (i < count ? by : '') + (chars[i] ?? '');
  return out;
}

/** At most `count` parts, any number when it is negative. */
function split(text: string, separator: string, count: number): CelList {
  if (count === 0) return new ArrayList([]);
  const parts = separator === '' ? points(text) : text.split(separator);
  if (count < 0 || parts.length <= count) return new ArrayList(parts);
  return new ArrayList([...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)]);
}

function join(list: CelValue, separator: CelValue): CelValue {
  if (!(list instanceof CelList)) return NO_SUCH_OVERLOAD;
  const items = list.toArray();
  const wrong = items.find((item) => typeof item !== 'string');
  return wrong === undefined ? items.join(String(separator)) : new CelError(`join: invalid input: ${showValue(wrong)}`);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

function quote(text: string): string {
  const valid = text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
  return `"${valid.replace(/[\x07\b\f\n\r\t\v\\"]/g, (char) => ESCAPES[char] ?? char)}"`;
}

const SPACE = '[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+';
const TRIM = new RegExp(`^${SPACE}|${SPACE}$`, 'g');

type OnText = (text: string, ...rest: readonly CelValue[]) => CelValue;

/** A method of strings; its arguments have the declared types. */
function method(
  name: string,
  ...overloads: readonly (readonly [id: string, signature: string, run: OnText])[]
): FunctionDecl {
  return declare(
    name,
    ...overloads.map(
      ([id, signature, run]) =>
        [
          id,
          signature,
          (a: CelValue, b: CelValue, c: CelValue, d: CelValue) =>
            typeof a === 'string' ? run(a, b, c, d) : NO_SUCH_OVERLOAD,
        ] as const,
    ),
  );
}

/** Strings extension in the version Kubernetes has (2), or the current one with `reverse` and the new `format`. */
export function stringsLibrary(style: FormatStyle): CelLibrary {
  const reverse = method('reverse', [
    'string_reverse',
    '.string -> string',
    (text) => [...points(text)].reverse().join(''),
  ]);
  return {
    functions: [
      method('charAt', ['string_char_at_int', '.string, int -> string', (text, index) => charAt(text, Number(index))]),
      method(
        'indexOf',
        ['string_index_of_string', '.string, string -> int', (text, part) => indexOf(text, String(part), 0)],
        [
          'string_index_of_string_int',
          '.string, string, int -> int',
          (text, part, from) => indexOf(text, String(part), Number(from)),
        ],
      ),
      declare(
        'join',
        ['list_join', '.list(string) -> string', (list) => join(list, '')],
        ['list_join_string', '.list(string), string -> string', join],
      ),
      method(
        'lastIndexOf',
        ['string_last_index_of_string', '.string, string -> int', (text, part) => lastIndex(text, String(part))],
        [
          'string_last_index_of_string_int',
          '.string, string, int -> int',
          (text, part, from) => lastIndexOf(text, String(part), Number(from)),
        ],
      ),
      method('lowerAscii', [
        'string_lower_ascii',
        '.string -> string',
        (text) => text.replace(/[A-Z]+/g, (upper) => upper.toLowerCase()),
      ]),
      method('upperAscii', [
        'string_upper_ascii',
        '.string -> string',
        (text) => text.replace(/[a-z]+/g, (lower) => lower.toUpperCase()),
      ]),
      method(
        'replace',
        [
          'string_replace_string_string',
          '.string, string, string -> string',
          (text, old, by) => replace(text, String(old), String(by), -1),
        ],
        [
          'string_replace_string_string_int',
          '.string, string, string, int -> string',
          (text, old, by, count) => replace(text, String(old), String(by), Number(count)),
        ],
      ),
      method(
        'split',
        ['string_split_string', '.string, string -> list(string)', (text, by) => split(text, String(by), -1)],
        [
          'string_split_string_int',
          '.string, string, int -> list(string)',
          (text, by, count) => split(text, String(by), Number(count)),
        ],
      ),
      method(
        'substring',
        ['string_substring_int', '.string, int -> string', (text, start) => substring(text, Number(start))],
        [
          'string_substring_int_int',
          '.string, int, int -> string',
          (text, start, end) => substring(text, Number(start), Number(end)),
        ],
      ),
      method('trim', ['string_trim', '.string -> string', (text) => text.replace(TRIM, '')]),
      method('format', [
        'string_format',
        '.string, list(dyn) -> string',
        (text, args) => formatText(text, args instanceof CelList ? args.toArray() : [], style),
      ]),
      declare('strings.quote', [
        'strings_quote',
        'string -> string',
        (text) => (typeof text === 'string' ? quote(text) : NO_SUCH_OVERLOAD),
      ]),
      ...(style === 'current' ? [reverse] : []),
    ],
  };
}

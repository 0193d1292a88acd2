import { CEL_TEXT_MAX } from '../limits.js';
import { CelError, NO_SUCH_OVERLOAD } from '../values/cel-error.js';
import { CostExceeded } from '../values/cost-exceeded.js';
import { showValue } from '../values/show.js';
import { ArrayList, CelList, type CelValue } from '../values/value.js';

/** Code points as array elements. */
export function points(text: string): readonly string[] {
  return Array.from(text);
}

export function outOfRange(index: number): CelError {
  return new CelError(`index out of range: ${index}`);
}

export function charAt(text: string, index: number): CelValue {
  const chars = points(text);
  return index < 0 || index > chars.length ? outOfRange(index) : (chars[index] ?? '');
}

export function matchesAt(chars: readonly string[], part: readonly string[], at: number): boolean {
  return part.every((char, i) => chars[at + i] === char);
}

export function indexOf(text: string, part: string, from: number): CelValue {
  if (part === '') return from;
  if (from < 0) return outOfRange(from);
  const [chars, wanted] = [points(text), points(part)];
  for (let i = from; i <= chars.length - wanted.length; i++) if (matchesAt(chars, wanted, i)) return i;
  return -1;
}

export function lastIndexOf(text: string, part: string, from: number): CelValue {
  if (part === '') return from;
  if (from < 0) return outOfRange(from);
  const [chars, wanted] = [points(text), points(part)];
  if (from >= chars.length) return -1;
  for (let i = Math.min(from, chars.length - wanted.length); i >= 0; i--) if (matchesAt(chars, wanted, i)) return i;
  return -1;
}

export function lastIndex(text: string, part: string): CelValue {
  const size = points(text).length;
  if (part === '') return size;
  return text.length < part.length ? -1 : lastIndexOf(text, part, size - 1);
}

export function substring(text: string, start: number, end?: number): CelValue {
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
export function replace(text: string, old: string, by: string, count: number): string {
  if (text.length * (by.length + 1) > CEL_TEXT_MAX) checkReplacement(text, old, by);
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

/** Ends the evaluation when the result would be too long. */
function checkReplacement(text: string, old: string, by: string): void {
  const places = old === '' ? text.length + 1 : text.split(old).length - 1;
  if (text.length + places * by.length > CEL_TEXT_MAX) throw new CostExceeded();
}

function replaceBetween(text: string, by: string, count: number): string {
  const chars = points(text);
  let out = '';
  for (let i = 0; i <= chars.length; i++) out += (i < count ? by : '') + (chars[i] ?? '');
  return out;
}

/** At most `count` parts, any number when it is negative. */
export function split(text: string, separator: string, count: number): CelList {
  if (count === 0) return new ArrayList([]);
  const parts = separator === '' ? points(text) : text.split(separator);
  if (count < 0 || parts.length <= count) return new ArrayList(parts);
  return new ArrayList([...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)]);
}

export function join(list: CelValue, separator: CelValue): CelValue {
  if (!(list instanceof CelList)) return NO_SUCH_OVERLOAD;
  const items = list.toArray();
  const wrong = items.find((item) => typeof item !== 'string');
  if (wrong !== undefined) return new CelError(`join: invalid input: ${showValue(wrong)}`);
  const text = String(separator);
  const length = items.reduce((sum: number, item) => sum + (typeof item === 'string' ? item.length : 0), 0);
  if (length + text.length * items.length > CEL_TEXT_MAX) throw new CostExceeded();
  return items.join(text);
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

export function quote(text: string): string {
  const valid = text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
  return `"${valid.replace(/[\x07\b\f\n\r\t\v\\"]/g, (char) => ESCAPES[char] ?? char)}"`;
}

const SPACE = '[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+';
const TRIM = new RegExp(`^${SPACE}|${SPACE}$`, 'g');

/** Without white space at both ends, as Go counts it. */
export function trim(text: string): string {
  return text.replace(TRIM, '');
}

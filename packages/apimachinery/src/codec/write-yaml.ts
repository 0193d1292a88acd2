import { isObject, type JsonArray, type JsonObject, type JsonValue } from '../json/value.js';

/**
 * Writes JSON as YAML for `Accept: application/yaml`: block style, keys sorted, lists not indented, text with several
 * lines as a literal block. Whatever another parser could take for something else than text is quoted.
 */
export function writeYaml(value: JsonValue): string {
  const lines: string[] = [];
  if (isFlat(value)) lines.push(scalar(value, ''));
  else writeBlock(value, '', lines);
  return `${lines.join('\n')}\n`;
}

/** True for what stands on the line of its key. */
function isFlat(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return !isObject(value) || members(value).length === 0;
}

function members(object: JsonObject): [string, JsonValue][] {
  const found: [string, JsonValue][] = [];
  for (const key of Object.keys(object).sort()) {
    const value = object[key];
    if (value !== undefined) found.push([key, value]);
  }
  return found;
}

function writeBlock(value: JsonValue, indent: string, lines: string[]): void {
  if (Array.isArray(value)) writeItems(value, indent, lines);
  else if (isObject(value)) writeMembers(value, indent, lines);
}

function writeMembers(object: JsonObject, indent: string, lines: string[]): void {
  for (const [key, value] of members(object)) {
    const name = `${indent}${text(key)}:`;
    if (isFlat(value)) lines.push(`${name} ${scalar(value, indent)}`);
    else {
      lines.push(name);
      writeBlock(value, Array.isArray(value) ? indent : `${indent}  `, lines);
    }
  }
}

function writeItems(items: JsonArray, indent: string, lines: string[]): void {
  for (const item of items) {
    if (isFlat(item)) {
      lines.push(`${indent}- ${scalar(item, indent)}`);
      continue;
    }
    const first = lines.length;
    writeBlock(item, `${indent}  `, lines);
    lines[first] = `${indent}- ${(lines[first] ?? '').slice(indent.length + 2)}`;
  }
}

function scalar(value: JsonValue, indent: string): string {
  if (typeof value === 'string') return isLiteral(value) ? literal(value, indent) : text(value);
  if (Array.isArray(value)) return '[]';
  return isObject(value) ? '{}' : String(value);
}

/** Printable, with nothing in it that ends a plain scalar: a colon before a blank or the end, a blank before a hash. */
const PLAIN = /^[\w/](?:[!-9;-~]|:(?! |$)| (?!#|$))*$/;
/** Could be a number (also in sixties), a date or a time. */
const NUMBER_LIKE = /^\d[\d_.:,a-fxo+-]*$|^\d{4}-\d/i;
/** Words that YAML 1.1 or 1.2 reads as booleans, null or numbers. */
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf|infinity)$/i;

function text(value: string): string {
  return PLAIN.test(value) && !RESERVED.test(value) && !NUMBER_LIKE.test(value) ? value : JSON.stringify(value);
}

/** Printable lines without blanks at either end of the text, so that the block's own rules cannot change it. */
const LITERAL_TEXT = /^[^\s\p{Cc}\p{Cs}\u2028\u2029\ufeff][^\p{Cc}\p{Cs}\u2028\u2029\ufeff]*$/u;

function isLiteral(value: string): boolean {
  return value.includes('\n') && LITERAL_TEXT.test(value.replaceAll('\n', ' ')) && !/[ \n]\n$| $/.test(value);
}

function literal(value: string, indent: string): string {
  const chomp = value.endsWith('\n') ? '' : '-';
  const body = value.endsWith('\n') ? value.slice(0, -1) : value;
  const lines = body.split('\n').map((line) => (line === '' ? '' : `${indent}  ${line}`));
  return `|${chomp}\n${lines.join('\n')}`;
}

import { CEL_ERRORS_MAX, CEL_SNIPPET_MAX } from '../limits.js';

/** A place in the source: line from 1, column from 0 in code points. */
export interface Location {
  readonly line: number;
  readonly column: number;
}

/** The place of an error that is about the expression as a whole. */
export const NO_LOCATION: Location = { line: -1, column: -1 };

/** One error of parsing or checking. */
export interface Issue {
  readonly location: Location;
  readonly message: string;
}

/** Where a UTF-16 offset lies in the text. */
export function locate(text: string, offset: number): Location {
  if (text === '') return { line: 1, column: -1 };
  const before = text.slice(0, offset);
  const start = before.lastIndexOf('\n') + 1;
  const line = start === 0 ? 1 : before.split('\n').length;
  return { line, column: codePoints(before.slice(start)) };
}

/** Number of Unicode code points, which is the size of a string in CEL. */
export function codePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    const high = text.charCodeAt(i);
    if (high < 0xd800 || high > 0xdbff) continue;
    const low = text.charCodeAt(i + 1);
    if (low < 0xdc00 || low > 0xdfff) continue;
    count--;
    i++;
  }
  return count;
}

/** Errors in the order of the source, each with its line and a mark below the place, as cel-go prints them. */
export function displayIssues(text: string, issues: readonly Issue[]): string {
  const shown = issues.slice(0, CEL_ERRORS_MAX);
  const sorted = shown.sort((a, b) => a.location.line - b.location.line || a.location.column - b.location.column);
  const lines = sorted.map((issue) => displayIssue(text, issue));
  if (issues.length > CEL_ERRORS_MAX) lines.push(`${issues.length - CEL_ERRORS_MAX} more errors were truncated`);
  return lines.join('\n');
}

function displayIssue(text: string, { location, message }: Issue): string {
  const head = `ERROR: <input>:${location.line}:${location.column + 1}: ${message}`;
  const line = text === '' ? undefined : text.split('\n')[location.line - 1];
  if (line === undefined || Buffer.byteLength(line) > CEL_SNIPPET_MAX) return head;
  const snippet = line.replaceAll('\t', ' ');
  const chars = [...snippet];
  const mark = chars[location.column];
  const dots = chars.slice(0, Math.max(location.column, 0)).map((char) => (char > '\x7f' ? '\uff0e' : '.'));
  return `${head}\n | ${snippet}\n | ${dots.join('')}${mark !== undefined && mark > '\x7f' ? '\uff3e' : '^'}`;
}

import { formatWithOptions } from 'node:util';

/** Named facts that go with a message. An Error is told by its message, at verbosity 2 and in JSON by its stack. */
export type LogFields = Readonly<Record<string, unknown>>;

export type LogLevel = 'info' | 'warn' | 'error' | 'debug';

/** What the server tells those who run it. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Told only when the verbosity is at least `level`, 1 to 10. */
  debug(level: number, message: string, fields?: LogFields): void;
}

export interface LogOptions {
  readonly format: 'text' | 'json';
  readonly verbosity: number;
  /** Takes one line with its end. */
  readonly write: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

type PlainFields = Readonly<Record<string, string | number | boolean | undefined>>;
type FormatLine = (time: Date, level: LogLevel, message: string, fields: PlainFields) => string;

const LEVEL_WIDTH = 5;
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);
/** The verbosity from which on errors are told with their stack. */
export const STACK_VERBOSITY = 2;

/** A log of one line per message: for people, or JSON with `ts`, `level`, `msg` and the fields. */
export function createLog({ format, verbosity, write, now }: LogOptions): Log {
  const line: FormatLine = format === 'json' ? jsonLine : textLine;
  const stacks = format === 'json' || verbosity >= STACK_VERBOSITY;
  const tell = (level: LogLevel, message: string, fields: LogFields = {}) =>
    write(line(new Date(now()), level, message, plainFields(fields, stacks)));
  return {
    info: (message, fields) => tell('info', message, fields),
    warn: (message, fields) => tell('warn', message, fields),
    error: (message, fields) => tell('error', message, fields),
    debug(level, message, fields) {
      if (level <= verbosity) tell('debug', message, fields);
    },
  };
}

function jsonLine(time: Date, level: LogLevel, message: string, fields: PlainFields): string {
  return `${JSON.stringify({ ts: time.toISOString(), level, msg: message, ...fields })}\n`;
}

function textLine(time: Date, level: LogLevel, message: string, fields: PlainFields): string {
  const facts = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${plainValue(value)}`);
  const clock = time.toISOString().slice(11, 23);
  return `${clock} ${level.toUpperCase().padEnd(LEVEL_WIDTH)} ${oneLine(message)}${facts.join('')}\n`;
}

function plainFields(fields: LogFields, stacks: boolean): PlainFields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plainField(value, stacks)]));
}

function plainField(value: unknown, stacks: boolean): PlainFields[string] {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'undefined':
      return value;
    case 'bigint':
      return value.toString();
    default:
      return errorText(value, stacks);
  }
}

function plainValue(value: PlainFields[string]): string {
  return typeof value === 'string' && !/^[\w./:@*-]+$/.test(value) ? oneLine(JSON.stringify(value)) : String(value);
}

/** A message may quote what a client sent: it must not be able to forge a second line. */
function oneLine(message: string): string {
  return message.replaceAll(UNPRINTABLE, (character) => ESCAPES.get(character) ?? hexEscape(character));
}

function hexEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** An error in words: its message, or its stack where the reader wants to see where it came from. */
export function errorText(error: unknown, stack: boolean): string {
  if (!(error instanceof Error)) return formatWithOptions({ depth: 2 }, '%O', error);
  return stack && error.stack !== undefined ? error.stack : error.message;
}

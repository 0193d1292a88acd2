import { formatWithOptions } from 'node:util';

/** Named facts that go with a message. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

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

type FormatLine = (time: Date, level: LogLevel, message: string, fields: LogFields) => string;

const LEVEL_WIDTH = 5;

/** A log of one line per message: for people, or JSON with `ts`, `level`, `msg` and the fields. */
export function createLog({ format, verbosity, write, now }: LogOptions): Log {
  const line: FormatLine = format === 'json' ? jsonLine : textLine;
  const tell = (level: LogLevel, message: string, fields: LogFields = {}) =>
    write(line(new Date(now()), level, message, fields));
  return {
    info: (message, fields) => tell('info', message, fields),
    warn: (message, fields) => tell('warn', message, fields),
    error: (message, fields) => tell('error', message, fields),
    debug(level, message, fields) {
      if (level <= verbosity) tell('debug', message, fields);
    },
  };
}

function jsonLine(time: Date, level: LogLevel, message: string, fields: LogFields): string {
  return `${JSON.stringify({ ts: time.toISOString(), level, msg: message, ...fields })}\n`;
}

function textLine(time: Date, level: LogLevel, message: string, fields: LogFields): string {
  const facts = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${plainValue(value)}`);
  const clock = time.toISOString().slice(11, 23);
  return `${clock} ${level.toUpperCase().padEnd(LEVEL_WIDTH)} ${oneLine(message)}${facts.join('')}\n`;
}

function plainValue(value: LogFields[string]): string {
  return typeof value === 'string' && !/^[\w./:@*-]+$/.test(value) ? JSON.stringify(value) : String(value);
}

/** A message may quote what a client sent: it must not be able to forge a second line. */
function oneLine(message: string): string {
  return message.replaceAll(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, (character) => JSON.stringify(character).slice(1, -1));
}

/** An error as a field: its message; with its stack where the caller wants to see where it came from. */
export function errorText(error: unknown, stack: boolean): string {
  if (!(error instanceof Error)) return formatWithOptions({ depth: 2 }, '%O', error);
  return stack && error.stack !== undefined ? error.stack : error.message;
}

import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { stringify } from '@kcp/apimachinery/json/stringify';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import type { Clock } from '../clock.js';
import { AUDIT_BATCH_BYTES_MAX, AUDIT_BATCH_MS } from '../limits.js';
import type { AuditSink } from './request-audit.js';

export interface LogSinkOptions {
  /** `-` for standard output. */
  readonly path: string;
  /** A file that reaches this size is set aside; 0: never. */
  readonly bytesMax: number;
  /** How many files that were set aside are kept; 0: all. */
  readonly backupsMax: number;
  /** How long they are kept; 0: for ever. */
  readonly ageMs: number;
  /** `blocking`: an event is written before the answer goes out; `batch`: several at once, soon after. */
  readonly mode: 'blocking' | 'batch';
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

const STANDARD_OUTPUT = 1;
const OWNER_ONLY = 0o600;

/** One event a line, with rotation as upstream's log backend: `audit-TIME.log` beside `audit.log`. */
export class LogSink implements AuditSink {
  readonly name = 'log';
  readonly #options: LogSinkOptions;
  #lost = 0;
  #file: number | undefined;
  #size = 0;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #cancel: (() => void) | undefined;

  /** Throws what the system says when the file cannot be opened. */
  constructor(options: LogSinkOptions) {
    this.#options = options;
    this.#open();
  }

  get lost(): number {
    return this.#lost;
  }

  record(event: JsonObject): void {
    const line = `${stringify(event)}\n`;
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    if (this.#options.mode === 'blocking' || this.#waitingBytes >= AUDIT_BATCH_BYTES_MAX) this.#flush();
    else this.#cancel ??= this.#options.clock.after(AUDIT_BATCH_MS, () => this.#flush());
  }

  async close(): Promise<void> {
    this.#flush();
    if (this.#file === undefined || this.#file === STANDARD_OUTPUT) return;
    fsyncSync(this.#file);
    closeSync(this.#file);
    this.#file = undefined;
  }

  #flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const bytes = Buffer.from(this.#waiting.join(''), 'utf8');
    const events = this.#waiting.length;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (bytes.length === 0 || this.#file === undefined) return;
    try {
      this.#rotateFor(bytes.length);
      writeSync(this.#file, bytes);
      this.#size += bytes.length;
    } catch (error) {
      this.#lost += events;
      this.#options.onError(error);
    }
  }

  #open(): void {
    const { path } = this.#options;
    if (path === '-') {
      this.#file = STANDARD_OUTPUT;
      return;
    }
    this.#file = openSync(path, 'a', OWNER_ONLY);
    this.#size = statSync(path).size;
  }

  #rotateFor(bytes: number): void {
    const { path, bytesMax, clock } = this.#options;
    if (this.#file === undefined || this.#file === STANDARD_OUTPUT) return;
    if (bytesMax === 0 || this.#size === 0 || this.#size + bytes <= bytesMax) return;
    closeSync(this.#file);
    const stamp = new Date(clock.now()).toISOString().replaceAll(':', '-').slice(0, -1);
    renameSync(path, join(dirname(path), `${this.#stem()}-${stamp}${extname(path)}`));
    this.#open();
    this.#removeOld();
  }

  #stem(): string {
    const { path } = this.#options;
    return basename(path, extname(path));
  }

  #removeOld(): void {
    const { path, backupsMax, ageMs, clock } = this.#options;
    const folder = dirname(path);
    const backups = readdirSync(folder)
      .filter((name) => name.startsWith(`${this.#stem()}-2`) && name.endsWith(extname(path)))
      .sort()
      .reverse();
    backups.forEach((name, age) => {
      const tooMany = backupsMax > 0 && age >= backupsMax;
      const tooOld = ageMs > 0 && statSync(join(folder, name)).mtimeMs < clock.now() - ageMs;
      if (tooMany || tooOld) rmSync(join(folder, name), { force: true });
    });
  }
}

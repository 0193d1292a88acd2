import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readObjects, readOptionalString, readString } from '@kcp/apimachinery/schema/read';
import { LOG_LINES_MAX, PROGRAM_GRACE_MS } from '../limits.js';

export interface ProcessPlan {
  readonly command: readonly string[];
  readonly container: JsonObject;
  /** Where the files of the container are, each mount at its path below. */
  readonly directory: string;
  readonly mounts: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** A program that runs for a container. */
export class ProgramProcess {
  /** The exit code; 128 and the signal's number for one that was killed. */
  readonly exited: Promise<number>;
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #lines: string[] = [];

  constructor(plan: ProcessPlan) {
    const [command = '', ...args] = plan.command.map((word) => placed(word, plan));
    this.#directory = plan.directory;
    this.#child = spawn(command, args, { env: variables(plan), stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on('data', (data) => this.#keep(data));
    this.exited = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#keep(Buffer.from(`${error.message}\n`));
        this.#clean();
        resolve(127);
      });
      this.#child.once('exit', (code, signal) => {
        this.#clean();
        resolve(code ?? (signal === 'SIGTERM' ? 143 : 137));
      });
    });
  }

  /** The last lines that it wrote. */
  get log(): string {
    return this.#lines.join('\n');
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Asks it to end, and ends it when it does not. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), PROGRAM_GRACE_MS);
    await this.exited;
    clearTimeout(timer);
  }

  /** Ends it at once, as a crash does. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #keep(data: unknown): void {
    const text = Buffer.isBuffer(data) ? data.toString('utf8') : String(data);
    this.#lines.push(...text.split('\n').filter((line) => line !== ''));
    if (this.#lines.length > LOG_LINES_MAX) this.#lines.splice(0, this.#lines.length - LOG_LINES_MAX);
  }

  #clean(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** A word that names a file of a mount means the file that stands for it. */
function placed(word: string, { mounts, directory }: ProcessPlan): string {
  const [, flag = '', path = word] = /^(--?[\w-]+=)(.*)$/.exec(word) ?? [];
  const inside = mounts.some((mount) => path === mount || path.startsWith(mount.endsWith('/') ? mount : `${mount}/`));
  return inside ? `${flag}${join(directory, path)}` : word;
}

function variables(plan: ProcessPlan): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  const own = readObjects(plan.container, 'env').flatMap((variable): [string, string][] => {
    const value = readOptionalString(variable, 'value');
    return value === undefined ? [] : [[readString(variable, 'name'), placed(value, plan)]];
  });
  return { PATH, HOME, ...plan.environment, ...Object.fromEntries(own) };
}

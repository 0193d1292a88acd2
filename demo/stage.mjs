// What a demo needs: programs that are started and ended, commands that are shown with what they print, and expectations
// that are waited for. Nothing outlives it but what --keep asks for.
import { execFile, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const BIN = new URL('../node_modules/.bin/', import.meta.url).pathname;
const START_WITHIN_MS = 20_000;
const PAUSE_MS = 1_500;
const EVERY_MS = 150;

export class Stage {
  static options() {
    return parseArgs({
      options: {
        /** No pauses for reading. */
        fast: { type: 'boolean', default: false },
        /** Kubeconfigs of two real clusters, separated by a comma; stand-ins are started without them. */
        clusters: { type: 'string' },
        /** Leaves the directory with data and logs where it is. */
        keep: { type: 'boolean', default: false },
      },
    }).values;
  }

  constructor(title, { fast, keep }) {
    this.fast = fast;
    this.keep = keep;
    this.directory = mkdtempSync(join(tmpdir(), 'kcp-demo-'));
    this.logs = join(this.directory, 'logs');
    mkdirSync(this.logs);
    this.children = new Map();
    this.met = 0;
    this.failed = [];
    this.env = { ...process.env, KUBECONFIG: join(this.directory, '.kcp', 'data', 'admin.kubeconfig') };
    this.#print(`\n# ${title}\n`);
  }

  /** Tells what comes next. */
  async say(text) {
    this.#print(`\n── ${text}`);
    if (!this.fast) await sleep(PAUSE_MS);
  }

  /** Starts one of our programs and waits until it has printed `ready`. */
  async start(name, program, args, ready) {
    this.#print(`$ ${program} ${args.join(' ')} &`);
    const log = createWriteStream(join(this.logs, `${name}.log`), { flags: 'a' });
    const child = spawn(join(BIN, program), args, {
      cwd: this.directory,
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.children.set(name, child);
    let text = '';
    const isReady = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${name} is not ready: ${text}`)), START_WITHIN_MS);
      const hear = (data) => {
        log.write(data);
        text += data;
        if (!ready.test(text)) return;
        clearTimeout(timer);
        resolve();
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.on('exit', (code) => reject(new Error(`${name} ended with ${code}: ${text}`)));
    });
    await isReady;
    return text;
  }

  /** Ends a program; `SIGKILL` is how a cluster disappears. */
  async end(name, signal = 'SIGTERM') {
    const child = this.children.get(name);
    if (child === undefined || child.exitCode !== null) return;
    child.removeAllListeners('exit');
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
    this.children.delete(name);
  }

  /** Runs kubectl, shows what it prints, and gives it back with the exit code. */
  async kubectl(args, { kubeconfig, quiet = false, input } = {}) {
    const all = kubeconfig === undefined ? args : ['--kubeconfig', kubeconfig, ...args];
    const result = await run('kubectl', all, this.env, this.directory, input);
    if (!quiet) this.#show('kubectl', args, result);
    return result;
  }

  async json(args, options) {
    const { code, stdout, stderr } = await this.kubectl([...args, '-o', 'json'], { ...options, quiet: true });
    if (code !== 0) throw new Error(stderr.trim());
    return JSON.parse(stdout);
  }

  /** Something that must be so now. */
  check(what, holds, seen = '') {
    if (holds) {
      this.met++;
      this.#print(`   ✓ ${what}`);
      return;
    }
    this.failed.push(what);
    this.#print(`   ✗ ${what}${seen === '' ? '' : `: ${seen}`}`);
  }

  /** Something that must become so: asks until `holds` gives true (or throws no more), at the most for `withinMs`. */
  async eventually(what, withinMs, holds) {
    const deadline = Date.now() + withinMs;
    let seen = '';
    for (;;) {
      try {
        if (await holds()) return this.check(what, true);
      } catch (error) {
        seen = error instanceof Error ? error.message : String(error);
      }
      if (Date.now() > deadline) return this.check(what, false, seen);
      await sleep(EVERY_MS);
    }
  }

  /** Ends everything and says how it went; resolves with the exit code. */
  async close() {
    for (const name of [...this.children.keys()].reverse()) await this.end(name);
    if (this.keep || this.failed.length > 0) this.#print(`\ndata and logs are in ${this.directory}`);
    else rmSync(this.directory, { recursive: true, force: true });
    for (const what of this.failed) this.#print(`not met: ${what}`);
    this.#print(`\n${this.met} passed, ${this.failed.length} failed`);
    return this.failed.length === 0 ? 0 : 1;
  }

  #show(program, args, { stdout, stderr }) {
    this.#print(`$ ${program} ${args.join(' ')}`);
    for (const line of `${stdout}${stderr}`.trimEnd().split('\n')) this.#print(`  ${line}`);
  }

  #print(text) {
    process.stdout.write(`${text}\n`);
  }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function run(program, args, env, cwd, input) {
  return new Promise((resolve) => {
    const child = execFile(program, args, { env, cwd, encoding: 'utf8', timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? 1), stdout, stderr }),
    );
    child.stdin.end(input ?? '');
  });
}

// Real kubectl: finds the versions on the machine and runs them against one server.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Every kubectl there is: the one on the PATH and its siblings of other versions, and what KUBECTLS names (colons between). */
export function findKubectls() {
  const named = (process.env.KUBECTLS ?? '').split(':').filter(Boolean);
  const found = [...named, ...siblings()];
  const versions = new Map();
  for (const path of found) {
    const version = versionOf(path);
    if (version && !versions.has(version)) versions.set(version, path);
  }
  return [...versions]
    .map(([version, path]) => ({ version, path }))
    .sort((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true }));
}

function siblings() {
  try {
    const path = realpathSync(execFileSync('which', ['kubectl'], { encoding: 'utf8' }).trim());
    return readdirSync(dirname(path))
      .filter((name) => /^kubectl(\.\d+\.\d+)?$/.test(name))
      .map((name) => join(dirname(path), name));
  } catch {
    return [];
  }
}

/** `1.31`; undefined for what is no kubectl. */
function versionOf(path) {
  try {
    const { clientVersion } = JSON.parse(
      execFileSync(path, ['version', '--client', '-o', 'json'], { encoding: 'utf8' }),
    );
    return `${clientVersion.major}.${clientVersion.minor}`.replace(/\+$/, '');
  } catch {
    return undefined;
  }
}

/** One kubectl against one server address; `cache` is its own, so that nothing is shared between runs. */
export class Kubectl {
  constructor(path, kubeconfig, server) {
    this.path = path;
    this.args = [
      '--kubeconfig',
      kubeconfig,
      '--server',
      server,
      '--cache-dir',
      mkdtempSync(join(tmpdir(), 'kubectl-')),
    ];
  }

  /** Runs to the end; resolves with what it printed and its exit code, whatever that is. */
  run(args, { input, env } = {}) {
    return new Promise((resolve) => {
      const child = execFile(
        this.path,
        [...this.args, ...args],
        { encoding: 'utf8', timeout: 60_000, env: { ...process.env, ...env } },
        (error, stdout, stderr) => resolve({ code: error ? (error.code ?? 1) : 0, stdout, stderr }),
      );
      child.stdin.end(input ?? '');
    });
  }

  /** Runs and expects success; resolves with what it printed. */
  async ok(args, options) {
    const { code, stdout, stderr } = await this.run(args, options);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} failed with ${code}: ${stderr || stdout}`);
    return stdout;
  }

  /** Starts a command that does not end; `until(text)` resolves with its output once that holds, then ends it. */
  follow(args) {
    const child = spawn(this.path, [...this.args, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    let wake = () => {};
    child.stdout.on('data', (data) => {
      text += data;
      wake();
    });
    return {
      async until(holds, withinMs = 15_000) {
        const deadline = Date.now() + withinMs;
        while (!holds(text)) {
          if (Date.now() > deadline) {
            child.kill();
            throw new Error(`kubectl ${args.join(' ')} printed only: ${text}`);
          }
          await new Promise((resolve) => {
            wake = resolve;
            setTimeout(resolve, 200);
          });
        }
        return text;
      },
      end: () => child.kill(),
    };
  }
}

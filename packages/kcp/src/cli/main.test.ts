import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, test } from 'node:test';
import type { ServerConfig } from '../config/server-config.js';
import { main } from './main.js';
import type { ProcessSurface, StopSignal } from './process-surface.js';
import type { RunningServer, StartServer } from './running-server.js';

/** A process that can be looked at. */
class FakeProcess implements ProcessSurface {
  stdout = '';
  stderr = '';
  readonly exits: number[] = [];
  #signal: (signal: StopSignal) => void = () => assert.fail('nobody listens for signals');
  #fatal: (error: unknown) => void = () => assert.fail('nobody listens for errors');

  readonly #greeted = new EventEmitter();

  /** Resolves when something has been printed: a server has started. */
  async started(): Promise<void> {
    if (this.stdout === '') await once(this.#greeted, 'out');
  }
  out(text: string): void {
    this.stdout += text;
    this.#greeted.emit('out');
  }
  err(text: string): void {
    this.stderr += text;
  }
  now(): number {
    return Date.UTC(2026, 0, 1, 12);
  }
  onStopSignal(listener: (signal: StopSignal) => void): () => void {
    this.#signal = listener;
    return () => {};
  }
  onFatal(listener: (error: unknown) => void): void {
    this.#fatal = listener;
  }
  exit(code: number): void {
    this.exits.push(code);
  }
  signal(signal: StopSignal): void {
    this.#signal(signal);
  }
  fatal(error: unknown): void {
    this.#fatal(error);
  }
}

function server(stop: () => Promise<void> = async () => {}): RunningServer {
  return { url: 'https://localhost:6443', kubeconfigFile: '/srv/my kcp/data/admin.kubeconfig', stop };
}

function run(args: readonly string[], startServer: StartServer) {
  const surface = new FakeProcess();
  const code = main(args, { surface, version: '1.2.3', load: async () => startServer });
  return { surface, code };
}

/** A start that goes on when the test says so. */
function startOnDemand() {
  let startServer: StartServer = never;
  const promise = new Promise<(server: RunningServer) => void>((asked) => {
    startServer = () => new Promise((resolve) => asked(resolve));
  });
  return { promise, startServer };
}

const never: StartServer = () => assert.fail('no server is wanted');

describe('kcp start', () => {
  test('tells the address, the kubeconfig and the two lines that a user needs', async () => {
    const { surface, code } = run(['start'], async () => server());
    await surface.started();
    assert.equal(
      surface.stdout,
      `kcp serves at https://localhost:6443, kubeconfig /srv/my kcp/data/admin.kubeconfig

  export KUBECONFIG='/srv/my kcp/data/admin.kubeconfig'
  kubectl api-resources

`,
    );
    surface.signal('SIGTERM');
    assert.equal(await code, 0);
  });

  test('stops the server on a signal and exits with 0', async () => {
    let stops = 0;
    const { surface, code } = run(['start'], async () => server(async () => void stops++));
    await surface.started();
    surface.signal('SIGINT');
    assert.equal(await code, 0);
    assert.equal(stops, 1);
    assert.deepEqual(surface.exits, []);
  });

  test('a second signal ends it at once', async () => {
    let stopped: () => void = () => assert.fail('nobody stops');
    const stopping = new Promise<void>((resolve) => {
      stopped = resolve;
    });
    const { surface, code } = run(['start'], async () => server(() => stopping));
    await surface.started();
    surface.signal('SIGINT');
    surface.signal('SIGINT');
    assert.deepEqual(surface.exits, [130]);
    stopped();
    await code;
  });

  test('a signal during the start stops what was started', async () => {
    let stops = 0;
    const { promise: asked, startServer } = startOnDemand();
    const { surface, code } = run(['start'], startServer);
    const start = await asked;
    surface.signal('SIGTERM');
    start(server(async () => void stops++));
    assert.equal(await code, 0);
    assert.equal(stops, 1);
  });

  const failures: readonly (readonly [what: string, error: Error, line: RegExp])[] = [
    ['a port in use', systemError('EADDRINUSE', 'listen'), /^kcp: :6443 is in use by another program.*--listen\n$/],
    ['a port that is not ours to take', systemError('EACCES', 'listen'), /^kcp: may not listen on :6443.*\n$/],
    [
      'a directory in use',
      named('StorageError', 'data directory d is in use by process 7'),
      /^kcp: data directory d.*7\n$/,
    ],
    ['a damaged certificate', named('CertificateFault', 'ca.crt is damaged'), /^kcp: ca\.crt is damaged\n$/],
    ['an unreadable file', systemError('EACCES', 'open'), /^kcp: cannot start: EACCES\n$/],
    ['a fault of ours', new TypeError('x is not a function\nmore'), /^kcp: cannot start: x is not a function\n$/],
  ];
  for (const [what, error, line] of failures) {
    test(`${what} is one line on standard error and exit code 1`, async () => {
      const { surface, code } = run(['start'], () => Promise.reject(error));
      assert.equal(await code, 1);
      assert.match(surface.stderr, line);
      assert.equal(surface.stdout, '');
    });
  }

  test('a server that cannot stop cleanly exits with 1 and says why', async () => {
    const { surface, code } = run(['start'], async () => server(() => Promise.reject(new Error('disk gone'))));
    await surface.started();
    surface.signal('SIGTERM');
    assert.equal(await code, 1);
    assert.match(surface.stderr, /ERROR could not stop cleanly error="disk gone"/);
  });

  test('an error that nobody caught ends the process, with its stack in the log', async () => {
    const { surface, code } = run(['start', '--log-format=json'], async () => server());
    await surface.started();
    surface.fatal(new RangeError('boom'));
    assert.deepEqual(surface.exits, [1]);
    const line: unknown = JSON.parse(surface.stderr);
    assert.ok(typeof line === 'object' && line !== null && 'level' in line && 'error' in line);
    assert.equal(line.level, 'error');
    assert.match(String(line.error), /RangeError: boom\n\s+at /);
    surface.signal('SIGTERM');
    await code;
  });

  test('the server gets the configuration and a log that keeps to its verbosity', async () => {
    let seen: ServerConfig | undefined;
    const { surface, code } = run(['start', '-v=2', '--in-memory'], async (config, log) => {
      seen = config;
      log.debug(2, 'told', { cluster: 'a b', revision: 7 });
      log.debug(3, 'not told');
      log.warn('two\nlines');
      return server();
    });
    await surface.started();
    assert.equal(seen?.inMemory, true);
    assert.equal(surface.stderr, '12:00:00.000 DEBUG told cluster="a b" revision=7\n12:00:00.000 WARN  two\\nlines\n');
    surface.signal('SIGTERM');
    await code;
  });
});

describe('the other commands', () => {
  test('kcp version', async () => {
    const { surface, code } = run(['version'], never);
    assert.equal(await code, 0);
    assert.match(surface.stdout, /^kcp 1\.2\.3 \(node \d+\.\d+\.\d+, \w+ \w+\)\n$/);
  });

  test('kcp help', async () => {
    const { surface, code } = run(['help'], never);
    assert.equal(await code, 0);
    assert.match(surface.stdout, /kcp start/);
  });

  test('an unknown flag is one line on standard error and exit code 2', async () => {
    const { surface, code } = run(['start', '--nope'], never);
    assert.equal(await code, 2);
    assert.equal(surface.stderr, 'kcp: unknown flag: --nope (see kcp help)\n');
  });
});

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function systemError(code: string, syscall: string): Error {
  return Object.assign(new Error(code), { code, syscall });
}

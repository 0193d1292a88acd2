import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const READY_TRIES = 200;
const READY_PAUSE_MS = 50;

/** Why tests over etcd do not run here, as node:test's `skip` wants it; where CI is set they must. */
export const NO_ETCD: string | false =
  process.env.CI === 'true' || spawnSync('etcd', ['--version']).status === 0 ? false : 'etcd is not on the PATH';

interface Member {
  readonly client: string;
  readonly args: readonly string[];
  process: ChildProcess;
}

/** etcd processes of this machine, on free ports, with data that is thrown away. */
export class EtcdServer {
  readonly #directory: string;
  readonly #members: readonly Member[];

  private constructor(directory: string, members: readonly Member[]) {
    this.#directory = directory;
    this.#members = members;
  }

  /** Starts a cluster of so many members and waits until it answers. */
  static async start(size = 1, extra: readonly string[] = []): Promise<EtcdServer> {
    const directory = mkdtempSync(join(tmpdir(), 'kcp-etcd-'));
    const ports = await freePorts(size * 2);
    const peers = Array.from({ length: size }, (_, i) => `http://127.0.0.1:${ports[size + i]}`);
    const cluster = peers.map((peer, i) => `m${i}=${peer}`).join(',');
    const members = peers.map((peer, i) => {
      const client = `http://127.0.0.1:${ports[i]}`;
      const args = [
        ['--name', `m${i}`, '--data-dir', join(directory, `m${i}`), '--log-level', 'panic', '--logger', 'zap'],
        ['--listen-client-urls', client, '--advertise-client-urls', client],
        ['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
        ['--initial-cluster', cluster, '--heartbeat-interval', '50', '--election-timeout', '500', ...extra],
      ].flat();
      return { client, args, process: run(args) };
    });
    const server = new EtcdServer(directory, members);
    await server.ready();
    return server;
  }

  get endpoints(): string[] {
    return this.#members.map(({ client }) => client);
  }

  /** Waits until every member that runs is healthy. */
  async ready(): Promise<void> {
    for (const { client, process: child } of this.#members) {
      if (child.exitCode === null && child.signalCode === null) await healthy(client);
    }
  }

  signal(member: number, signal: NodeJS.Signals): void {
    this.#members[member]?.process.kill(signal);
  }

  async kill(member: number): Promise<void> {
    const child = this.#members[member]?.process;
    if (child !== undefined) await ended(child);
  }

  /** Starts a member again with the data that it had. */
  restart(member: number): void {
    const known = this.#members[member];
    if (known !== undefined) known.process = run(known.args);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#members.map(({ process: child }) => ended(child)));
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function run(args: readonly string[]): ChildProcess {
  return spawn('etcd', args, { stdio: 'ignore', env: { ...process.env, ETCD_UNSUPPORTED_ARCH: process.arch } });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

async function healthy(client: string): Promise<void> {
  for (let tries = 0; tries < READY_TRIES; tries++) {
    const answer = await fetch(`${client}/health`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, READY_PAUSE_MS));
  }
  throw new Error(`etcd at ${client} does not become healthy`);
}

/** Held all at once, so that no two are the same. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.on('error', reject);
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            resolve(typeof address === 'object' && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

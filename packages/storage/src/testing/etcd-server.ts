import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const READY_TRIES = 200;
const READY_PAUSE_MS = 50;

/** Why tests over etcd do not run here, as node:test's `skip` wants it; where CI is set they must. */
export const NO_ETCD: string | false =
  process.env.CI === 'true' || spawnSync('etcd', ['--version']).status === 0 ? false : 'etcd is not on the PATH';

/** Files of an etcd that lets nobody in who has no certificate of the authority; PEM. */
export interface EtcdFiles {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  /** Who asks how it is: a certificate for clients. */
  readonly client: { readonly certificate: string; readonly key: string };
}

interface Member {
  readonly client: string;
  readonly args: readonly string[];
  process: ChildProcess;
}

/** etcd processes of this machine, on free ports, with data that is thrown away. */
export class EtcdServer {
  readonly #directory: string;
  readonly #members: readonly Member[];
  readonly #files: EtcdFiles | undefined;

  private constructor(directory: string, members: readonly Member[], files: EtcdFiles | undefined) {
    this.#directory = directory;
    this.#members = members;
    this.#files = files;
  }

  /** Starts a cluster of so many members, each with these flags too, and waits until it answers. */
  static async start(size = 1, files?: EtcdFiles, flags: readonly string[] = []): Promise<EtcdServer> {
    const directory = mkdtempSync(join(tmpdir(), 'kcp-etcd-'));
    const ports = await freePorts(size * 2);
    const peers = Array.from({ length: size }, (_, i) => `http://127.0.0.1:${ports[size + i]}`);
    const cluster = peers.map((peer, i) => `m${i}=${peer}`).join(',');
    const members = peers.map((peer, i) => {
      const client = `${files === undefined ? 'http' : 'https'}://127.0.0.1:${ports[i]}`;
      const args = [
        ['--name', `m${i}`, '--data-dir', join(directory, `m${i}`), '--log-level', 'panic', '--logger', 'zap'],
        ['--listen-client-urls', client, '--advertise-client-urls', client],
        ['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
        ['--initial-cluster', cluster, '--heartbeat-interval', '50', '--election-timeout', '500'],
        files === undefined ? [] : securing(files),
        flags,
      ].flat();
      return { client, args, process: run(args) };
    });
    const server = new EtcdServer(directory, members, files);
    try {
      await server.ready();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  get endpoints(): string[] {
    return this.#members.map(({ client }) => client);
  }

  /** Waits until every member that runs is healthy. */
  async ready(): Promise<void> {
    for (const { client, process: child } of this.#members) {
      if (child.exitCode === null && child.signalCode === null) await healthy(client, this.#files);
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

function securing({ authority, certificate, key }: EtcdFiles): string[] {
  return ['--cert-file', certificate, '--key-file', key, '--trusted-ca-file', authority, '--client-cert-auth'];
}

async function healthy(client: string, files: EtcdFiles | undefined): Promise<void> {
  for (let tries = 0; tries < READY_TRIES; tries++) {
    if (await answers(`${client}/health`, files)) return;
    await new Promise((resolve) => setTimeout(resolve, READY_PAUSE_MS));
  }
  throw new Error(`etcd at ${client} does not become healthy`);
}

function answers(url: string, files: EtcdFiles | undefined): Promise<boolean> {
  const options =
    files === undefined
      ? {}
      : {
          ca: readFileSync(files.authority),
          cert: readFileSync(files.client.certificate),
          key: readFileSync(files.client.key),
        };
  return new Promise((resolve) => {
    const request = (files === undefined ? http : https).get(url, options, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', () => resolve(false));
  });
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

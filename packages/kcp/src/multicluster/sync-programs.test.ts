import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isObject } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject } from '@kcp/apimachinery/schema/read';
import { type Client, type Kcp, startKcp } from '../index.js';
import { DEPLOYMENTS, defineDeployments, deployment } from '../testing/deployments.js';

const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };
const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const SYNCER = new URL('../../bin/syncer.mjs', import.meta.url).pathname;
const LOCATION = 'us-east1';
const PATIENCE_MS = 20_000;
const COUNT = 40;

const at = (name: string) => ({ namespace: 'demo', name });

/** A server on disk that can be stopped and started again where it was. */
class Restartable {
  readonly directory = mkdtempSync(join(tmpdir(), 'kcp-sync-'));
  #kcp: Kcp | undefined;
  #port = 0;

  async start(): Promise<void> {
    const listen = { port: this.#port };
    this.#kcp = await startKcp({ storage: 'disk', directory: this.directory, listen });
    this.#port = this.#kcp.port ?? 0;
  }
  async stop(): Promise<void> {
    await this.#kcp?.stop();
  }
  get kubeconfig(): string {
    return join(this.directory, 'data', 'admin.kubeconfig');
  }
  cluster(name: string): Client {
    assert.ok(this.#kcp);
    return this.#kcp.cluster(name);
  }
}

/** Everything assigned to the location that is there, as text without what each server writes itself. */
async function contents(client: Client): Promise<string[]> {
  const labelSelector = `kcp.dev/cluster=${LOCATION}`;
  const lists = await Promise.all([CONFIG_MAPS, DEPLOYMENTS].map((one) => client.list(one, { labelSelector })));
  return lists
    .flatMap(({ items }) => items)
    .map(({ kind, metadata, data, spec, status }) => {
      const { observedGeneration: _, ...told } = isObject(status) ? status : {};
      return JSON.stringify([kind, metadata.namespace, metadata.name, metadata.labels, data, spec, told]);
    })
    .sort();
}

async function agreed(up: Client, down: Client): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const [above, below] = await Promise.all([contents(up), contents(down)]);
    if (above.join('\n') === below.join('\n')) return;
    if (Date.now() > deadline) assert.deepEqual(below, above);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function configMap(name: string, k: string): KubeObject {
  const metadata = { name, namespace: 'demo', labels: { 'kcp.dev/cluster': LOCATION } };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { k } };
}

/** Creates, changes and deletes; each round leaves something else behind. */
async function write(up: Client, round: number): Promise<void> {
  const kept = Array.from({ length: COUNT }, (_, i) => `r${round}-${i}`);
  await Promise.all(kept.map((name) => up.create(CONFIG_MAPS, configMap(name, 'first'))));
  const change = { type: 'merge', value: { data: { k: `changed in ${round}` } } } as const;
  await Promise.all(kept.filter((_, i) => i % 3 === 0).map((name) => up.patch(CONFIG_MAPS, at(name), change)));
  const gone = kept.filter((_, i) => i % 3 === 1);
  await Promise.all(gone.map((name) => up.delete(CONFIG_MAPS, at(name))));
  const moved = { type: 'merge', value: { metadata: { labels: { 'kcp.dev/cluster': 'elsewhere' } } } } as const;
  await up.patch(CONFIG_MAPS, at(`r${round}-2`), moved);
  await up.patch(DEPLOYMENTS, at('web'), { type: 'merge', value: { spec: { replicas: round } } });
}

describe('a syncer in a process of its own, while everything fails', () => {
  const above = new Restartable();
  const below = new Restartable();
  let child: ChildProcess;
  let heard = '';

  async function startSyncer(): Promise<void> {
    const ends = ['-from_kubeconfig', above.kubeconfig, '-from_context', 'user', '-to_kubeconfig', below.kubeconfig];
    const args = [SYNCER, ...ends, '-cluster', LOCATION, 'configmaps', 'deployments.apps'];
    child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stderr?.on('data', (text) => {
      heard += String(text);
    });
    assert.ok(child.stdout);
    await once(child.stdout, 'data');
  }
  const up = () => above.cluster('user');
  const down = () => below.cluster('root');

  before(async () => {
    await Promise.all([above.start(), below.start()]);
    await Promise.all([up(), down()].map(defineDeployments));
    await up().create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } });
    await up().create(DEPLOYMENTS, deployment('web', 1, { labels: { 'kcp.dev/cluster': LOCATION } }));
    await startSyncer();
  });
  after(async () => {
    child.kill('SIGKILL');
    await Promise.all([above.stop(), below.stop()]);
    for (const { directory } of [above, below]) rmSync(directory, { recursive: true });
  });

  test('syncs', async () => {
    await write(up(), 1);
    await agreed(up(), down());
    assert.equal(heard, '');
  });

  test('the physical cluster goes away and comes back', async () => {
    await below.stop();
    await write(up(), 2);
    await below.start();
    await agreed(up(), down());
  });

  test('kcp goes away and comes back; what was changed below meanwhile is set right', async () => {
    await above.stop();
    await down().delete(CONFIG_MAPS, at('r1-0'));
    await down().patch(CONFIG_MAPS, at('r2-0'), { type: 'merge', value: { data: { k: 'theirs' } } });
    const operations = [{ op: 'add', path: '/status', value: { readyReplicas: 2 } }];
    await down().patch(DEPLOYMENTS, at('web'), { type: 'json', operations }, { subresource: 'status' });
    await above.start();
    await write(up(), 3);
    await agreed(up(), down());
    const { status } = await up().get(DEPLOYMENTS, at('web'));
    assert.equal(isObject(status) && status.readyReplicas, 2);
  });

  test('the syncer is killed in the middle of its work, and another takes over', async () => {
    const writing = write(up(), 4);
    child.kill('SIGKILL');
    await writing;
    await startSyncer();
    await agreed(up(), down());
    assert.equal(readObject(await down().get(DEPLOYMENTS, at('web')), 'spec')?.replicas, 4);
  });

  test('what was moved away is free of it, and nothing is held that is gone', async () => {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const { items } = await up().list(CONFIG_MAPS, { labelSelector: 'kcp.dev/cluster=elsewhere' });
      assert.equal(items.length, 4);
      if (items.every(({ metadata }) => metadata.finalizers === undefined)) return;
      assert.ok(Date.now() < deadline, 'some are still held');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });

  test('ends when it is told to', async () => {
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
  });
});

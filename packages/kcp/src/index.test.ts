import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { parseYaml } from '@kcp/apimachinery/codec/yaml';
import { hasReason } from '@kcp/apimachinery/errors/status-error';
import { parseClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { systemClock } from '@kcp/apiserver/clock';
import { parseKubeconfig } from '@kcp/client/kubeconfig/parse-kubeconfig';
import { resolveContext } from '@kcp/client/kubeconfig/resolve-context';
import { Client } from '@kcp/client/rest/client';
import { HttpsTransport } from '@kcp/client/transport/https-transport';
import { startKcp } from './index.js';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const configMap = (name: string, namespace = 'default') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
});

describe('a server within a program', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kcp-embedded-'));
  after(() => rmSync(folder, { recursive: true }));

  test('is ready at once and gone without a trace', async () => {
    const began = performance.now();
    const kcp = await startKcp({ storage: 'memory' });
    await kcp.cluster('team-a').create(CONFIG_MAPS, configMap('hello'));
    const ms = performance.now() - began;
    // 50 ms where nothing else runs; the bench measures it.
    assert.ok(ms <= 5_000, `${ms} ms`);
    assert.equal(kcp.url, undefined);
    await Promise.all([kcp.stop(), kcp.stop()]);
    await assert.rejects(kcp.cluster('team-a').create(CONFIG_MAPS, configMap('late')));
  });

  test('keeps its tenants apart and shows them all to whoever may see them', async () => {
    const kcp = await startKcp({ storage: 'memory' });
    for (const tenant of ['team-a', 'team-b']) await kcp.cluster(tenant).create(CONFIG_MAPS, configMap(tenant));
    const names = async (client: Client) => (await client.list(CONFIG_MAPS)).items.map(({ metadata }) => metadata.name);
    assert.deepEqual(await names(kcp.cluster('team-a')), ['team-a']);
    assert.deepEqual((await names(kcp.all())).sort(), ['team-a', 'team-b']);
    assert.throws(() => kcp.cluster('Not A Name'), TypeError);
    await kcp.stop();
  });

  test('ends watches of what is computed, too', async () => {
    const kcp = await startKcp({ storage: 'memory' });
    const services = { group: 'apiregistration.k8s.io', version: 'v1', resource: 'apiservices' };
    const events = kcp.cluster('team-a').watchOnce(services);
    await events.next();
    const rest = (async () => {
      for await (const { type } of events) assert.equal(type, 'ADDED');
    })();
    await kcp.stop();
    await rest;
  });

  test('ends the watches of its clients when it stops', async () => {
    const kcp = await startKcp({ storage: 'memory' });
    const client = kcp.cluster('team-a');
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { object } of client.watchOnce(CONFIG_MAPS)) seen.push(object.metadata.name ?? '');
    })();
    await client.create(CONFIG_MAPS, configMap('hello'));
    await new Promise((resolve) => setImmediate(resolve));
    await kcp.stop();
    await watching;
    assert.deepEqual(seen, ['hello']);
  });

  test('finds again what it kept on disk', async () => {
    const options = { storage: 'disk', directory: join(folder, 'kept') } as const;
    const first = await startKcp(options);
    await first.cluster('team-a').create(CONFIG_MAPS, configMap('hello'));
    await first.stop();
    const second = await startKcp(options);
    assert.equal((await second.cluster('team-a').list(CONFIG_MAPS)).items.length, 1);
    await second.stop();
  });

  test('lets others in with its kubeconfig, and nobody else', async () => {
    const kcp = await startKcp({ storage: 'memory', listen: { port: 0 } });
    assert.ok(kcp.kubeconfig !== undefined && kcp.port !== undefined && kcp.port > 0);
    const access = resolveContext(parseKubeconfig(parseYaml(kcp.kubeconfig).value), folder, 'admin');
    assert.equal(access.server, kcp.url);
    const client = (transport: HttpsTransport) =>
      new Client({ transport, scope: parseClusterName('team-a'), clock: systemClock, random: Math.random });
    const [known, unknown] = [
      new HttpsTransport(access),
      new HttpsTransport({ ...access, certificate: undefined, key: undefined }),
    ];
    await client(known).create(CONFIG_MAPS, configMap('from-outside'));
    await kcp.cluster('team-a').get(CONFIG_MAPS, { namespace: 'default', name: 'from-outside' });
    await assert.rejects(client(unknown).list(CONFIG_MAPS), (error) => hasReason(error, 'Forbidden'));
    const events = client(known)
      .watchOnce(CONFIG_MAPS, { fieldSelector: 'metadata.name=from-outside' })
      [Symbol.asyncIterator]();
    assert.equal((await events.next()).value?.object.metadata.name, 'from-outside');
    const ended = events.next();
    await Promise.all([known.close(), unknown.close(), kcp.stop()]);
    assert.equal((await ended).done, true);
  });
});

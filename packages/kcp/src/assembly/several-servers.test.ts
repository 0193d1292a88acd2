import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { Client } from '@kcp/client/rest/client';
import { EtcdServer, NO_ETCD } from '@kcp/storage/testing/etcd-server';
import { awaitObject } from '../testing/await-object.js';
import { type ServerOnEtcd, startOnEtcd } from '../testing/etcd-servers.js';

const core = (resource: string) => ({ group: '', version: 'v1', resource });
const [CONFIG_MAPS, NAMESPACES, ACCOUNTS] = [core('configmaps'), core('namespaces'), core('serviceaccounts')];
const TEAM = 'team-a' as ClusterName;
const ROUNDS = 60;

const map = (name: string, text: string, resourceVersion?: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', ...(resourceVersion === undefined ? {} : { resourceVersion }) },
  data: { text },
});

describe('several servers on one etcd', { skip: NO_ETCD }, () => {
  let etcd: EtcdServer;
  let servers: [ServerOnEtcd, ServerOnEtcd];
  let clients: [Client, Client];

  before(async () => {
    etcd = await EtcdServer.start();
    // At the same time: both make certificates, and one has to take the other's.
    servers = await Promise.all([startOnEtcd(etcd.endpoints), startOnEtcd(etcd.endpoints)]);
    clients = await Promise.all([servers[0].client(TEAM), servers[1].client(TEAM)]);
  });
  after(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await etcd.stop();
  });

  test('what one has acknowledged the other shows, in gets and lists, from then on', async () => {
    for (let i = 0; i < ROUNDS; i++) {
      const [writer, reader] = i % 2 === 0 ? clients : [clients[1], clients[0]];
      const written = await writer.create(CONFIG_MAPS, map(`m${i}`, 'x'));
      const found = await reader.get(CONFIG_MAPS, { namespace: 'default', name: `m${i}` });
      assert.equal(found.metadata.resourceVersion, written.metadata.resourceVersion);
      const list = await reader.list(CONFIG_MAPS, { namespace: 'default' });
      assert.ok(list.items.some(({ metadata }) => metadata.name === `m${i}`));
    }
  });

  test('of two that write from the same version through different servers, one is told of the conflict', async () => {
    const created = await clients[0].create(CONFIG_MAPS, map('contended', '0'));
    const tries = await Promise.allSettled(
      clients.map((client, i) =>
        client.update(CONFIG_MAPS, map('contended', `by ${i}`, created.metadata.resourceVersion)),
      ),
    );
    assert.deepEqual(tries.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  });

  test('a watch goes on at the other server where it stopped', async () => {
    const { resourceVersion } = await clients[0].create(CONFIG_MAPS, map('w0', 'x')).then(({ metadata }) => metadata);
    for (let i = 1; i <= 5; i++) await clients[0].create(CONFIG_MAPS, map(`w${i}`, 'x'));
    const heard: string[] = [];
    const signal = AbortSignal.timeout(5_000);
    const from = resourceVersion === undefined ? {} : { resourceVersion };
    for await (const event of clients[1].watch(CONFIG_MAPS, { namespace: 'default', signal, ...from })) {
      if (event.type === 'ADDED') heard.push(event.object.metadata.name ?? '');
      if (heard.length === 5) break;
    }
    assert.deepEqual(heard, ['w1', 'w2', 'w3', 'w4', 'w5']);
  });

  test('the certificates of one are good at the other, and controllers work wherever one writes', async () => {
    const visitor = await servers[1].client(TEAM, servers[0].kubeconfigFile);
    for (const [i, client] of [visitor, clients[0]].entries()) {
      await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `n${i}` } });
      await awaitObject(visitor, ACCOUNTS, { namespace: `n${i}`, name: 'default' }, (found) => found !== undefined);
    }
  });
});

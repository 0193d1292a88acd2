import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseYaml } from '@kcp/apimachinery/codec/yaml';
import { parseKubeconfig } from '@kcp/client/kubeconfig/parse-kubeconfig';
import { resolveContext } from '@kcp/client/kubeconfig/resolve-context';
import { type KubeconfigPaths, serverUrl, writeServerKubeconfigs } from './server-kubeconfigs.js';

const PAIR = { certificate: '-----BEGIN CERTIFICATE-----\nleaf\n', key: '-----BEGIN PRIVATE KEY-----\nsecret\n' };

describe('the kubeconfigs of a server', () => {
  let rootDirectory: string;
  let paths: KubeconfigPaths;
  before(() => {
    rootDirectory = mkdtempSync(join(tmpdir(), 'kcp-kubeconfig-'));
    paths = writeServerKubeconfigs(rootDirectory, {
      serverUrl: serverUrl('::1', 6443),
      serverName: 'kcp.example.com',
      trusted: 'authority',
      client: PAIR,
    });
  });
  after(() => rmSync(rootDirectory, { recursive: true }));
  const server = (file: string, context?: string) =>
    resolveContext(parseKubeconfig(parseYaml(readFileSync(file, 'utf8')).value), rootDirectory, context);

  test('only their owner reads them', () => {
    for (const file of [paths.admin, paths.root]) assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  test('the first has contexts admin, which is current, and user', () => {
    assert.equal(server(paths.admin).server, 'https://[::1]:6443');
    assert.equal(server(paths.admin, 'user').server, 'https://[::1]:6443/clusters/user');
  });

  test('the second has contexts for kcp: root, which is current, base, system:admin, shard-base', () => {
    assert.equal(server(paths.root).server, 'https://[::1]:6443/clusters/root');
    for (const context of ['base', 'system:admin', 'shard-base']) {
      assert.equal(server(paths.root, context).server, 'https://[::1]:6443');
    }
  });

  test('carry all that a client needs within themselves', () => {
    const { authority, certificate, key, serverName } = server(paths.admin);
    assert.deepEqual(
      { authority, certificate, key, serverName },
      { ...PAIR, authority: 'authority', serverName: 'kcp.example.com' },
    );
  });
});

test('a server on all interfaces is reached as localhost', () => {
  for (const host of [undefined, '0.0.0.0', '::']) assert.equal(serverUrl(host, 1), 'https://localhost:1');
  assert.equal(serverUrl('10.0.0.1', 1), 'https://10.0.0.1:1');
});

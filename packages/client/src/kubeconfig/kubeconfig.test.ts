import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { KubeconfigFault } from './kubeconfig.js';
import { loadKubeconfig } from './load-kubeconfig.js';

/** The form in which kubectl's documentation shows it. */
const DOCUMENTED = `
apiVersion: v1
kind: Config
current-context: dev-frontend
clusters:
- name: development
  cluster:
    certificate-authority: fake-ca-file
    server: https://1.2.3.4
- name: test
  cluster:
    insecure-skip-tls-verify: true
    server: https://5.6.7.8/clusters/user
contexts:
- name: dev-frontend
  context:
    cluster: development
    namespace: frontend
    user: developer
- name: exp-test
  context: {cluster: test, user: bearer}
- name: lost
  context: {cluster: nowhere, user: developer}
users:
- name: developer
  user:
    client-certificate: fake-cert-file
    client-key-data: a2V5
- name: bearer
  user:
    tokenFile: token
`;

describe('a kubeconfig', () => {
  let directory: string;
  let path: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
    path = join(directory, 'config');
    writeFileSync(path, DOCUMENTED);
    writeFileSync(join(directory, 'fake-ca-file'), 'ca');
    writeFileSync(join(directory, 'fake-cert-file'), 'cert');
    writeFileSync(join(directory, 'token'), 'secret\n');
  });
  after(() => rmSync(directory, { recursive: true }));

  test('gives the current context, its files read from beside it', async () => {
    assert.deepEqual(await loadKubeconfig(path), {
      server: 'https://1.2.3.4',
      serverName: undefined,
      skipVerify: false,
      authority: 'ca',
      certificate: 'cert',
      key: 'key',
      token: undefined,
      namespace: 'frontend',
    });
  });

  test('gives another context by its name', async () => {
    const access = await loadKubeconfig(path, 'exp-test');
    assert.equal(access.server, 'https://5.6.7.8/clusters/user');
    assert.equal(access.token, 'secret');
    assert.equal(access.skipVerify, true);
    assert.equal(access.namespace, 'default');
  });

  test('names what is missing', async () => {
    await assert.rejects(loadKubeconfig(path, 'lost'), /cluster "nowhere" does not exist/);
    await assert.rejects(loadKubeconfig(path, 'constructor'), /context "constructor" does not exist/);
    await assert.rejects(loadKubeconfig(join(directory, 'none')), KubeconfigFault);
    writeFileSync(join(directory, 'odd'), 'clusters: [{name: a, cluster: {server: 7}}]');
    await assert.rejects(loadKubeconfig(join(directory, 'odd')), /clusters\[0\]\.cluster\.server must be a text/);
  });
});

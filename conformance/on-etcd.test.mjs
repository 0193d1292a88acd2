// The recordings of a real server, asked of a server that keeps its data in etcd.
//   npm run conformance:etcd
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { EtcdServer, NO_ETCD } from '@kcp/storage/testing/etcd-server';
import { Connection, startServer, stopServer } from '../faults/server.mjs';

const MAPS = '/clusters/recorded/api/v1/namespaces/default/configmaps';
const SUITE = ['conformance/golden/run.mjs', '--exceptions', 'conformance/exceptions.json'];

test('a server on etcd answers as the recorded one does', { skip: NO_ETCD, timeout: 300_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kcp-on-etcd-'));
  const etcd = await EtcdServer.start();
  const server = await startServer({ directory: folder, flags: ['--etcd-servers', etcd.endpoints.join(',')] });
  try {
    // The recorded workspace was in use; ours begins with its first write.
    const connection = new Connection(server);
    const used = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'in-use', namespace: 'default' } };
    assert.equal((await connection.call('POST', MAPS, used)).status, 201);
    connection.close();
    const kubeconfig = join(folder, 'data', 'admin.kubeconfig');
    const { status, text } = await run([
      ...SUITE,
      '--kubeconfig',
      kubeconfig,
      '--server',
      `${new URL(server.url).origin}/clusters/recorded`,
    ]);
    assert.equal(status, 0, text);
  } finally {
    await stopServer(server, 'SIGTERM');
    await etcd.stop();
    rmSync(folder, { recursive: true });
  }
});

function run(args) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (data) => {
    text += data;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, text }));
  });
}

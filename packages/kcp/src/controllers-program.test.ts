import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parseClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { systemClock } from '@kcp/apiserver/clock';
import { loadKubeconfig } from '@kcp/client/kubeconfig/load-kubeconfig';
import { Client } from '@kcp/client/rest/client';
import { HttpsTransport } from '@kcp/client/transport/https-transport';
import { startServer } from './assemble.js';
import { DEFAULT_CONFIG } from './config/server-config.js';
import { runControllers } from './controllers-program.js';
import { awaitObject, isGone } from './testing/await-object.js';

const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };
const ACCOUNTS = { group: '', version: 'v1', resource: 'serviceaccounts' };
const LOG = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

describe('controllers in a process of their own', () => {
  test('do for a server elsewhere what they do within it', async () => {
    const rootDirectory = mkdtempSync(join(tmpdir(), 'kcp-controllers-'));
    const listen = { host: '127.0.0.1', port: 0 };
    const controllers = { ...DEFAULT_CONFIG.controllers, within: false };
    const server = await startServer({ ...DEFAULT_CONFIG, listen, rootDirectory, inMemory: true, controllers }, LOG);
    const kubeconfig = server.kubeconfigFile;
    const transport = new HttpsTransport(await loadKubeconfig(kubeconfig));
    const scope = parseClusterName('team-a');
    const client = new Client({ transport, scope, clock: systemClock, random: Math.random });
    await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'work' } });
    const { log } = DEFAULT_CONFIG;
    const remote = await runControllers({ kubeconfig, context: undefined, controllers, log }, LOG);
    const account = { namespace: 'work', name: 'default' };
    await awaitObject(client, ACCOUNTS, account, (found) => found !== undefined);
    await client.delete(NAMESPACES, { name: 'work' });
    await awaitObject(client, NAMESPACES, { name: 'work' }, isGone);
    await remote.stop();
    await transport.close();
    await server.stop();
    rmSync(rootDirectory, { recursive: true });
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseYaml } from '@kcp/apimachinery/codec/yaml';
import { hasReason } from '@kcp/apimachinery/errors/status-error';
import { deepEqual } from '@kcp/apimachinery/json/value';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObject, readStrings } from '@kcp/apimachinery/schema/read';
import { systemClock } from '@kcp/apiserver/clock';
import { loadKubeconfig } from '@kcp/client/kubeconfig/load-kubeconfig';
import { Client } from '@kcp/client/rest/client';
import { HttpsTransport } from '@kcp/client/transport/https-transport';
import { MULTICLUSTER_DEFINITIONS } from '@kcp/controllers/multicluster/apis/definitions/all-definitions';
import { type RunningServer, startServer } from '../assemble.js';
import { parseCommandLine } from '../config/parse-command-line.js';
import type { Kcp } from '../index.js';
import { awaitObject, isGone } from '../testing/await-object.js';
import { deploymentDefinition } from './testing/deployment-definition.js';
import {
  API_IMPORTS,
  CLUSTERS,
  condition,
  DEFINITIONS,
  isTrue,
  registered,
  startPhysical,
} from './testing/many-clusters.js';

const CONFIG = new URL('../../../../config/', import.meta.url);
const DEPLOYMENTS = { group: 'apps', version: 'v1', resource: 'deployments' };
const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };
const QUIET = { info: () => {}, warn: () => {}, debug: () => {}, error: () => {} };
const EAST = { name: 'us-east1' };
const WEB = { namespace: 'demo', name: 'web' };
const FLAGS =
  '--in-memory --listen 127.0.0.1:0 --install_cluster_controller --push_mode --auto_publish_apis --resources_to_sync deployments.apps';

test('config/ holds the kinds as they are installed', () => {
  const files = readdirSync(CONFIG).map((name) => parseYaml(readFileSync(new URL(name, CONFIG), 'utf8')).value);
  assert.equal(files.length, MULTICLUSTER_DEFINITIONS.length);
  for (const definition of MULTICLUSTER_DEFINITIONS) {
    assert.ok(
      files.some((file) => deepEqual(file, definition)),
      `${definition.metadata.name} is out of date: node scripts/generate-config.mjs`,
    );
  }
});

describe('a server that registers physical clusters itself', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kcp-all-in-one-'));
  let server: RunningServer;
  let physical: Kcp;
  const clients = new Map<string, { readonly client: Client; readonly transport: HttpsTransport }>();
  before(async () => {
    const command = parseCommandLine(['start', '--root-directory', folder, ...FLAGS.split(' ')]);
    assert.ok(command.kind === 'start');
    [server, physical] = await Promise.all([
      startServer(command.config, QUIET),
      startPhysical([deploymentDefinition({ ephemeral: true })]),
    ]);
    for (const context of ['admin', 'user']) {
      const transport = new HttpsTransport(await loadKubeconfig(server.kubeconfigFile, context));
      clients.set(context, { transport, client: new Client({ transport, clock: systemClock, random: Math.random }) });
    }
  });
  after(async () => {
    await Promise.all([...clients.values()].map(({ transport }) => transport.close()));
    await Promise.all([server.stop(), physical.stop()]);
    rmSync(folder, { recursive: true });
  });
  const clientOf = (context: string): Client => clients.get(context)?.client ?? assert.fail(context);

  test('has the kinds in both contexts', async () => {
    for (const context of ['admin', 'user']) {
      for (const { metadata } of MULTICLUSTER_DEFINITIONS) {
        await awaitObject(clientOf(context), DEFINITIONS, { name: metadata.name ?? '' }, isTrue('Established'));
      }
    }
  });

  test('refuses what makes no sense', async () => {
    const client = clientOf('admin');
    const both = { kubeconfig: 'hello', kubeconfigSecretRef: { namespace: 'default', name: 'x' } };
    for (const spec of [{}, both]) {
      const refused = client.create(CLUSTERS, { ...registered('odd', ''), spec });
      await assert.rejects(refused, (error) => hasReason(error, 'Invalid') && /exactly one of/.test(error.message));
    }
  });

  test('pushes: what is labelled goes down, its status comes up, and it is let go with the cluster', async () => {
    const client = clientOf('admin');
    await client.create(CLUSTERS, registered(EAST.name, physical.kubeconfig ?? ''));
    const { object } = await awaitObject(client, CLUSTERS, EAST, isSynced);
    assert.equal(condition(object, 'Ready', 'reason'), 'SyncerReady');
    await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: WEB.namespace } });
    const labels = { 'kcp.dev/cluster': EAST.name };
    const web = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { ...WEB, labels }, spec: { replicas: 3 } };
    await client.create(DEPLOYMENTS, web);
    const below = physical.cluster('root');
    await awaitObject(below, DEPLOYMENTS, WEB, (one) => one !== undefined);
    const status = { type: 'merge', value: { status: { readyReplicas: 3 } } } as const;
    await below.patch(DEPLOYMENTS, WEB, status, { subresource: 'status' });
    const readyReplicas = (one: KubeObject | undefined) =>
      readNumber(readObject(one ?? {}, 'status') ?? {}, 'readyReplicas');
    await awaitObject(client, DEPLOYMENTS, WEB, (one) => readyReplicas(one) === 3);
    await client.delete(CLUSTERS, EAST);
    await awaitObject(client, CLUSTERS, EAST, isGone);
    assert.equal((await client.list(API_IMPORTS)).items.length, 0);
    await awaitObject(client, DEFINITIONS, { name: 'deployments.apps' }, isGone);
    await below.get(DEPLOYMENTS, WEB);
  });

  test('may not pull and push at once', () => {
    const command = parseCommandLine(['start', ...FLAGS.split(' '), '--pull_mode']);
    assert.ok(command.kind === 'fault');
    assert.match(command.message, /exclude each other/);
  });
});

function isSynced(object: KubeObject | undefined): boolean {
  const synced = readStrings(readObject(object ?? {}, 'status') ?? {}, 'syncedResources');
  return synced.includes('deployments.apps') && condition(object, 'Ready') === 'True';
}

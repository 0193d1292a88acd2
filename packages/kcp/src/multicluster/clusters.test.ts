import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readString, readStrings } from '@kcp/apimachinery/schema/read';
import type { Client } from '@kcp/client/rest/client';
import { NO_SYNC, type SyncMode } from '@kcp/controllers/multicluster/cluster/sync-mode';
import { type Kcp, startKcp } from '../index.js';
import { awaitObject, isGone } from '../testing/await-object.js';
import { deploymentDefinition } from './testing/deployment-definition.js';
import { type HostileCluster, sendJson, startHostile } from './testing/hostile-cluster.js';
import {
  API_IMPORTS,
  CLUSTERS,
  condition,
  DEFINITIONS,
  define,
  isTrue,
  NEGOTIATED_APIS,
  registered,
  startMulticluster,
  startPhysical,
} from './testing/many-clusters.js';

const SECRETS = { group: '', version: 'v1', resource: 'secrets' };
const EAST = { name: 'us-east1' };
/** What a user may rely on. */
const LOSS_SHOWS_MS = 10_000;
const DEPLOYMENT = deploymentDefinition({ ephemeral: true });

const isReady = (status: string) => (object: KubeObject | undefined) => condition(object, 'Ready') === status;
const hasReadyReason = (reason: string) => (object: KubeObject | undefined) =>
  condition(object, 'Ready', 'reason') === reason;

describe('a registered cluster', { concurrency: true }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'kcp-multicluster-'));
  const hostile: HostileCluster[] = [];
  const removed: string[] = [];
  /** Syncs nothing, and remembers from where it was taken away. */
  const mode: SyncMode = {
    ...NO_SYNC,
    async remove(key, physical) {
      removed.push(`${key.cluster}/${key.name} ${physical === undefined ? 'here' : 'there'}`);
    },
  };
  let multi: Awaited<ReturnType<typeof startMulticluster>>;
  let physical: Kcp;
  let other: Kcp;
  const tenants = ['root', 'team-a', 'team-b', 'team-c', 'team-d', 'team-e', 'team-f', 'team-g', 'team-h'];
  const tenant = (name: string): Client => multi.kcp.cluster(name);
  before(async () => {
    [multi, physical, other] = await Promise.all([
      startMulticluster(tenants, { autoPublish: true, mode: () => mode }),
      startPhysical([DEPLOYMENT]),
      startPhysical([]),
    ]);
  });
  after(async () => {
    await multi.stop();
    for (const one of hostile) one.close();
    await Promise.all([physical.stop(), other.stop()]);
    rmSync(folder, { recursive: true });
  });
  const register = (client: Client, { kubeconfig = '' }: { readonly kubeconfig?: string | undefined }) =>
    client.create(CLUSTERS, registered(EAST.name, kubeconfig));
  async function readyReason(client: Client, name: string, kubeconfig: string): Promise<KubeObject | undefined> {
    await client.create(CLUSTERS, registered(name, kubeconfig));
    const { object } = await awaitObject(client, CLUSTERS, { name }, isReady('False'), LOSS_SHOWS_MS);
    return object;
  }

  test('shows within 10 s that it is lost, and that it is back', async () => {
    const client = tenant('team-a');
    const first = await startKcp({ storage: 'memory', directory: folder, listen: { port: 0 } });
    await define(first.cluster('root'), [DEPLOYMENT]);
    await register(client, first);
    await awaitObject(client, CLUSTERS, EAST, isReady('True'));
    const { port = 0 } = first;
    await first.stop();
    const lost = await awaitObject(client, CLUSTERS, EAST, isReady('False'), LOSS_SHOWS_MS);
    assert.equal(condition(lost.object, 'Ready', 'reason'), 'Unreachable');
    assert.match(condition(lost.object, 'Ready', 'message'), /ECONNREFUSED/);
    const second = await startKcp({ storage: 'memory', directory: folder, listen: { port } });
    const back = await awaitObject(client, CLUSTERS, EAST, isReady('True'), LOSS_SHOWS_MS);
    const since = (object: KubeObject | undefined) => Date.parse(condition(object, 'Ready', 'lastTransitionTime'));
    assert.ok(since(back.object) >= since(lost.object));
    // The watches of its APIs are back as well.
    await define(second.cluster('root'), [DEPLOYMENT]);
    await awaitObject(client, API_IMPORTS, { name: 'deployments.us-east1.v1.apps' }, isTrue('Available'));
    await second.stop();
  });

  test('is told apart by logical cluster: two tenants may both have a us-east1', async () => {
    const [one, two] = [tenant('team-b'), tenant('team-c')];
    await Promise.all([register(one, physical), register(two, other)]);
    await awaitObject(one, CLUSTERS, EAST, isReady('True'));
    await awaitObject(two, CLUSTERS, EAST, isReady('True'));
    assert.equal((await one.list(API_IMPORTS)).items.length, 1);
    assert.equal((await two.list(API_IMPORTS)).items.length, 0);
    await two.delete(CLUSTERS, EAST);
    await awaitObject(two, CLUSTERS, EAST, isGone);
    assert.equal(condition(await one.get(CLUSTERS, EAST), 'Ready'), 'True');
    assert.equal((await one.list(API_IMPORTS)).items.length, 1);
  });

  test('loses an import when the resource vanishes there, and gets it when it comes', async () => {
    const client = tenant('team-d');
    const own = await startPhysical([]);
    await register(client, own);
    await awaitObject(client, CLUSTERS, EAST, isReady('True'));
    const name = 'deployments.us-east1.v1.apps';
    await define(own.cluster('root'), [DEPLOYMENT]);
    await awaitObject(client, API_IMPORTS, { name }, isTrue('Available'));
    await own.cluster('root').delete(DEFINITIONS, { name: 'deployments.apps' });
    await awaitObject(client, API_IMPORTS, { name }, isGone);
    await awaitObject(client, NEGOTIATED_APIS, { name: 'deployments.v1.apps' }, isGone);
    await client.delete(CLUSTERS, EAST);
    await own.stop();
  });

  test('takes its kubeconfig from a Secret, and follows it', async () => {
    const client = tenant('team-e');
    const place = { namespace: 'default', name: 'us-east1' };
    const spec = { kubeconfigSecretRef: place };
    await client.create(CLUSTERS, { ...registered(EAST.name, ''), spec });
    const missing = await awaitObject(client, CLUSTERS, EAST, isReady('False'));
    assert.match(condition(missing.object, 'Ready', 'message'), /Secret default\/us-east1 does not exist/);
    const kubeconfig = Buffer.from(physical.kubeconfig ?? '').toString('base64');
    await client.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: place, data: { kubeconfig } });
    await awaitObject(client, CLUSTERS, EAST, isReady('True'));
    const garbage = { type: 'merge', value: { data: { kubeconfig: 'aGVsbG8=' } } } as const;
    await client.patch(SECRETS, place, garbage);
    await awaitObject(client, CLUSTERS, EAST, hasReadyReason('InvalidKubeConfig'));
  });

  test('that is deleted while it is away says what to do, and goes when told to be forgotten', async () => {
    const client = tenant('team-f');
    const own = await startPhysical([DEPLOYMENT]);
    await register(client, own);
    const synced = (object?: KubeObject) => readStrings(readObject(object ?? {}, 'status') ?? {}, 'syncedResources');
    await awaitObject(client, CLUSTERS, EAST, (object) => synced(object).includes('deployments.apps'));
    await own.stop();
    await awaitObject(client, CLUSTERS, EAST, isReady('False'), LOSS_SHOWS_MS);
    await client.delete(CLUSTERS, EAST);
    const { object } = await awaitObject(client, CLUSTERS, EAST, hasReadyReason('CleanupBlocked'));
    assert.match(condition(object, 'Ready', 'message'), /kcp\.dev\/forget=true/);
    const annotations = { 'kcp.dev/forget': 'true' };
    await client.patch(CLUSTERS, EAST, { type: 'merge', value: { metadata: { annotations } } });
    await awaitObject(client, CLUSTERS, EAST, isGone);
    assert.ok(removed.includes('team-f/us-east1 here'));
    assert.equal((await client.list(API_IMPORTS)).items.length, 0);
  });

  test('that is deleted is cleaned up there first', async () => {
    const client = tenant('root');
    await register(client, physical);
    await awaitObject(client, CLUSTERS, EAST, isReady('True'));
    await client.delete(CLUSTERS, EAST);
    await awaitObject(client, CLUSTERS, EAST, isGone);
    assert.ok(removed.includes('root/us-east1 there'));
  });

  test('with a kubeconfig that is none says so', async () => {
    const object = await readyReason(tenant('team-g'), 'hello', 'hello');
    assert.equal(condition(object, 'Ready', 'reason'), 'InvalidKubeConfig');
  });

  test('whose authority is another one is not believed', async () => {
    const authority = (kubeconfig = '') => /certificate-authority-data: (\S+)/.exec(kubeconfig)?.[1] ?? '';
    const wrong = (physical.kubeconfig ?? '').replaceAll(authority(physical.kubeconfig), authority(other.kubeconfig));
    const object = await readyReason(tenant('team-g'), 'wrong-ca', wrong);
    assert.equal(condition(object, 'Ready', 'reason'), 'ServerCertificateUntrusted');
  });

  test('that answers garbage is no cluster', async () => {
    const page = await startHostile((_request, response) => response.end('<html>hello</html>'));
    const odd = await startHostile((_request, response) => sendJson(response, '{"gitVersion": 7}'));
    hostile.push(page, odd);
    for (const [name, { kubeconfig }] of Object.entries({ page, odd })) {
      const object = await readyReason(tenant('team-g'), name, kubeconfig);
      assert.equal(condition(object, 'Ready', 'reason'), 'InvalidAnswer');
    }
  });

  test('that is silent is lost', async () => {
    const silent = await startHostile(() => {});
    hostile.push(silent);
    const object = await readyReason(tenant('team-g'), 'silent', silent.kubeconfig);
    assert.equal(condition(object, 'Ready', 'reason'), 'Timeout');
  });

  test('whose discovery is garbage says that its APIs cannot be imported', async () => {
    const odd = await startHostile((request, response) => {
      if (request.url === '/version') sendJson(response, '{"gitVersion": "v1.36.0"}');
      else sendJson(response, '{"kind": "Nonsense"}');
    });
    hostile.push(odd);
    const object = await readyReason(tenant('team-g'), 'odd-discovery', odd.kubeconfig);
    assert.equal(condition(object, 'Ready', 'reason'), 'ErrorStartingAPIImporter');
    assert.match(condition(object, 'Ready', 'message'), /Nonsense/);
  });

  test('with ten thousand types costs no more than those that are wanted', async () => {
    const resources = Array.from({ length: 10_000 }, (_, at) => ({
      resource: `things${at}`,
      responseKind: { kind: `Thing${at}` },
      scope: 'Namespaced',
      verbs: ['create', 'get', 'list', 'watch', 'update', 'delete'],
    }));
    const items = [{ metadata: { name: 'example.com' }, versions: [{ version: 'v1', resources }] }];
    const document = JSON.stringify({ kind: 'APIGroupDiscoveryList', items });
    const asked: string[] = [];
    const huge = await startHostile((request, response) => {
      asked.push(request.url ?? '');
      if (request.url === '/version') sendJson(response, '{"gitVersion": "v1.36.0"}');
      else if (request.url === '/apis') sendJson(response, document);
      else sendJson(response, '{"kind":"Status","apiVersion":"v1","code":404,"reason":"NotFound"}', 404);
    });
    hostile.push(huge);
    const client = tenant('team-h');
    await register(client, huge);
    await awaitObject(client, CLUSTERS, EAST, isReady('True'));
    assert.equal((await client.list(API_IMPORTS)).items.length, 0);
    assert.ok(!asked.some((path) => path.includes('things')));
    assert.equal(readString((await client.get(CLUSTERS, EAST)).metadata, 'name'), 'us-east1');
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { parseYaml } from '@kcp/apimachinery/codec/yaml';
import { hasReason } from '@kcp/apimachinery/errors/status-error';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { systemClock } from '@kcp/apiserver/clock';
import { parseKubeconfig } from '@kcp/client/kubeconfig/parse-kubeconfig';
import { resolveContext } from '@kcp/client/kubeconfig/resolve-context';
import { Client } from '@kcp/client/rest/client';
import { HttpsTransport } from '@kcp/client/transport/https-transport';
import { MULTICLUSTER_DEFINITIONS } from '@kcp/controllers/multicluster/apis/definitions/all-definitions';
import { CLUSTERS } from '@kcp/controllers/multicluster/apis/names';
import { MulticlusterControllers } from '@kcp/controllers/multicluster/multicluster-controllers';
import { PullMode } from '@kcp/controllers/multicluster/pull/pull-mode';
import { type Kcp, startKcp } from 'kcp/index';
import { DEPLOYMENTS, PODS } from './controllers/resources.js';
import { type SimCluster, startSimCluster } from './start-sim-cluster.js';
import { eventually } from './testing/eventually.js';

const DEFINITIONS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };
const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };
const SECRETS = { group: '', version: 'v1', resource: 'secrets' };
const SYNCERS = { namespace: 'syncer-system' };
const SYNCER = { ...SYNCERS, name: 'syncer-from-team-a' };
const EAST = { name: 'us-east1' };
const WEB = { namespace: 'demo', name: 'web' };
const QUIET = { info: () => {}, warn: () => {}, debug: () => {} };
const PROGRAM = new URL('../../kcp/bin/syncer.mjs', import.meta.url).pathname;

function readyReason(cluster: KubeObject): string {
  const all = readObjects(readObject(cluster, 'status') ?? {}, 'conditions');
  return readString(all.find((one) => readString(one, 'type') === 'Ready') ?? {}, 'reason');
}

/** Waits until something that may not be there yet is as wanted. */
function comes(what: string, look: () => Promise<KubeObject>, wanted: (object: KubeObject) => boolean = () => true) {
  return eventually(async () => {
    try {
      const object = await look();
      return wanted(object) ? object : undefined;
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined;
      throw error;
    }
  }, what);
}

function goes(what: string, look: () => Promise<KubeObject>) {
  const isGone = (error: unknown) => {
    if (hasReason(error, 'NotFound')) return true;
    throw error;
  };
  return eventually(() => look().then(() => undefined, isGone), what);
}

function deployment(replicas: number): KubeObject {
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx' }] } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...WEB, labels: { ...labels, 'kcp.dev/cluster': EAST.name } },
    spec: { replicas, selector: { matchLabels: labels }, template },
  };
}

describe('a syncer that the physical cluster pulls', () => {
  let physical: SimCluster;
  let kcp: Kcp;
  let controllers: MulticlusterControllers;
  let team: Client;
  before(async () => {
    [physical, kcp] = await Promise.all([
      startSimCluster({
        ...EAST,
        storage: 'memory',
        programs: { images: { 'kcp-syncer': { command: [process.execPath, PROGRAM] } } },
      }),
      startKcp({ storage: 'memory', listen: { port: 0 } }),
    ]);
    team = kcp.cluster('team-a');
    for (const definition of MULTICLUSTER_DEFINITIONS) await team.create(DEFINITIONS, definition);
    const environment = { client: kcp.all(), clock: systemClock, random: Math.random, log: QUIET };
    const access = resolveContext(parseKubeconfig(parseYaml(kcp.kubeconfig ?? '').value), '/');
    const upstream = () => ({ url: kcp.url ?? '', authorities: access.authority });
    controllers = new MulticlusterControllers({
      environment,
      resources: ['deployments.apps'],
      autoPublish: true,
      mode: (look) => new PullMode({ environment, image: 'quay.io/kcp-dev/kcp-syncer', upstream, look }),
    });
    controllers.start();
    const spec = { kubeconfig: physical.kubeconfig };
    const cluster = { apiVersion: 'cluster.example.dev/v1alpha1', kind: 'Cluster', metadata: EAST, spec };
    await comes('the kind', () => team.create(CLUSTERS, cluster));
  });
  after(async () => {
    await controllers.stop();
    await Promise.all([physical.stop(), kcp.stop()]);
  });

  test('runs there, and the cluster is Ready', async () => {
    const cluster = () => team.get(CLUSTERS, EAST);
    await comes('the syncer', cluster, (object) => readyReason(object) === 'SyncerReady');
    const { items } = await physical.client.list(PODS, { ...SYNCERS, labelSelector: `app=${SYNCER.name}` });
    assert.equal(items.length, 1, 'the pod has the label that it is looked for by');
  });

  test('syncs, with what its account may do', async () => {
    await team.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: WEB.namespace } });
    await team.create(DEPLOYMENTS, deployment(2));
    const above = () => team.get(DEPLOYMENTS, WEB);
    const readyReplicas = ({ status }: KubeObject) =>
      readNumber(readObject({ status }, 'status') ?? {}, 'readyReplicas');
    await comes('the status', above, (object) => readyReplicas(object) === 2);
    const extra = { ...WEB, name: 'extra' };
    await team.create(DEPLOYMENTS, { ...deployment(1), metadata: { ...deployment(1).metadata, name: extra.name } });
    await comes('another one', () => physical.client.get(DEPLOYMENTS, extra));
    await team.delete(DEPLOYMENTS, extra);
    await goes('the deleted one below', () => physical.client.get(DEPLOYMENTS, extra));
    await goes('the deleted one above', () => team.get(DEPLOYMENTS, extra));
  });

  test('has an account that may do nothing else', async () => {
    const secret = await physical.client.get(SECRETS, { ...SYNCERS, name: 'kubeconfig-for-team-a' });
    const text = Buffer.from(readString(readObject(secret, 'data') ?? {}, 'kubeconfig'), 'base64').toString();
    const transport = new HttpsTransport(resolveContext(parseKubeconfig(parseYaml(text).value), '/'));
    const client = new Client({ transport, clock: systemClock, random: Math.random });
    assert.equal((await client.list(DEPLOYMENTS)).items.length, 1);
    await assert.rejects(client.list(SECRETS), (error) => hasReason(error, 'Forbidden'));
    await assert.rejects(client.delete(DEPLOYMENTS, WEB), (error) => hasReason(error, 'Forbidden'));
    await transport.close();
  });

  test('is made anew when somebody deletes it', async () => {
    const { metadata } = await physical.client.get(DEPLOYMENTS, SYNCER);
    await physical.client.delete(DEPLOYMENTS, SYNCER);
    const again = () => physical.client.get(DEPLOYMENTS, SYNCER);
    await comes('a new one', again, (object) => object.metadata.uid !== metadata.uid);
  });

  test('goes with the Cluster, and leaves what it synced', async () => {
    await team.delete(CLUSTERS, EAST);
    await goes('the Cluster', () => team.get(CLUSTERS, EAST));
    await goes('the syncers', () => physical.client.get(NAMESPACES, { name: SYNCERS.namespace }));
    await assert.rejects(team.get(SECRETS, { ...SYNCERS, name: 'syncer-us-east1-token' }), (error) =>
      hasReason(error, 'NotFound'),
    );
    await physical.client.get(DEPLOYMENTS, WEB);
    // The last cluster took the type with it, and nothing held its objects.
    await goes('the type', () => team.get(DEFINITIONS, { name: 'deployments.apps' }));
  });
});

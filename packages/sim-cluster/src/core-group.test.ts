import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasReason } from '@kcp/apimachinery/errors/status-error';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readObject, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { systemClock } from '@kcp/apiserver/clock';
import { MULTICLUSTER_DEFINITIONS } from '@kcp/controllers/multicluster/apis/definitions/all-definitions';
import { API_IMPORTS, CLUSTERS } from '@kcp/controllers/multicluster/apis/names';
import { PushMode } from '@kcp/controllers/multicluster/cluster/push-mode';
import { MulticlusterControllers } from '@kcp/controllers/multicluster/multicluster-controllers';
import { startKcp } from 'kcp/index';
import { PODS } from './controllers/resources.js';
import { startSimCluster } from './start-sim-cluster.js';
import { eventually } from './testing/eventually.js';

const DEFINITIONS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };
const NAMESPACES = { group: '', version: 'v1', resource: 'namespaces' };
const QUIET = { info: () => {}, warn: () => {}, debug: () => {} };
const POD = { namespace: 'demo', name: 'web' };

/** Undefined while it is not there. */
async function found(look: Promise<KubeObject>): Promise<KubeObject | undefined> {
  try {
    return await look;
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined;
    throw error;
  }
}

test('pods of the core group are imported, served and synced like any other type', async () => {
  const [physical, kcp] = await Promise.all([
    startSimCluster({ name: 'us-east1', storage: 'memory' }),
    startKcp({ storage: 'memory' }),
  ]);
  const team = kcp.cluster('team-a');
  for (const definition of MULTICLUSTER_DEFINITIONS) await team.create(DEFINITIONS, definition);
  const environment = { client: kcp.all(), clock: systemClock, random: Math.random, log: QUIET };
  const mode = () => new PushMode(environment);
  const resources = ['pods', 'deployments.apps'];
  const controllers = new MulticlusterControllers({ environment, resources, autoPublish: true, mode });
  controllers.start();
  const cluster = {
    apiVersion: 'cluster.example.dev/v1alpha1',
    kind: 'Cluster',
    metadata: { name: 'us-east1' },
    spec: { kubeconfig: physical.kubeconfig },
  };
  await eventually(() => found(team.create(CLUSTERS, cluster)), 'the kind');
  await eventually(async () => {
    const { status } = await team.get(CLUSTERS, { name: 'us-east1' });
    const synced = readStrings(readObject({ status }, 'status') ?? {}, 'syncedResources');
    return synced.join() === 'deployments.apps,pods' ? synced : undefined;
  }, 'both types');
  await team.get(API_IMPORTS, { name: 'pods.us-east1.v1.core' });
  await team.get(DEFINITIONS, { name: 'pods.core' });
  await team.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: POD.namespace } });
  const metadata = { ...POD, labels: { 'kcp.dev/cluster': 'us-east1' } };
  const spec = { containers: [{ name: 'web', image: 'nginx' }] };
  await team.create(PODS, { apiVersion: 'v1', kind: 'Pod', metadata, spec });
  await eventually(async () => {
    const pod = await found(team.get(PODS, POD));
    return readString(readObject(pod ?? {}, 'status') ?? {}, 'phase') === 'Running' ? pod : undefined;
  }, 'a running pod');
  assert.equal((await physical.client.get(PODS, POD)).metadata.labels?.['kcp.dev/cluster'], 'us-east1');
  await controllers.stop();
  await Promise.all([physical.stop(), kcp.stop()]);
});

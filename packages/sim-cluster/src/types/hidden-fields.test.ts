import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readObject, readObjects } from '@kcp/apimachinery/schema/read';
import { pullDefinitions } from '@kcp/controllers/multicluster/crd-puller/pull-definitions';
import { PODS } from '../controllers/resources.js';
import { startSimCluster } from '../start-sim-cluster.js';
import { hiddenFields, UnknownField } from './hidden-fields.js';
import { workloadTypes } from './workload-types.js';

test('a cluster without a field publishes none, keeps none and refuses it when it is strict', async () => {
  const cluster = await startSimCluster({
    name: 'old',
    storage: 'memory',
    nodes: 0,
    withoutFields: ['pods.spec.ephemeralContainers'],
  });
  try {
    const { pulled } = await pullDefinitions(cluster.client, { resources: ['deployments.apps', 'pods'] });
    assert.equal(pulled.length, 2);
    for (const { definition } of pulled) assert.doesNotMatch(JSON.stringify(definition), /ephemeralContainers/);
    const spec = { containers: [{ name: 'a', image: 'a' }], ephemeralContainers: [{ name: 'b', image: 'b' }] };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'default' }, spec };
    const kept = await cluster.client.create(PODS, pod);
    assert.equal(readObject(kept, 'spec')?.ephemeralContainers, undefined);
    assert.equal(readObjects(readObject(kept, 'spec') ?? {}, 'containers').length, 1);
    await assert.rejects(
      cluster.client.create(PODS, { ...pod, metadata: { ...pod.metadata, name: 'b' } }, { fieldValidation: 'Strict' }),
      /unknown field "spec\.ephemeralContainers"/,
    );
  } finally {
    await cluster.stop();
  }
});

test('a path that leads nowhere is refused', () => {
  for (const path of ['unicorns.spec.x', 'pods', 'pods.spec.horn', 'pods.horn.x']) {
    assert.throws(() => hiddenFields([path], workloadTypes()), UnknownField);
  }
});

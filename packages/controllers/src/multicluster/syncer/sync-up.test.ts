import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { statusAbove } from './status-up.js';
import { isAppliedBy, onlyField, syncUpPaths, valueAt, withoutField } from './sync-up.js';

function object(paths: string, managedFields: KubeObject['metadata']['managedFields'] = []): KubeObject {
  const metadata = { name: 'web', annotations: { 'kcp.dev/sync-up': paths }, managedFields };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: 2, strategy: { type: 'x' } } };
}

describe('fields that the physical cluster may change', () => {
  test('are members of the spec, separated by commas', () => {
    assert.deepEqual(syncUpPaths(object('spec.replicas, spec.strategy.type')), [
      ['spec', 'replicas'],
      ['spec', 'strategy', 'type'],
    ]);
    assert.deepEqual(syncUpPaths(object('')), []);
  });
  for (const wrong of ['status.replicas', 'spec', 'spec..a', 'metadata.labels', 'spec.containers[0].image', '*']) {
    test(`${wrong} is none`, () => {
      const message = `annotation kcp.dev/sync-up: "${wrong}" is no path within spec`;
      assert.throws(() => syncUpPaths(object(wrong)), { name: 'ObjectFault', message });
    });
  }
  test('are read, left out and written alone', () => {
    assert.equal(valueAt(object(''), ['spec', 'replicas']), 2);
    assert.equal(valueAt(object(''), ['spec', 'replicas', 'more']), undefined);
    assert.deepEqual(withoutField(object(''), ['spec', 'strategy', 'type']).spec, { replicas: 2, strategy: {} });
    assert.deepEqual(withoutField(object(''), ['spec', 'none', 'type']).spec, object('').spec);
    assert.deepEqual(onlyField(['spec', 'strategy', 'type'], 'y'), { spec: { strategy: { type: 'y' } } });
  });
  test('whoever applied a field last is told by its managed fields', () => {
    const fieldsV1 = { 'f:spec': { 'f:replicas': {} } };
    const applied = object('', [{ manager: 'us', operation: 'Apply', fieldsV1 }]);
    assert.equal(isAppliedBy(applied, 'us', ['spec', 'replicas']), true);
    assert.equal(isAppliedBy(applied, 'us', ['spec', 'strategy']), false);
    assert.equal(
      isAppliedBy(object('', [{ manager: 'us', operation: 'Update', fieldsV1 }]), 'us', ['spec', 'replicas']),
      false,
    );
  });
});

describe('the observed generation above', () => {
  const generations = { upGeneration: 7, downGeneration: 3 };
  test('is the present one as soon as the cluster has seen what was brought down', () => {
    assert.deepEqual(statusAbove({ observedGeneration: 3 }, generations), { observedGeneration: 7 });
    assert.deepEqual(statusAbove({ observedGeneration: 4 }, generations), { observedGeneration: 7 });
  });
  test('is an earlier one before', () => {
    assert.deepEqual(statusAbove({ observedGeneration: 2 }, generations), { observedGeneration: 6 });
  });
  test('is not made up where there is none', () => {
    assert.deepEqual(statusAbove({ phase: 'Running' }, generations), { phase: 'Running' });
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { namespaceConditions } from './namespace-conditions.js';
import type { ContentReport } from './namespace-content.js';

const NOTHING: ContentReport = { discoveryFailure: undefined, failures: [], remaining: [], finalizers: new Map() };
const NOW = Date.UTC(2026, 0, 1);
const DISCOVERY = 'NamespaceDeletionDiscoveryFailure';
const PARSING = 'NamespaceDeletionGroupVersionParsingFailure';
const CONTENT = 'NamespaceDeletionContentFailure';
const REMAINING = 'NamespaceContentRemaining';
const FINALIZERS = 'NamespaceFinalizersRemaining';

function remaining(group: string, resource: string, count: number) {
  return { resource: { group, version: 'v1', resource }, count, resourceVersion: '1' };
}

function types(conditions: readonly JsonObject[] | undefined): unknown[] {
  return (conditions ?? []).map(({ type }) => type);
}

// The cases of upstream's own tests of these conditions.
describe('the conditions of a namespace that is deleted', () => {
  test('leave others alone and follow them', () => {
    const status = { conditions: [{ type: 'unknown', status: 'True' }] };
    assert.deepEqual(types(namespaceConditions(status, NOTHING, NOW)), [
      'unknown',
      DISCOVERY,
      PARSING,
      CONTENT,
      REMAINING,
      FINALIZERS,
    ]);
  });

  test('keep the order in which they are found', () => {
    const status = { conditions: [PARSING, DISCOVERY].map((type) => ({ type, status: 'True' })) };
    const made = namespaceConditions(status, NOTHING, NOW);
    assert.deepEqual(types(made), [PARSING, DISCOVERY, CONTENT, REMAINING, FINALIZERS]);
    assert.deepEqual(new Set(made?.map((condition) => condition.status)), new Set(['False']));
  });

  test('say what remains, sorted', () => {
    const report = {
      ...NOTHING,
      remaining: [remaining('apps.k8s.io', 'deployments', 5), remaining('apps.k8s.io', 'daemonsets', 5)],
      finalizers: new Map([
        ['foo', 5],
        ['bar', 6],
      ]),
    };
    const made = namespaceConditions({}, report, NOW) ?? [];
    const messages = Object.fromEntries(made.map(({ type, message }) => [type, message]));
    assert.equal(
      messages[REMAINING],
      'Some resources are remaining: daemonsets.apps.k8s.io has 5 resource instances, deployments.apps.k8s.io has 5 resource instances',
    );
    assert.equal(
      messages[FINALIZERS],
      'Some content in the namespace has finalizers remaining: bar in 6 resource instances, foo in 5 resource instances',
    );
  });

  test('say what failed', () => {
    const made = namespaceConditions({}, { ...NOTHING, failures: ['foo', 'bar'] }, NOW) ?? [];
    const failure = made.find(({ type }) => type === CONTENT);
    assert.deepEqual(
      [failure?.status, failure?.reason, failure?.message],
      ['True', 'ContentDeletionFailed', 'Failed to delete all resource types, 2 remaining: bar, foo'],
    );
  });

  test('are not written again when nothing has changed', () => {
    const conditions = namespaceConditions({}, NOTHING, NOW);
    assert.equal(namespaceConditions({ conditions }, NOTHING, NOW + 60_000), undefined);
  });
});

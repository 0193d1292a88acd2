import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { conditionsOf } from '../controller/conditions.js';
import { isSettled, settledStatus } from './definition-conditions.js';

const NOW = Date.UTC(2026, 0, 1, 12);
const NAMES = { plural: 'olds', singular: 'old', kind: 'Old', listKind: 'OldList' };

/** A definition as a server of former times stored it. */
function stored(spec: JsonObject, status: JsonObject = {}): JsonObject {
  return { metadata: { name: 'olds.example.com' }, spec: { group: 'example.com', names: NAMES, ...spec }, status };
}

const untyped = { name: 'v1', schema: { openAPIV3Schema: { type: 'object', properties: { spec: {} } } } };
const typed = { name: 'v1', schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' } } } } };

function nonStructural(definition: JsonObject): JsonObject | undefined {
  const status = settledStatus(definition, [], NOW) ?? {};
  return conditionsOf(status).find(({ type }) => type === 'NonStructuralSchema');
}

describe('a stored definition of the old form', () => {
  test('says that it preserves unknown fields', () => {
    assert.deepEqual(nonStructural(stored({ preserveUnknownFields: true, versions: [typed] })), {
      type: 'NonStructuralSchema',
      status: 'True',
      lastTransitionTime: '2026-01-01T12:00:00Z',
      reason: 'Violations',
      message: 'spec.preserveUnknownFields: Invalid value: true: must be false',
    });
  });

  test('says what else its schema lacks', () => {
    const message =
      '[spec.preserveUnknownFields: Invalid value: true: must be false, spec.versions[0].schema.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields]';
    assert.equal(nonStructural(stored({ preserveUnknownFields: true, versions: [untyped] }))?.message, message);
  });

  test('that was mended says nothing more of it, and then is settled', () => {
    const faulty = settledStatus(stored({ preserveUnknownFields: true, versions: [untyped] }), [], NOW);
    assert.ok(faulty);
    assert.equal(isSettled(stored({ preserveUnknownFields: true, versions: [untyped] }, faulty)), true);
    const mended = stored({ versions: [typed] }, faulty);
    assert.equal(isSettled(mended), false);
    const status = settledStatus(mended, [], NOW);
    assert.deepEqual(
      conditionsOf(status ?? {}).map(({ type }) => type),
      ['NamesAccepted', 'Established'],
    );
    assert.equal(isSettled(stored({ versions: [typed] }, status)), true);
  });
});

test('a condition keeps its time as long as its status stays', () => {
  const first = settledStatus(stored({ preserveUnknownFields: true, versions: [typed] }), [], NOW) ?? {};
  const later = stored({ preserveUnknownFields: true, versions: [untyped] }, first);
  const changed = conditionsOf(settledStatus(later, [], NOW + 60_000) ?? {});
  const times = changed.map(({ lastTransitionTime }) => lastTransitionTime);
  assert.deepEqual(new Set(times), new Set(['2026-01-01T12:00:00Z']));
});

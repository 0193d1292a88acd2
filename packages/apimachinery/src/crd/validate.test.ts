import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { newInvalid } from '../errors/status-error.js';
import { isObject, type JsonObject, type JsonValue, setOwn } from '../json/value.js';
import type { KubeObject } from '../meta/object.js';
import { readObject } from '../schema/read.js';
import { atOnce } from '../turns/work.js';
import { defaultCustomResourceDefinition, withStoredVersion } from './defaults.js';
import { judgeCustomResourceDefinition } from './validate.js';

/** Requests with the message with which a real server refused them; null for those that it accepted. */
interface Recorded {
  readonly creates: readonly { do: string; definition: JsonObject; message: string | null; field?: string }[];
  readonly stored: JsonObject;
  readonly updates: readonly { do: string; patch: JsonObject; message: string | null }[];
}

const recorded: Recorded = JSON.parse(
  readFileSync(new URL('../../src/crd/data/recorded.json', import.meta.url), 'utf8'),
);

function prepared(definition: JsonObject, status?: JsonObject): KubeObject {
  const crd = withStoredVersion(defaultCustomResourceDefinition(definition), status);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    ...crd,
    metadata: { ...readObject(crd, 'metadata') },
  };
}

function messageOf(crd: KubeObject, old?: KubeObject): string | null {
  const { errors } = atOnce(judgeCustomResourceDefinition(crd, old));
  if (errors.length === 0) return null;
  const kind = { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' };
  return withoutDumps(newInvalid(kind, (old ?? crd).metadata.name ?? '', errors).message);
}

/** Where upstream prints a value of its own types, the recording says only that it did. */
function withoutDumps(message: string): string {
  return message.replace(/Invalid value: \[?\{"[A-Z].*?[}\]](?=: )/g, 'Invalid value: <dump>');
}

for (const { do: what, definition, message, field } of recorded.creates) {
  test(`a definition: ${what}`, () => {
    const crd = prepared(definition);
    if (field === undefined) assert.equal(messageOf(crd), message);
    else
      assert.deepEqual(
        atOnce(judgeCustomResourceDefinition(crd)).errors.map((error) => error.field),
        [field],
      );
  });
}

const stored: KubeObject = (() => {
  const crd = prepared(recorded.stored);
  const established = { type: 'Established', status: 'True' };
  return {
    ...crd,
    metadata: { ...crd.metadata, resourceVersion: '1' },
    status: { ...readObject(crd, 'status'), conditions: [established] },
  };
})();

for (const { do: what, patch, message } of recorded.updates) {
  test(`an established definition: ${what}`, () => {
    const changed = merge(recordOf(stored), patch);
    assert.equal(messageOf(prepared(isObject(changed) ? changed : {}, readObject(stored, 'status')), stored), message);
  });
}

function recordOf(object: KubeObject): JsonObject {
  return { ...object };
}

/** A JSON merge patch, as the recorded requests were. */
function merge(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isObject(patch)) return patch;
  const merged: JsonObject = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch))
    if (value !== undefined) setOwn(merged, key, merge(merged[key], value));
  return merged;
}

function small(schema: JsonObject, more: JsonObject = {}): JsonObject {
  return {
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      ...more,
    },
  };
}

test('a definition in the core group is called plural.core', () => {
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const pods = small(open, { group: '', names: { plural: 'pods', kind: 'Pod' } });
  assert.equal(messageOf(prepared({ ...pods, metadata: { name: 'pods.core' } })), null);
  assert.match(messageOf(prepared({ ...pods, metadata: { name: 'pods.v1' } })) ?? '', /must be spec.names.plural/);
});

test('an update need not mend what was wrong before', () => {
  const nullable = { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string', nullable: true } };
  const schema = { type: 'object', properties: { l: nullable } };
  const old = prepared(small(schema));
  assert.match(messageOf(old) ?? '', /cannot be nullable when x-kubernetes-list-type is set/);
  const withVersion = { ...old, metadata: { ...old.metadata, resourceVersion: '1' } };
  assert.equal(
    messageOf({ ...withVersion, metadata: { ...withVersion.metadata, labels: { a: 'b' } } }, withVersion),
    null,
  );
});

test('formats that nothing checks are warned of once', () => {
  const properties = { a: { type: 'string', format: 'postcode' }, b: { type: 'string', format: 'date' } };
  const crd = prepared(small({ type: 'object', properties }));
  const stored = { ...crd, metadata: { ...crd.metadata, resourceVersion: '1' } };
  const changed = { ...stored, spec: { ...readObject(stored, 'spec'), scope: 'Cluster' } };
  assert.deepEqual(atOnce(judgeCustomResourceDefinition(crd)).warnings, ['unrecognized format "postcode"']);
  assert.deepEqual(atOnce(judgeCustomResourceDefinition(stored, stored)).warnings, []);
  assert.deepEqual(atOnce(judgeCustomResourceDefinition(changed, stored)), { errors: [], warnings: [] });
});

test('a schema that is nested absurdly deep is refused, not followed', () => {
  let schema: JsonObject = { type: 'string' };
  for (let depth = 0; depth < 3000; depth++) schema = { type: 'object', properties: { a: schema } };
  assert.match(messageOf(prepared(small(schema))) ?? '', /nested deeper/);
});

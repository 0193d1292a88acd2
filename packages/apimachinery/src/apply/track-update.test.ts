import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KubeObject, ManagedFieldsEntry } from '../meta/object.js';
import { MAX_UPDATE_MANAGERS } from './cap-managers.js';
import { CONFIG_MAP, PLAN } from './merge-types.fixture.js';
import { trackUpdate } from './track-update.js';

const NOW = '2026-01-02T03:04:05Z';
const base = { type: CONFIG_MAP, manager: 'm', apiVersion: 'v1', subresource: '', now: NOW };

function configMap(data: Record<string, string>, managedFields?: ManagedFieldsEntry[]): KubeObject {
  const metadata = { name: 'o', ...(managedFields === undefined ? {} : { managedFields }) };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
}

function entry(manager: string, fieldsV1: ManagedFieldsEntry['fieldsV1'] & object, time = NOW): ManagedFieldsEntry {
  return { manager, operation: 'Update', apiVersion: 'v1', time, fieldsType: 'FieldsV1', fieldsV1 };
}

test('a creation belongs to its manager, written as upstream writes it', () => {
  const next = configMap({ b: '2', a: '1' });
  next.metadata = { ...next.metadata, uid: 'u', resourceVersion: '1', creationTimestamp: NOW, labels: { l: 'v' } };
  const tracked = trackUpdate({ ...base, live: undefined, next });
  assert.equal(
    JSON.stringify(tracked),
    `[{"manager":"m","operation":"Update","apiVersion":"v1","time":"${NOW}","fieldsType":"FieldsV1","fieldsV1":{"f:data":{".":{},"f:a":{},"f:b":{}},"f:metadata":{"f:labels":{".":{},"f:l":{}}}}}]`,
  );
});

test('a write that changes nothing gives the live entries back, the very same', () => {
  const live = configMap({ a: '1' }, [entry('m', { 'f:data': { '.': {}, 'f:a': {} } })]);
  const next = configMap({ a: '1' });
  assert.equal(trackUpdate({ ...base, live, next }), live.metadata.managedFields);
});

test('an entry whose fields do not change is kept as it is; the one of the updater grows', () => {
  const other = entry('other', { 'f:data': { '.': {}, 'f:a': {} } });
  const own = entry('m', { 'f:data': { 'f:b': {} } }, '2026-01-01T00:00:00Z');
  const live = configMap({ a: '1', b: '2' }, [own, other]);
  const tracked = trackUpdate({ ...base, live, next: configMap({ a: '1', b: '2', c: '3' }) });
  assert.deepEqual(tracked, [entry('m', { 'f:data': { 'f:b': {}, 'f:c': {} } }), other]);
  assert.equal(tracked?.[1], other);
});

test('a removed field leaves all managers, and an entry without fields vanishes', () => {
  const live = configMap({ a: '1', b: '2' }, [
    entry('one', { 'f:data': { '.': {}, 'f:a': {} } }),
    entry('two', { 'f:data': { 'f:b': {} } }),
  ]);
  const tracked = trackUpdate({ ...base, live, next: configMap({ a: '1' }) });
  assert.deepEqual(tracked, [live.metadata.managedFields?.[0]]);
});

test('the same manager at another subresource has an entry of its own', () => {
  const live: KubeObject = { apiVersion: 'g/v1', kind: 'Plan', metadata: { name: 'o' }, spec: { note: 'n' } };
  live.metadata.managedFields = [{ ...entry('m', { 'f:spec': { '.': {}, 'f:note': {} } }), apiVersion: 'g/v1' }];
  const next = { ...live, status: { phase: 'Up' } };
  const tracked = trackUpdate({ ...base, type: PLAN, apiVersion: 'g/v1', subresource: 'status', live, next });
  assert.deepEqual(
    tracked?.map(({ subresource, fieldsV1 }) => [subresource, JSON.stringify(fieldsV1)]),
    [
      [undefined, '{"f:spec":{".":{},"f:note":{}}}'],
      ['status', '{"f:status":{".":{},"f:phase":{}}}'],
    ],
  );
});

test('what an endpoint ignores nobody gains there', () => {
  const next: KubeObject = { apiVersion: 'g/v1', kind: 'Plan', metadata: {}, spec: { size: 1 }, status: { size: 1 } };
  const tracked = trackUpdate({ ...base, type: PLAN, live: undefined, next, resetFields: { 'f:status': {} } });
  assert.equal(JSON.stringify(tracked?.[0]?.fieldsV1), '{"f:spec":{".":{},"f:size":{}}}');
});

const good = entry('one', { 'f:data': { '.': {}, 'f:a': {} } });
const ODD: readonly (readonly [string, ManagedFieldsEntry])[] = [
  ['no operation', { ...good, operation: 'Create' }],
  ['no apiVersion', { ...good, apiVersion: '' }],
  ['no fieldsType', { ...good, fieldsType: '' }],
  ['another fieldsType', { ...good, fieldsType: 'FieldsV2' }],
  ['a path that is none', { ...good, fieldsV1: { data: {} } }],
  ['a value that is no object', { ...good, fieldsV1: { 'f:data': 1 } }],
  ['a key that is no JSON', { ...good, fieldsV1: { 'k:{': {} } }],
  ['a time that is none', { ...good, time: 'yesterday' }],
];

for (const [is, odd] of ODD) {
  test(`managedFields from a client with ${is} count as none sent`, () => {
    const live = configMap({ a: '1' }, [good]);
    const tracked = trackUpdate({ ...base, live, next: configMap({ a: '1' }, [good, odd]) });
    assert.deepEqual(tracked, [good]);
  });
}

test('valid managedFields from a client are taken, in one spelling; those at a subresource are not', () => {
  const live = configMap({ a: '1' }, [good]);
  const sent: ManagedFieldsEntry = {
    ...good,
    manager: 'two',
    operation: 'Apply',
    time: '2026-01-02T04:04:05.5+01:00',
    fieldsV1: { 'f:data': { 'f:a': { '.': {} }, '.': {} }, 'x:future': {}, 'k:{"b":1, "a":2}': {} },
  };
  const tracked = trackUpdate({ ...base, live, next: configMap({ a: '1' }, [sent]) });
  assert.equal(tracked?.[0]?.time, '2026-01-02T03:04:05Z');
  assert.equal(
    JSON.stringify(tracked?.[0]?.fieldsV1),
    String.raw`{"f:data":{".":{},"f:a":{}},"k:{\"a\":2,\"b\":1}":{}}`,
  );
  const kept = trackUpdate({ ...base, subresource: 'status', live, next: configMap({ a: '1' }, [sent]) });
  assert.deepEqual(kept, [good]);
});

test('an object that does not fit its type keeps the live entries', () => {
  const live: KubeObject = { apiVersion: 'g/v1', kind: 'Plan', metadata: { managedFields: [good] }, spec: {} };
  const next = { ...live, spec: { env: [{ value: 'without a name' }] } };
  assert.equal(trackUpdate({ ...base, type: PLAN, live, next }), live.metadata.managedFields);
});

test('beyond ten update entries the oldest become ancient-changes', () => {
  const data: Record<string, string> = {};
  let live = configMap({});
  for (let i = 0; i <= MAX_UPDATE_MANAGERS + 2; i++) {
    data[`k${i}`] = 'v';
    const next = configMap({ ...data }, live.metadata.managedFields);
    const now = `2026-01-02T03:04:${10 + i}Z`;
    const first = live.metadata.managedFields === undefined;
    const tracked = trackUpdate({ ...base, manager: `m${i}`, now, live: first ? undefined : live, next });
    assert.ok(tracked !== undefined && tracked.length <= MAX_UPDATE_MANAGERS);
    live = configMap({ ...data }, tracked);
  }
  const [oldest, second] = live.metadata.managedFields ?? [];
  assert.equal(oldest?.manager, 'ancient-changes');
  assert.equal(JSON.stringify(oldest?.fieldsV1), '{"f:data":{".":{},"f:k0":{},"f:k1":{},"f:k2":{},"f:k3":{}}}');
  assert.deepEqual([second?.manager, live.metadata.managedFields?.length], ['m4', MAX_UPDATE_MANAGERS]);
});

test('entries of other versions go through the converter; a version that is gone takes its entries along', () => {
  const old = { ...good, apiVersion: 'v1alpha1', fieldsV1: { 'f:values': { 'f:a': {} } } };
  const gone = { ...good, apiVersion: 'v1beta1' };
  const live = configMap({ a: '1', b: '2' }, [old, gone]);
  const next = configMap({ a: 'changed', b: '2' });
  const tracked = trackUpdate({
    ...base,
    live,
    next,
    convert: (object, apiVersion) => {
      const { data, ...rest } = object;
      return apiVersion === 'v1alpha1' ? { object: { ...rest, values: data }, type: { kind: 'deduced' } } : undefined;
    },
  });
  assert.deepEqual(tracked, [entry('m', { 'f:data': { 'f:a': {} } })]);
});

test('whatever a client sends as managedFields, tracking goes on', () => {
  const key = fc.oneof(fc.string(), fc.constantFrom('.', 'f:a', 'v:1', 'k:{"a":1}', 'i:0', 'k:[]', '__proto__'));
  const fields = fc.letrec<{ node: ManagedFieldsEntry['fieldsV1'] }>((tie) => ({
    node: fc.dictionary(key, fc.oneof({ maxDepth: 3 }, fc.constant({}), fc.jsonValue({ maxDepth: 1 }), tie('node'))),
  })).node;
  const sent = fc.record({ operation: fc.constantFrom('Apply', 'Update', 'x'), time: fc.string(), fieldsV1: fields });
  const live = configMap({ a: '1' }, [good]);
  fc.assert(
    fc.property(fc.array(sent, { maxLength: 3 }), fc.constantFrom('FieldsV1', ''), (entries, fieldsType) => {
      const odd: ManagedFieldsEntry[] = JSON.parse(
        JSON.stringify(
          entries.map(({ time, ...rest }) => ({ ...rest, ...(time ? { time } : {}), apiVersion: 'v1', fieldsType })),
        ),
      );
      const tracked = trackUpdate({ ...base, live, next: configMap({ a: '2' }, odd) });
      assert.ok(odd.length === 0 ? tracked === undefined : tracked?.some(({ manager }) => manager === 'm'));
    }),
  );
});

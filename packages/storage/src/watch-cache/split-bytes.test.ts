import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CacheEntry } from './cached-object.js';

const SPEC = JSON.stringify({ text: 'x'.repeat(2_000) });

function entry(cluster: string, spec: string, revision: number): CacheEntry {
  const text = `{"kind":"K","apiVersion":"g/v1","metadata":{"name":"a","labels":{"in":"${cluster}"}},"spec":${spec},"status":{"n":1}}`;
  const stored = {
    key: `/registry/g/ks/${cluster}/a`,
    value: Buffer.from(text),
    modRevision: revision,
    createRevision: 1,
  };
  return CacheEntry.fromStored(`${cluster}/a`, stored as Parameters<typeof CacheEntry.fromStored>[1], 'spec');
}

test('objects with the same large member share it, and show their own bytes all the same', () => {
  const [one, other] = [entry('one', SPEC, 3), entry('other', SPEC, 4)];
  assert.ok(one.shared !== undefined && one.shared === other.shared);
  assert.equal(one.shared.toString(), SPEC);
  assert.deepEqual(JSON.parse(one.bytes.toString()).spec, JSON.parse(SPEC));
  assert.equal(JSON.parse(other.bytes.toString()).metadata.resourceVersion, '4');
  assert.deepEqual([one.labels(), other.labels()], [{ in: 'one' }, { in: 'other' }]);
  const [start, end] = one.metadataRange();
  assert.equal(JSON.parse(one.bytes.toString('utf8', start, end)).name, 'a');
  assert.ok(one.ownLength < 200 && one.ownLength + SPEC.length === one.bytes.length);
});

test('a later revision and a deletion keep the member', () => {
  const before = entry('one', SPEC, 3);
  const after = before.at(9);
  assert.equal(after.shared, before.shared);
  assert.equal(JSON.parse(after.bytes.toString()).metadata.resourceVersion, '9');
});

test('small members and objects without one are kept whole', () => {
  assert.equal(entry('one', '{"a":1}', 3).shared, undefined);
  assert.equal(entry('one', '{"a":1}', 3).ownLength, entry('one', '{"a":1}', 3).bytes.length);
});

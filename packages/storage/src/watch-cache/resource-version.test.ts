import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isStorageError } from '../errors.js';
import { CacheEntry } from './cached-object.js';
import { replaceResourceVersion, withResourceVersion } from './resource-version.js';

const splice = (text: string): string => withResourceVersion(Buffer.from(text), 42).toString();

test('the resourceVersion becomes the first member of metadata', () => {
  assert.equal(
    splice('{"kind":"A","apiVersion":"v1","metadata":{"name":"x"},"data":{}}'),
    '{"kind":"A","apiVersion":"v1","metadata":{"resourceVersion":"42","name":"x"},"data":{}}',
  );
  assert.equal(
    splice('{"kind":"A","apiVersion":"v1","metadata":{}}'),
    '{"kind":"A","apiVersion":"v1","metadata":{"resourceVersion":"42"}}',
  );
});

test('a value of other hands is put into the stored form, exactly', () => {
  assert.equal(
    splice(
      '{ "apiVersion":"v1", "__proto__":{"a":9007199254740993}, "metadata":{"resourceVersion":"1","name":"x"},"kind":"A"}',
    ),
    '{"kind":"A","apiVersion":"v1","metadata":{"resourceVersion":"42","name":"x"},"__proto__":{"a":9007199254740993}}',
  );
});

test('what is no object is corrupt', () => {
  for (const text of [
    '',
    'k8s\u0000',
    '[]',
    '{"kind":"A"}',
    '{"kind":1,"apiVersion":"v1","metadata":{}}',
    '{"kind":"',
  ]) {
    assert.throws(
      () => splice(text),
      (error) => isStorageError(error, 'corrupt'),
    );
  }
});

test('the result has memory of its own, of exactly its size', () => {
  const bytes = withResourceVersion(Buffer.from('{"kind":"A","apiVersion":"v1","metadata":{}}'), 7);
  assert.equal(bytes.buffer.byteLength, bytes.length);
});

const json = fc.jsonValue({ maxDepth: 4 });
const labels = fc.dictionary(fc.string(), fc.string(), { maxKeys: 5 });

test('whatever an object holds, its parts are found as a parser finds them', () => {
  fc.assert(
    fc.property(labels, json, json, fc.nat(), fc.boolean(), (map, before, spec, revision, spaced) => {
      const metadata = { annotations: { labels: '{"labels":{"not":"these"}}', x: '\\"' }, before, labels: map };
      const rest = JSON.stringify({ metadata, spec }, undefined, spaced ? 1 : undefined).replace(
        /^\{\s*"metadata":\s*\{/,
        '',
      );
      const stored = Buffer.from(`{"kind":"A","apiVersion":"g/v1","metadata":{${rest}`);
      const entry = CacheEntry.fromStored('root/x', {
        key: 'k' as never,
        value: stored,
        createRevision: 1,
        modRevision: revision,
      });
      const parsed = JSON.parse(entry.bytes.toString());
      assert.equal(parsed.metadata.resourceVersion, String(revision));
      const [start, end] = entry.metadataRange();
      assert.deepEqual(JSON.parse(entry.bytes.toString('utf8', start, end)), parsed.metadata);
      assert.deepEqual(entry.labels(), parsed.metadata.labels);
      assert.deepEqual(parsed.spec, JSON.parse(JSON.stringify(spec)));
      const later = replaceResourceVersion(entry.bytes, revision + 1_000_000);
      assert.deepEqual(later, withResourceVersion(stored, revision + 1_000_000));
    }),
  );
});

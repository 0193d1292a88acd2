import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeProtobuf } from '@kcp/apimachinery/codec/protobuf/envelope';
import { isStorageError } from '../errors.js';
import { readForeignValue } from './foreign-values.js';

const read = (text: string): string => readForeignValue(Buffer.from(text)).toString();

test('values of ours and what cannot be read anyhow stay as they are', () => {
  for (const text of ['{"kind":"ConfigMap","apiVersion":"v1","metadata":{}}', 'k8s:enc:aesgcm:v1:key:abc', '']) {
    assert.equal(read(text), text);
  }
});

test('JSON whose members stand in another order is put in ours, and nothing is lost', () => {
  const widget =
    '{"apiVersion":"example.io/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"n":12345678901234567890}}';
  const expected =
    '{"kind":"Widget","apiVersion":"example.io/v1","metadata":{"name":"a"},"spec":{"n":12345678901234567890}}';
  assert.equal(read(widget), expected);
});

test('an object that Kubernetes wrote as protobuf is read as JSON', () => {
  const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a', namespace: 'b' }, data: { k: 'v' } };
  const bytes = encodeProtobuf({ group: '', version: 'v1', kind: 'ConfigMap' }, object);
  const found = JSON.parse(readForeignValue(bytes).toString());
  assert.deepEqual([found.kind, found.metadata.name, found.data], ['ConfigMap', 'a', { k: 'v' }]);
});

test('what only looks like an object is told as corrupt', () => {
  for (const bytes of [Buffer.from('{"apiVersion":'), Buffer.from('k8s\0garbage'), Buffer.from('{]')]) {
    assert.throws(
      () => readForeignValue(bytes),
      (error) => isStorageError(error, 'corrupt'),
    );
  }
});

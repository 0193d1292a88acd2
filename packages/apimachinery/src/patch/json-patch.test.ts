import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isObject, type JsonObject, type JsonValue } from '../json/value.js';
import { applyJsonPatch } from './json-patch.js';
import { JsonPatchError, type JsonPatchProblem } from './json-patch-error.js';
import { MAX_JSON_PATCH_OPERATIONS } from './json-patch-operations.js';

/**
 * What the suite refuses and Kubernetes does not: an index below zero, which there counts from the end, one with leading
 * zeros, and a value that is not stated, which there is null.
 */
const UPSTREAM_ALLOWS = new Set([
  'Out of bounds (lower)',
  "missing 'value' parameter",
  'test op should reject the array value, it has leading zeros',
]);

function suite(file: string): readonly JsonObject[] {
  const url = new URL(`../../data/json-patch-tests/${file}`, import.meta.url);
  const records: JsonValue = JSON.parse(readFileSync(url, 'utf8'));
  assert.ok(Array.isArray(records));
  return records.filter(isObject).filter((record) => record.patch !== undefined && record.disabled !== true);
}

for (const file of ['tests.json', 'spec_tests.json']) {
  for (const [i, { comment, doc, patch, expected, error }] of suite(file).entries()) {
    test(`${file} ${i}: ${comment ?? error ?? JSON.stringify(patch)}`, () => {
      assert.ok(doc !== undefined && patch !== undefined);
      const before = JSON.stringify(doc);
      if (error === undefined) assert.deepEqual(applyJsonPatch(doc, patch), expected ?? doc);
      else if (UPSTREAM_ALLOWS.has(String(error))) problem(doc, patch);
      else assert.throws(() => applyJsonPatch(doc, patch), JsonPatchError);
      assert.equal(JSON.stringify(doc), before, 'the document given is not changed');
    });
  }
}

function problem(doc: JsonValue, patch: JsonValue): JsonPatchProblem | undefined {
  try {
    applyJsonPatch(doc, patch);
  } catch (error) {
    if (error instanceof JsonPatchError) return error.problem;
    throw error;
  }
  return undefined;
}

test('negative indices count from the end, as they do in Kubernetes', () => {
  const patch = [
    { op: 'replace', path: '/l/-1', value: 'z' },
    { op: 'add', path: '/l/-1', value: 'end' },
    { op: 'remove', path: '/l/-4' },
  ];
  assert.deepEqual(applyJsonPatch({ l: ['a', 'b', 'c'] }, patch), { l: ['b', 'z', 'end'] });
});

test('replacing a member that is not there adds it, in an object that is', () => {
  assert.deepEqual(applyJsonPatch({ o: {} }, [{ op: 'replace', path: '/o/a', value: 1 }]), { o: { a: 1 } });
  assert.equal(problem({}, [{ op: 'replace', path: '/o/a', value: 1 }]), 'missing-path');
});

test('what is wrong is told apart', () => {
  assert.equal(problem({ a: 1 }, [{ op: 'test', path: '/a', value: 2 }]), 'test-failed');
  assert.equal(problem({ a: 1 }, [{ op: 'remove', path: '/b' }]), 'missing-path');
  assert.equal(problem({ a: 1 }, [{ op: 'jump', path: '/b' }]), 'unknown-operation');
  assert.equal(problem({ a: 1 }, [{ op: 'remove', path: 5 }]), 'malformed');
  assert.equal(problem({ a: 1 }, { op: 'remove', path: '/a' }), 'malformed');
});

test('CVE-2019-1002100: more operations than the limit are refused, as many as the limit are not', () => {
  const noop = { op: 'test', path: '/a', value: 1 };
  const many: JsonValue = new Array(MAX_JSON_PATCH_OPERATIONS).fill(noop);
  assert.equal(problem({ a: 1 }, many), undefined);
  assert.equal(problem({ a: 1 }, [...many, noop]), 'too-many-operations');
});

test('CVE-2019-1002100: copies that double the document are stopped before it is too large', () => {
  const patch: JsonValue = [];
  for (let i = 0; i < 40; i++) patch.push({ op: 'copy', from: '', path: `/c${i}` });
  assert.equal(problem({ text: 'x'.repeat(1000) }, patch), 'copy-too-large');
});

test('a value that was copied does not change with the original', () => {
  const patch = [
    { op: 'add', path: '/a/n', value: 1 },
    { op: 'copy', from: '/a', path: '/b' },
    { op: 'replace', path: '/a/n', value: 2 },
  ];
  assert.deepEqual(applyJsonPatch({ a: {} }, patch), { a: { n: 2 }, b: { n: 1 } });
});

test('members called __proto__ and constructor are ordinary members', () => {
  const patch = [
    { op: 'add', path: '/__proto__', value: { polluted: true } },
    { op: 'add', path: '/__proto__/more', value: 1 },
    { op: 'test', path: '/constructor', value: null },
  ];
  const result = applyJsonPatch({}, patch);
  assert.equal(JSON.stringify(result), '{"__proto__":{"polluted":true,"more":1}}');
  assert.equal(Reflect.get({}, 'polluted'), undefined);
  assert.equal(problem({}, [{ op: 'remove', path: '/toString' }]), 'missing-path');
});

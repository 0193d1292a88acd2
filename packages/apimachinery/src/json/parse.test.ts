import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJson, parseStoredJson } from './parse.js';
import { stringify } from './stringify.js';
import { JsonSyntaxError } from './syntax-error.js';

test('an int64 beyond 2^53 survives byte for byte', () => {
  const text = '{"a":9223372036854775807,"b":[-9007199254740993,1],"c":1.5}';
  assert.equal(stringify(parseJson(text).value), text);
  assert.equal(stringify(parseStoredJson(text)), text);
});

test('keys that stand twice are reported with their path, and the last one counts', () => {
  const { value, duplicates } = parseJson('{"data":{"k":1,"k":2},"list":[{"a":1,"\\u0061":3}],"x":1}');
  assert.deepEqual(value, { data: { k: 2 }, list: [{ a: 3 }], x: 1 });
  assert.deepEqual(duplicates, ['data.k', 'list[0].a']);
});

test('__proto__ is a key like any other', () => {
  const { value } = parseJson('{"__proto__":{"x":1},"n":12345678901234567890}');
  assert.equal(stringify(value), '{"__proto__":{"x":1},"n":12345678901234567890}');
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
});

test('100,000 levels of nesting are refused, not a crash', () => {
  assert.throws(() => parseJson('['.repeat(100_000)), new JsonSyntaxError('exceeded max depth'));
  assert.throws(() => parseJson('{"a":'.repeat(100_000)), JsonSyntaxError);
});

test('truncated and overflowing texts are syntax errors', () => {
  for (const text of [
    '',
    '{',
    '{"a":',
    '{"a":"b',
    '[1,',
    '1e400',
    '{"a":1e999}',
    '{"a":01}',
    'nul',
    '{"a":12345678901234567890',
    '"\\',
  ]) {
    assert.throws(() => parseJson(text), JsonSyntaxError, text);
  }
});

test('any JSON that the native parser takes is parsed alike', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.equal(stringify(parseJson(text).value), JSON.stringify(JSON.parse(text)));
    }),
  );
});

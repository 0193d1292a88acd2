import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileJsonPath } from './json-path.js';
import { JsonPathError, PATH_MAX_LENGTH } from './nodes.js';

const OBJECT = {
  metadata: { name: 'a', annotations: { 'example.com/x': 'yes', plain: 'no' } },
  spec: { tags: ['x', 'y', 'z'], empty: [], n: null, replicas: 3, nested: { list: [{ id: 1 }, { id: 2 }] } },
  status: {
    conditions: [
      { type: 'Other', status: 'False', age: 7 },
      { type: 'Ready', status: 'True', age: 2 },
    ],
  },
};

for (const [path, values] of [
  ['.metadata.name', ['a']],
  ['$.metadata.name', ['a']],
  ['.metadata.annotations.example\\.com/x', ['yes']],
  [".metadata.annotations['plain']", ['no']],
  ['.spec.tags[0]', ['x']],
  ['.spec.tags[-1]', ['z']],
  ['.spec.tags[0:2]', ['x', 'y']],
  ['.spec.tags[1:]', ['y', 'z']],
  ['.spec.tags[::2]', ['x', 'z']],
  ['.spec.tags[*]', ['x', 'y', 'z']],
  ['.spec.tags[0,2]', ['x', 'z']],
  [".metadata['name','missing']", ['a']],
  ['.spec.n', [null]],
  ['.spec.missing.deeper', []],
  ['.spec.nested.*[*].id', [1, 2]],
  ['..id', [1, 2]],
  ['.status.conditions[?(@.type=="Ready")].status', ['True']],
  [".status.conditions[?(@.type=='Ready')].status", ['True']],
  ['.status.conditions[?(@.type!="Ready")].status', ['False']],
  ['.status.conditions[?(@.age>5)].type', ['Other']],
  ['.status.conditions[?(@.age<=2)].type', ['Ready']],
  ['.status.conditions[?(@.missing)].type', []],
  ['.status.conditions[?(@.status)].type', ['Other', 'Ready']],
  ['.status.conditions[?(@.type=="Gone")].status', []],
] as const) {
  test(`${path} finds ${JSON.stringify(values)}`, () => {
    assert.deepEqual(compileJsonPath(path).find(OBJECT), values);
  });
}

test('a path that does not fit finds nothing first', () => {
  assert.equal(compileJsonPath('.spec.tags[5]').first(OBJECT), undefined);
  assert.equal(compileJsonPath('.metadata[0]').first(OBJECT), undefined);
  assert.equal(compileJsonPath('.spec.empty[0]').first(OBJECT), undefined);
});

test('members of every object are not found', () => {
  assert.deepEqual(compileJsonPath('.constructor').find(OBJECT), []);
});

for (const path of ['.a[', '.a[?(@.b', '.a[x]', '....a', '.a[?(@.b=="x]', 'range', '.a{']) {
  test(`${path} is no path`, () => assert.throws(() => compileJsonPath(path).find({ a: [] }), JsonPathError));
}

test('any text either compiles or is refused', () => {
  const text = fc.string({ unit: fc.constantFrom(...'.[]()?@$*:,\'"=!<>a1 \\-') });
  fc.assert(
    fc.property(text, (path) => {
      try {
        compileJsonPath(path).find(OBJECT);
      } catch (error) {
        assert.ok(error instanceof JsonPathError);
      }
    }),
  );
  assert.throws(() => compileJsonPath('.a'.repeat(PATH_MAX_LENGTH)), JsonPathError);
  assert.throws(() => compileJsonPath('.a'.repeat(300)), JsonPathError);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { load, YAML11_SCHEMA } from 'js-yaml';
import { deepEqual, isObject, type JsonValue } from '../json/value.js';
import { writeYaml } from './write-yaml.js';
import { parseYaml, YamlError } from './yaml.js';

test('scalars are read as kubectl reads them', () => {
  const { value } = parseYaml(
    'a: 0o17\nb: 0777\nc: 9223372036854775807\nd: 2024-01-01\ne: 1:30\nf: 1e3\ng: yes\ny: off\nh: 0x1F\ni: ~\nj: 1.5\nk: "5"',
  );
  const expected = {
    a: 15,
    b: 511,
    c: 9223372036854775807n,
    d: '2024-01-01',
    e: '1:30',
    f: 1000,
    g: true,
    true: false,
    h: 31,
    i: null,
    j: 1.5,
    k: '5',
  };
  assert.ok(deepEqual(value, expected));
});

test('keys that stand twice are listed with their path, and the last one counts', () => {
  const { value, duplicates } = parseYaml('a: 1\nspec:\n  list:\n  - {b: 1, b: 2}\na: 3\n');
  assert.deepEqual(value, { a: 3, spec: { list: [{ b: 2 }] } });
  assert.deepEqual([...duplicates].sort(), ['a', 'spec.list[0].b']);
});

test('overriding what was merged is no duplicate', () => {
  const { value, duplicates } = parseYaml('x: &a {k: 1, l: 1}\nz:\n  <<: *a\n  k: 2\n');
  assert.deepEqual(value, { x: { k: 1, l: 1 }, z: { k: 2, l: 1 } });
  assert.deepEqual(duplicates, []);
});

test('aliases are written out and share nothing', () => {
  const { value } = parseYaml('a: &x {k: [1]}\nb: *x\n');
  assert.deepEqual(value, { a: { k: [1] }, b: { k: [1] } });
  assert.ok(isObject(value) && value.a !== value.b);
});

test('only the first document counts', () => {
  assert.deepEqual(parseYaml('a: 1\n---\nb: 2\n').value, { a: 1 });
  assert.equal(parseYaml('').value, null);
});

test('__proto__ is a key like any other', () => {
  const { value } = parseYaml('__proto__: {polluted: true}\n');
  assert.ok(isObject(value) && Object.hasOwn(value, '__proto__'));
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
});

test('CVE-2019-11253, CVE-2019-11254: an alias bomb, deep nesting, too much text and broken text are refused', () => {
  const levels = 'bcdefghij'.split('');
  const bomb = `a: &a [1,1,1,1,1,1,1,1,1,1]\n${levels
    .map(
      (name, i) =>
        `${name}: &${name} [${Array(10)
          .fill(`*${'abcdefghi'.charAt(i)}`)
          .join(',')}]`,
    )
    .join('\n')}`;
  for (const text of [bomb, '['.repeat(100_000), `a: ${'x'.repeat(4_000_000)}`, 'a: [', '\ta: b', 'a: *nowhere']) {
    assert.throws(() => parseYaml(text), YamlError, text.slice(0, 20));
  }
});

test('an error names the line', () => {
  assert.throws(() => parseYaml('a: 1\nb: [\n'), /^Error: error converting YAML to JSON: yaml: line \d+: /);
});

const { tree } = fc.letrec<{ tree: JsonValue }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(
      null,
      true,
      false,
      0,
      -1,
      1.5,
      2n ** 60n,
      'yes',
      'null',
      '1',
      '-',
      'a: b',
      '# c',
      ' x',
      'x\n',
      '\ny',
    ),
    fc.string(),
    fc.string().map((text) => `${text}\n${text}`),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('tree'), { maxKeys: 4 }),
  ),
}));

test('what is written reads back the same', () => {
  fc.assert(fc.property(tree, (value) => deepEqual(parseYaml(writeYaml(value)).value, value)));
});

test('another reader with plain YAML 1.1 rules reads the same strings', () => {
  fc.assert(fc.property(fc.string(), (text) => load(writeYaml({ a: text }), { schema: YAML11_SCHEMA }) !== undefined));
  for (const text of ['y', 'No', '012', '1_000', '2024-01-01', '=', '<<', '.inf', '0x1', '1:30', 'a #b', 'a: b']) {
    assert.deepEqual(load(writeYaml({ a: text }), { schema: YAML11_SCHEMA }), { a: text });
  }
});

test('objects look as kubectl prints them', () => {
  const written = writeYaml({
    kind: 'ConfigMap',
    apiVersion: 'v1',
    data: { a: 'x\ny\n' },
    list: [{ b: 1, c: [] }, 'd'],
  });
  assert.equal(written, 'apiVersion: v1\ndata:\n  a: |\n    x\n    y\nkind: ConfigMap\nlist:\n- b: 1\n  c: []\n- d\n');
});

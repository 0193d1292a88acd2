import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keyed, list, mapOf, SERVICE_ACCOUNT, struct } from '../apply/merge-types.fixture.js';
import type { JsonObject } from '../json/value.js';
import { DEDUCED, SCALAR } from '../merge-type/merge-type.js';
import { StrategicMergePatchError } from './strategic-merge-error.js';
import { applyStrategicMergePatch } from './strategic-merge-patch.js';

const ITEM = struct({ name: SCALAR, value: SCALAR, other: SCALAR, nested: mapOf(SCALAR) });
const TYPE = struct({
  name: SCALAR,
  map: mapOf(SCALAR),
  inner: struct({ a: SCALAR, b: SCALAR, list: list('atomic', SCALAR) }),
  atomic: list('atomic', SCALAR),
  primitives: list('atomic', SCALAR, { patchMerge: true }),
  items: list('atomic', ITEM, { patchMerge: true, patchMergeKey: 'name' }),
});

interface Case {
  readonly is: string;
  readonly given: JsonObject;
  readonly patch: JsonObject;
  readonly gives: JsonObject;
}

const item = (name: string, value?: string): JsonObject => ({ name, ...(value === undefined ? {} : { value }) });
const items = (...names: string[]): JsonObject[] => names.map((name) => item(name));

const CASES: readonly Case[] = [
  { is: 'a member is added', given: {}, patch: { name: 'x' }, gives: { name: 'x' } },
  { is: 'a member is changed', given: { name: 'x' }, patch: { name: 'y' }, gives: { name: 'y' } },
  { is: 'null deletes', given: { name: 'x', map: { a: '1' } }, patch: { name: null }, gives: { map: { a: '1' } } },
  {
    is: 'null deletes within a map, and null of nothing is nothing',
    given: { map: { a: '1', b: '2' } },
    patch: { map: { a: null, c: null }, inner: { a: null, b: 'x' } },
    gives: { map: { b: '2' }, inner: { b: 'x' } },
  },
  {
    is: '$patch replace in a map',
    given: { map: { a: '1' } },
    patch: { map: { $patch: 'replace', b: '2' } },
    gives: { map: { b: '2' } },
  },
  {
    is: '$patch delete in a map',
    given: { map: { a: '1' } },
    patch: { map: { $patch: 'delete' } },
    gives: { map: {} },
  },
  {
    is: 'a map with $patch where there is none is nothing',
    given: {},
    patch: { map: { $patch: 'replace', b: '2' } },
    gives: {},
  },
  { is: 'a list without tags is replaced', given: { atomic: [1, 2] }, patch: { atomic: [3] }, gives: { atomic: [3] } },
  {
    is: 'primitives merge as a set, new ones in front',
    given: { primitives: ['a', 'b'] },
    patch: { primitives: ['c', 'a'] },
    gives: { primitives: ['c', 'a', 'b'] },
  },
  {
    is: '$deleteFromPrimitiveList',
    given: { primitives: ['a', 'b', 'a', 'c'] },
    patch: { '$deleteFromPrimitiveList/primitives': ['a', 'c', 'z'] },
    gives: { primitives: ['b'] },
  },
  {
    is: '$deleteFromPrimitiveList where there is no list',
    given: {},
    patch: { '$deleteFromPrimitiveList/primitives': ['a'] },
    gives: {},
  },
  {
    is: 'items merge by key, new ones in front of the existing ones',
    given: { items: [item('a', '1'), item('b', '2')] },
    patch: { items: [{ name: 'c' }, { name: 'b', other: 'o' }] },
    gives: { items: [{ name: 'c' }, item('a', '1'), { name: 'b', value: '2', other: 'o' }] },
  },
  {
    is: 'a single new item goes first',
    given: { items: items('a', 'b') },
    patch: { items: items('c') },
    gives: { items: items('c', 'a', 'b') },
  },
  {
    is: '$patch delete in an item',
    given: { items: items('a', 'b', 'c') },
    patch: { items: [{ name: 'b', $patch: 'delete' }] },
    gives: { items: items('a', 'c') },
  },
  {
    is: '$patch replace in an item replaces the list',
    given: { items: items('a', 'b') },
    patch: { items: [{ $patch: 'replace' }, { name: 'z' }] },
    gives: { items: items('z') },
  },
  {
    is: 'a member of an item is deleted by null',
    given: { items: [item('a', '1')] },
    patch: { items: [{ name: 'a', value: null }] },
    gives: { items: items('a') },
  },
  {
    is: '$setElementOrder orders what it names',
    given: { items: items('a', 'b', 'c') },
    patch: { '$setElementOrder/items': items('c', 'a', 'b') },
    gives: { items: items('c', 'a', 'b') },
  },
  {
    is: '$setElementOrder with a new item and one of the server',
    given: { items: items('a', 'server', 'b') },
    patch: { '$setElementOrder/items': items('b', 'n', 'a'), items: items('n') },
    gives: { items: items('server', 'b', 'n', 'a') },
  },
  {
    is: '$setElementOrder keeps server items in front of what they stood in front of',
    given: { primitives: ['s', 'a', 'b'] },
    patch: { '$setElementOrder/primitives': ['a', 'c', 'b'], primitives: ['c'] },
    gives: { primitives: ['s', 'a', 'c', 'b'] },
  },
  {
    is: '$setElementOrder with a deletion, as kubectl sends it',
    given: { items: items('a', 'b', 'c') },
    patch: { '$setElementOrder/items': items('c', 'a'), items: [{ name: 'b', $patch: 'delete' }] },
    gives: { items: items('c', 'a') },
  },
  {
    is: '$retainKeys drops the others',
    given: { inner: { a: '1', list: ['x'] } },
    patch: { inner: { $retainKeys: ['b'], b: '2' } },
    gives: { inner: { b: '2' } },
  },
  {
    is: 'directives where there is nothing yet leave no trace',
    given: {},
    patch: { inner: { $retainKeys: ['a'], a: '1' }, items: [{ name: 'a' }, { name: 'b', $patch: 'delete' }] },
    gives: { inner: { a: '1' }, items: items('a') },
  },
];

for (const { is, given, patch, gives } of CASES) {
  test(is, () => {
    const before = JSON.stringify([given, patch]);
    const once = applyStrategicMergePatch(given, patch, TYPE);
    assert.deepEqual(once, gives);
    assert.equal(JSON.stringify([given, patch]), before, 'neither is changed');
  });
}

test('owner references and finalizers of an object merge as their tags say', () => {
  const owner = (uid: string, name: string): JsonObject => ({ uid, name, apiVersion: 'v1', kind: 'ConfigMap' });
  const given = { metadata: { finalizers: ['a/x'], ownerReferences: [owner('1', 'a')] } };
  const patch = {
    metadata: { '$deleteFromPrimitiveList/finalizers': ['a/x'], ownerReferences: [{ uid: '1', name: 'b' }] },
    secrets: [{ name: 's' }],
  };
  assert.deepEqual(applyStrategicMergePatch(given, patch, SERVICE_ACCOUNT), {
    metadata: { finalizers: [], ownerReferences: [owner('1', 'b')] },
    secrets: [{ name: 's' }],
  });
});

const REFUSED: readonly (readonly [string, JsonObject, number, RegExp])[] = [
  [
    'an item without key',
    { items: [{ value: 'v', other: 1 }] },
    500,
    /^map: map\[other:1 value:v\] does not contain declared merge key: name$/,
  ],
  ['an unknown $patch', { map: { $patch: 'jump' } }, 500, /^unknown patch type: jump in map: map\[\$patch:jump\]$/],
  [
    '$patch merge in an item',
    { items: [{ name: 'a', $patch: 'merge' }] },
    500,
    /^merging lists cannot yet be specified/,
  ],
  ['$retainKeys that is no list', { inner: { $retainKeys: 'a' } }, 400, /^invalid patch format of retainKeys$/],
  ['$retainKeys without a patched member', { inner: { $retainKeys: ['a'], b: '1' } }, 400, /retainKeys$/],
  ['$deleteFromPrimitiveList that is no list', { '$deleteFromPrimitiveList/primitives': 'a' }, 400, /primitive list$/],
  [
    '$setElementOrder that is no list',
    { '$setElementOrder/items': 'a' },
    400,
    /^invalid patch format of setElementOrder list$/,
  ],
  [
    'a patch list against its order',
    { '$setElementOrder/items': items('b', 'a'), items: items('a', 'b') },
    500,
    /^The order in patch list:\n\[map\[name:a\] map\[name:b\]\]\n doesn't match/,
  ],
  ['a list of lists', { primitives: [['a']] }, 422, /^lists of lists are not supported$/],
  ['elements of two kinds', { primitives: [1] }, 500, /^list element types are not identical: /],
];

for (const [is, patch, code, text] of REFUSED) {
  test(`refused: ${is}`, () => {
    const given = { map: { x: '1' }, inner: { a: '1' }, items: items('a'), primitives: ['p'] };
    assert.throws(
      () => applyStrategicMergePatch(given, patch, TYPE),
      (error) => error instanceof StrategicMergePatchError && error.code === code && text.test(error.message),
    );
  });
}

test('for custom resources list keys stand in for merge keys, when asked to', () => {
  const type = struct({ env: keyed(['name'], ITEM), pairs: keyed(['a', 'b'], DEDUCED), tags: list('set', SCALAR) });
  const given = { env: items('a'), pairs: [{ a: 1, b: 1 }], tags: ['x'] };
  const patch = { env: items('b'), pairs: [{ a: 2, b: 2 }], tags: ['y'] };
  assert.deepEqual(applyStrategicMergePatch(given, patch, type), patch);
  assert.deepEqual(applyStrategicMergePatch(given, patch, type, { mergeByListKeys: true }), {
    env: items('b', 'a'),
    pairs: [{ a: 2, b: 2 }],
    tags: ['y', 'x'],
  });
});

test('members called __proto__ are ordinary members', () => {
  const patch: JsonObject = JSON.parse('{"map":{"__proto__":"x"},"constructor":{"a":null}}');
  const result = applyStrategicMergePatch({ map: {} }, patch, TYPE);
  assert.equal(JSON.stringify(result), '{"map":{"__proto__":"x"},"constructor":{}}');
});

const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 5 });
const itemList = names.chain((all) =>
  fc.tuple(...all.map((name) => fc.option(fc.constantFrom('1', '2')).map((value) => item(name, value ?? undefined)))),
);
const object = fc.record(
  { name: fc.string(), map: fc.dictionary(fc.constantFrom('k', 'l'), fc.string()), primitives: names, items: itemList },
  { requiredKeys: [] },
);

test('applying a patch twice is applying it once', () => {
  fc.assert(
    fc.property(object, object, (given, patch) => {
      const original: JsonObject = { ...given };
      const change: JsonObject = { ...patch };
      const once = applyStrategicMergePatch(original, change, TYPE);
      assert.deepEqual(applyStrategicMergePatch(once, change, TYPE), once);
    }),
  );
});

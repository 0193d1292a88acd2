import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deepEqual, getOwn, isObject, type JsonObject, type JsonValue, setOwn } from '../json/value.js';
import { applyMergePatch, MAX_MERGE_PATCH_DEPTH, PatchDepthError } from './merge-patch.js';

/** Appendix A of RFC 7396: original, patch, result. */
const APPENDIX: readonly (readonly [JsonValue, JsonValue, JsonValue])[] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

for (const [target, patch, expected] of APPENDIX) {
  test(`RFC 7396: ${JSON.stringify(target)} patched with ${JSON.stringify(patch)}`, () => {
    assert.deepEqual(applyMergePatch(target, patch), expected);
  });
}

test('the target is left as it was, and what is not touched is shared', () => {
  const kept = { deep: true };
  const target = { kept, gone: 1 };
  const result = applyMergePatch(target, { gone: null });
  assert.deepEqual(target, { kept: { deep: true }, gone: 1 });
  assert.equal((result as JsonObject).kept, kept);
});

test('a member called __proto__ is an ordinary member', () => {
  const patch: JsonValue = JSON.parse('{"__proto__":{"polluted":true},"constructor":null}');
  const result = applyMergePatch({}, patch);
  assert.equal(JSON.stringify(result), '{"__proto__":{"polluted":true}}');
  assert.equal(Reflect.get({}, 'polluted'), undefined);
});

test('a patch that nests too deeply is refused', () => {
  let patch: JsonValue = 1;
  for (let i = 0; i <= MAX_MERGE_PATCH_DEPTH; i++) patch = { a: patch };
  assert.throws(() => applyMergePatch({}, patch), PatchDepthError);
});

const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean());
const { object } = fc.letrec<{ object: JsonObject; value: JsonValue }>((tie) => ({
  object: fc.dictionary(
    fc.oneof(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'), fc.string()),
    tie('value'),
    {
      maxKeys: 4,
    },
  ),
  value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(leaf, { maxLength: 3 }), tie('object')),
}));

test('patching with the difference of two objects gives the second', () => {
  fc.assert(
    fc.property(object, object, (from, to) => {
      const result = applyMergePatch(from, diffMergePatch(from, to) ?? {});
      return deepEqual(result, to);
    }),
  );
});

test('patching twice is patching once', () => {
  fc.assert(
    fc.property(object, object, (target, patch) => {
      const once = applyMergePatch(target, patch);
      return deepEqual(applyMergePatch(once, patch), once);
    }),
  );
});

/**
 * The smallest merge patch that turns `from` into `to`; undefined when they are the same object member for member.
 * A merge patch cannot set null, so `to` must hold none outside lists.
 */
function diffMergePatch(from: JsonObject, to: JsonObject): JsonObject | undefined {
  const patch: JsonObject = {};
  for (const key of Object.keys(from)) {
    if (getOwn(from, key) !== undefined && getOwn(to, key) === undefined) setOwn(patch, key, null);
  }
  for (const key of Object.keys(to)) {
    const change = diffMember(getOwn(from, key), getOwn(to, key));
    if (change !== undefined) setOwn(patch, key, change);
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function diffMember(from: JsonValue | undefined, to: JsonValue | undefined): JsonValue | undefined {
  if (isObject(from) && isObject(to)) return diffMergePatch(from, to);
  return deepEqual(from, to) ? undefined : to;
}

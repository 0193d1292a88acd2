import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deepEqual, type JsonObject } from '../json/value.js';
import { compare } from './compare.js';
import { canonicalSet, type FieldSet, intersectSets, isEmptySet, subtractSet, unionSets } from './field-set.js';
import { parseFieldSet } from './field-set-json.js';
import { PLAN } from './merge-types.fixture.js';
import { extractItems, removeItems } from './remove-items.js';
import { setOf } from './set-of.js';
import { type Body, Story } from './story.fixture.js';

const word = fc.constantFrom('a', 'b', 'c');
const text = fc.constantFrom('1', '2');
const env = fc.uniqueArray(fc.record({ name: word, value: text }, { requiredKeys: ['name'] }), {
  selector: (item) => item.name,
});
const ports = fc.uniqueArray(fc.record({ port: fc.constantFrom(9, 80), protocol: fc.constantFrom('TCP', 'UDP') }), {
  selector: (item) => `${item.port}${item.protocol}`,
});
const spec = fc.record(
  {
    note: text,
    size: fc.integer({ min: 0, max: 3 }),
    steps: fc.array(text, { maxLength: 2 }),
    tags: fc.uniqueArray(word),
    env,
    ports,
    labels: fc.dictionary(fc.oneof(word, fc.constantFrom('__proto__', '\ud83d\ude00', '\uff01')), text),
    frozen: fc.dictionary(word, text),
    pair: fc.record({ left: text, right: text }, { requiredKeys: [] }),
    any: fc.jsonValue({ maxDepth: 2 }).map((value): JsonObject => JSON.parse(JSON.stringify({ value }))),
  },
  { requiredKeys: [] },
);
const body: fc.Arbitrary<Body> = spec.map((members) => ({ spec: { ...members } }));
const object: fc.Arbitrary<JsonObject> = body.map((members) => ({ ...members }));

const story = (): Story => new Story({ type: PLAN, apiVersion: 'g/v1', kind: 'Plan' });

function same(a: FieldSet, b: FieldSet): boolean {
  return deepEqual(a, b);
}

test('FieldsV1 survives being written and read, and its order is its own', () => {
  fc.assert(
    fc.property(object, (value) => {
      const set = setOf(PLAN, value);
      const shuffled: JsonObject = JSON.parse(JSON.stringify(set, (_, node) => reversed(node)));
      const read = parseFieldSet(shuffled);
      assert.ok(read !== undefined);
      assert.equal(JSON.stringify(read), JSON.stringify(canonicalSet(set)));
    }),
  );
});

function reversed(node: object): object {
  return Object.fromEntries(Object.entries(node).reverse());
}

test('the algebra of sets', () => {
  const set = object.map((value) => setOf(PLAN, value));
  fc.assert(
    fc.property(set, set, (a, b) => {
      assert.ok(same(unionSets(a, b), unionSets(b, a)));
      assert.ok(same(intersectSets(a, b), intersectSets(b, a)));
      assert.ok(isEmptySet(intersectSets(subtractSet(a, b), b)));
      assert.ok(same(unionSets(subtractSet(a, b), intersectSets(a, b)), a));
      assert.ok(isEmptySet(subtractSet(a, a)));
    }),
  );
});

test('a comparison is empty exactly for equal objects, and turns around with its sides', () => {
  fc.assert(
    fc.property(object, object, (a, b) => {
      const there = compare(PLAN, a, b);
      const back = compare(PLAN, b, a);
      assert.ok(same(there.added, back.removed) && same(there.removed, back.added));
      assert.ok(same(there.modified, back.modified));
      const unlike = [there.added, there.modified, there.removed].some((set) => !isEmptySet(set));
      if (!unlike) assert.ok(isEmptySet(compare(PLAN, a, b).modified));
      assert.ok(isEmptySet(compare(PLAN, a, JSON.parse(JSON.stringify(a))).modified));
    }),
  );
});

test('what is added lies in the second object only', () => {
  fc.assert(
    fc.property(object, object, (a, b) => {
      const { added } = compare(PLAN, a, b);
      const claims = setOf(PLAN, b);
      const without = removeItems(PLAN, b, added);
      assert.ok(isEmptySet(intersectSets(compare(PLAN, a, without).added, claims)));
    }),
  );
});

test('extracting all that an object claims gives its claims back', () => {
  fc.assert(
    fc.property(object, (value) => {
      const set = setOf(PLAN, value);
      assert.ok(same(setOf(PLAN, extractItems(PLAN, value, set)), set));
    }),
  );
});

test('applying twice is applying once', () => {
  fc.assert(
    fc.property(body, body, (first, second) => {
      const run = story();
      run.apply('a', first);
      run.apply('a', second);
      run.aSecondPasses();
      assert.equal(run.apply('a', second), false);
    }),
  );
});

test('what one manager alone applies is what there is', () => {
  fc.assert(
    fc.property(body, body, (first, second) => {
      const run = story();
      run.apply('a', first);
      run.apply('a', second);
      const fresh = story();
      fresh.apply('a', second);
      assert.ok(same(setOf(PLAN, { spec: run.live?.spec ?? {} }), setOf(PLAN, { spec: fresh.live?.spec ?? {} })));
    }),
  );
});

test('managers with fields of their own may apply in any order', () => {
  fc.assert(
    fc.property(body, fc.dictionary(fc.constantFrom('x', 'y'), text, { minKeys: 1 }), (one, labels) => {
      const two = { metadata: { labels } };
      const forth = story();
      forth.apply('a', one);
      forth.apply('b', two);
      const back = story();
      back.apply('b', two);
      back.apply('a', one);
      assert.ok(deepEqual(forth.live, back.live));
    }),
  );
});

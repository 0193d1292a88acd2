import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../json/value.js';
import { GOOD_SPECS_MAX, GoodSpecs } from './good-specs.js';

test('a spec is known by its content, for as long as it is used', () => {
  const good = new GoodSpecs();
  const hash = good.hashOf({ group: 'a.dev', versions: [] });
  assert.equal(good.hashOf({ group: 'a.dev', versions: [] }), hash);
  assert.notEqual(good.hashOf({ group: 'b.dev', versions: [] }), hash);
  assert.equal(good.has(hash), false);
  good.add(hash);
  for (let i = 0; i < GOOD_SPECS_MAX - 1; i++) good.add(`${i}`);
  assert.equal(good.has(hash), true);
  good.add('one more');
  assert.equal(good.has(hash), true);
  assert.equal(good.has('0'), false);
});

test('what is nested too deep to be encoded is known by nothing', () => {
  let spec: JsonObject = {};
  for (let depth = 0; depth < 50_000; depth++) spec = { a: spec };
  assert.equal(new GoodSpecs().hashOf(spec), '');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { deepClone, deepEqual, type JsonObject, type JsonValue } from '../json/value.js';
import { compileUncached } from '../schema/compile.js';
import { prune } from '../schema/prune.js';
import { validateValue } from '../schema/validate.js';
import { commonSchema } from './compatible-schema.js';

const NAMES = ['a', 'b', 'c'];
const maybe = <T>(value: fc.Arbitrary<T>, key: string) =>
  fc.option(value, { nil: undefined }).map((found) => (found === undefined ? {} : { [key]: found }));
const merged = (...parts: fc.Arbitrary<object>[]) =>
  fc.tuple(...parts).map((all) => Object.assign({}, ...all) as JsonObject);
const small = fc.integer({ min: 0, max: 3 });

const text = merged(
  fc.constant({ type: 'string' }),
  maybe(small, 'maxLength'),
  maybe(fc.integer({ min: 0, max: 1 }), 'minLength'),
  maybe(fc.uniqueArray(fc.constantFrom('', 'x', 'xy', 'z'), { minLength: 1 }), 'enum'),
  maybe(fc.constantFrom('^x', 'y$'), 'pattern'),
  maybe(fc.constant(true), 'nullable'),
);
const number = merged(
  fc.constantFrom({ type: 'integer' }, { type: 'number' }),
  maybe(small, 'maximum'),
  maybe(fc.constant(true), 'exclusiveMaximum'),
  maybe(fc.integer({ min: -1, max: 1 }), 'minimum'),
  maybe(fc.constantFrom(1, 2), 'multipleOf'),
);
const { schema: anySchema } = fc.letrec<{ schema: JsonObject; object: JsonObject; map: JsonObject; list: JsonObject }>(
  (tie) => ({
    schema: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      text,
      number,
      fc.constant({ type: 'boolean' }),
      tie('object'),
      tie('map'),
      tie('list'),
    ),
    object: merged(
      fc.constant({ type: 'object' }),
      fc.dictionary(fc.constantFrom(...NAMES), tie('schema'), { maxKeys: 3 }).map((properties) => ({ properties })),
      maybe(fc.subarray(NAMES), 'required'),
      maybe(fc.constant(true), 'x-kubernetes-preserve-unknown-fields'),
    ),
    map: merged(
      fc.constant({ type: 'object' }),
      // `true` is left out: objects below it lose all their fields, so it allows less than it says.
      tie('schema').map((additionalProperties) => ({ additionalProperties })),
      maybe(small, 'maxProperties'),
    ),
    list: merged(
      fc.constant({ type: 'array' }),
      tie('schema').map((items) => ({ items })),
      maybe(small, 'maxItems'),
      maybe(fc.constant(true), 'uniqueItems'),
    ),
  }),
);

type Pair = readonly [JsonObject, JsonObject];
/** Two schemas that resemble each other, as those of one type in two versions do. */
const { pair: relatives } = fc.letrec<{ pair: Pair; object: Pair; list: Pair; map: Pair }>((tie) => ({
  pair: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.tuple(text, text),
    fc.tuple(number, number),
    tie('object'),
    tie('list'),
    tie('map'),
  ),
  object: fc
    .tuple(
      fc.dictionary(fc.constantFrom(...NAMES), tie('pair'), { maxKeys: 3 }),
      fc.subarray(NAMES, { minLength: 2 }),
      fc.subarray(NAMES, { maxLength: 1 }),
      fc.subarray(NAMES, { maxLength: 1 }),
    )
    .map(([properties, kept, required, requiredNext]): Pair => {
      const side = (at: 0 | 1, names: readonly string[]) =>
        Object.fromEntries(
          Object.entries(properties)
            .filter(([name]) => names.includes(name))
            .map(([name, pair]) => [name, pair[at]]),
        );
      return [
        { type: 'object', properties: side(0, NAMES), required },
        { type: 'object', properties: side(1, kept), required: requiredNext },
      ];
    }),
  list: fc.tuple(tie('pair'), small, small).map(
    ([[one, other], max, next]): Pair => [
      { type: 'array', items: one, maxItems: max },
      { type: 'array', items: other, maxItems: next },
    ],
  ),
  map: tie('pair').map(
    ([one, other]): Pair => [
      { type: 'object', additionalProperties: one },
      { type: 'object', additionalProperties: other },
    ],
  ),
}));

/** Values that have a chance with such schemas. */
const { value: anyValue } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<JsonValue>('', 'x', 'xy', 'xyzzy', 0, 1, 2, 3, 0.5, true, null),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 3 }),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
}));

/** A value as the schema suggests it, often valid. */
function suggested(schema: JsonObject): fc.Arbitrary<JsonValue> {
  const { properties, items, additionalProperties } = schema as {
    properties?: Record<string, JsonObject>;
    items?: JsonObject;
    additionalProperties?: JsonObject | true;
  };
  if (schema.type === 'object' && properties !== undefined) {
    const members = Object.entries(properties).map(([name, inner]) => maybe(suggested(inner), name));
    return members.length === 0 ? fc.constant({}) : merged(...members);
  }
  if (schema.type === 'object' && typeof additionalProperties === 'object') {
    return fc.dictionary(fc.constantFrom(...NAMES), suggested(additionalProperties), { maxKeys: 2 });
  }
  if (schema.type === 'array' && items !== undefined) return fc.array(suggested(items), { maxLength: 2 });
  return anyValue;
}

function accepts(schema: JsonObject, value: JsonValue): boolean {
  const compiled = compileUncached(schema);
  return prune(compiled, deepClone(value), false).length === 0 && validateValue(compiled, value).length === 0;
}

test('what is valid under the common schema is valid under both', () => {
  let judged = 0;
  fc.assert(
    fc.property(
      fc
        .tuple(fc.oneof(relatives, fc.tuple(anySchema, anySchema)), fc.boolean())
        .chain(([[existing, next], narrow]) => {
          const common = commonSchema('Kind', existing, next, narrow);
          return fc.tuple(
            fc.constant({ existing, next, common }),
            fc.array(suggested(common.schema), { maxLength: 8 }),
          );
        }),
      ([{ existing, next, common }, values]) => {
        if (common.errors.length > 0) return;
        for (const value of values.filter((one) => accepts(common.schema, one))) {
          judged++;
          assert.ok(accepts(existing, value), `${JSON.stringify(value)} under the existing schema`);
          assert.ok(accepts(next, value), `${JSON.stringify(value)} under the new schema`);
        }
      },
    ),
    { numRuns: 3_000 },
  );
  assert.ok(judged > 300, `only ${judged} values were judged`);
});

test('a schema and itself have all of it in common', () => {
  fc.assert(
    fc.property(anySchema, fc.boolean(), (schema, narrow) => {
      const common = commonSchema('Kind', schema, schema, narrow);
      assert.deepEqual(common.errors, []);
      assert.ok(deepEqual(common.schema, schema));
    }),
  );
});

test('the common schema is compatible with both without further narrowing', () => {
  fc.assert(
    fc.property(relatives, ([existing, next]) => {
      const common = commonSchema('Kind', existing, next, true);
      if (common.errors.length > 0) return;
      assert.deepEqual(commonSchema('Kind', common.schema, next, false).errors, []);
      assert.deepEqual(commonSchema('Kind', common.schema, existing, false).errors, []);
    }),
    { numRuns: 500 },
  );
});

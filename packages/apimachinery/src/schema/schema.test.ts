import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fieldErrorText } from '../errors/field-error.js';
import type { JsonObject, JsonValue } from '../json/value.js';
import { DEDUCED, SCALAR } from '../merge-type/merge-type.js';
import { compileSchema } from './compile.js';
import { applyDefaults } from './defaults.js';
import { coerceMetadata } from './embedded.js';
import { isInEnum } from './enumeration.js';
import { mergeTypeOfSchema } from './merge-type-of-schema.js';
import { SCHEMA_MAX_DEPTH, SchemaError } from './node.js';
import { prune } from './prune.js';
import { validateValue } from './validate.js';
import { validate, validateStatus } from './validate-object.js';

const PRESERVE = 'x-kubernetes-preserve-unknown-fields';
const str = (more: JsonObject = {}): JsonObject => ({ type: 'string', ...more });
const int = (more: JsonObject = {}): JsonObject => ({ type: 'integer', ...more });
const obj = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...more });
const texts = (schema: JsonObject, value: JsonValue, old?: JsonValue): string[] =>
  validateValue(compileSchema(schema), value, { old }).map(fieldErrorText);

test('the same content is compiled once', () => {
  assert.equal(compileSchema(obj({ a: str() })), compileSchema(obj({ a: str() })));
});

test('a schema that is nested too deep is refused', () => {
  let schema = str();
  for (let depth = 0; depth <= SCHEMA_MAX_DEPTH; depth++) schema = obj({ a: schema });
  assert.throws(() => compileSchema(schema), SchemaError);
});

test('pruning removes what is not specified and says what', () => {
  const schema = compileSchema(
    obj({
      spec: obj({
        list: { type: 'array', items: obj({ a: str() }) },
        map: { type: 'object', additionalProperties: obj({ b: str() }) },
        free: obj({ c: obj({ d: str() }) }, { [PRESERVE]: true }),
      }),
    }),
  );
  const object: JsonObject = JSON.parse(
    '{"apiVersion":"g/v1","kind":"K","metadata":{"name":"x"},"__proto__":{"x":1},"extra":1,"spec":{"list":[{"a":"1","z":2}],"map":{"k":{"b":"1","z":2}},"free":{"any":[{"q":1}],"c":{"d":"1","z":2}}}}',
  );
  assert.deepEqual(prune(schema, object), ['__proto__', 'extra', 'spec.free.c.z', 'spec.list[0].z', 'spec.map.k.z']);
  assert.deepEqual(object, {
    apiVersion: 'g/v1',
    kind: 'K',
    metadata: { name: 'x' },
    spec: { list: [{ a: '1' }], map: { k: { b: '1' } }, free: { any: [{ q: 1 }], c: { d: '1' } } },
  });
});

test('metadata is brought to the members that it has', () => {
  const schema = compileSchema(
    obj({ t: { type: 'object', 'x-kubernetes-embedded-resource': true, [PRESERVE]: true } }),
  );
  const object = {
    metadata: { name: 'a', colour: 'red', labels: null },
    t: { metadata: { labels: { a: 'b' }, strange: 1 } },
  };
  assert.deepEqual(coerceMetadata(schema, object), {
    dropped: ['metadata.colour', 't.metadata.strange'],
    error: undefined,
  });
  assert.deepEqual(object, { metadata: { name: 'a' }, t: { metadata: { labels: { a: 'b' } } } });
  assert.equal(coerceMetadata(schema, { metadata: { labels: { a: 1 } } }).error?.field, 'metadata');
});

test('defaults fill gaps, not what is there, and are never shared', () => {
  const schema = compileSchema(
    obj({
      a: obj({ n: int({ default: 1 }), o: obj({}, { default: {}, [PRESERVE]: true }) }, { default: {} }),
      l: { type: 'array', items: obj({ p: str({ default: 'TCP' }) }) },
    }),
  );
  const [first, second]: JsonObject[] = [{}, { a: { n: 7 }, l: [{}, { p: 'UDP' }] }];
  applyDefaults(schema, first ?? {});
  applyDefaults(schema, second ?? {});
  assert.deepEqual(first, { a: { n: 1, o: {} } });
  assert.deepEqual(second, { a: { n: 7, o: {} }, l: [{ p: 'TCP' }, { p: 'UDP' }] });
  assert.deepEqual(compileSchema(obj({ x: obj({}) })).properties.get('x')?.default, undefined);
});

test('defaults that would come to gigabytes are refused before they are there', () => {
  const members = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}`, str({ default: 'x' })]));
  const schema = compileSchema(obj({ l: { type: 'array', items: obj(members) } }));
  const many = { l: Array.from({ length: 100_000 }, () => ({})) };
  assert.throws(() => applyDefaults(schema, many), /request is too large/);
});

test('a value is one of a long enumeration as it is one of a short one', () => {
  const values: JsonValue[] = [null, true, 'a', 1, 2.5, 2n ** 60n, [1, 2], { a: 1, b: [null] }];
  const more = Array.from({ length: 100 }, (_, i) => `more ${i}`);
  for (const value of [...values, 'b', 2, false, [2, 1], { b: [null], a: 1 }, { a: 1 }]) {
    assert.equal(isInEnum([...values, ...more], value), isInEnum(values, value), String(value));
  }
});

test('defaulting and pruning twice is the same as once', () => {
  const schema = compileSchema(
    obj({ spec: obj({ a: str({ default: 'x' }), b: obj({ c: int({ default: 1 }) }), n: str({ nullable: true }) }) }),
  );
  const value = fc.dictionary(
    fc.constantFrom('a', 'b', 'n', 'z', 'c'),
    fc.oneof(fc.constant(null), fc.string(), fc.constant({}), fc.constant({ c: 2 })),
  );
  fc.assert(
    fc.property(value, (spec) => {
      const once: JsonObject = JSON.parse(JSON.stringify({ spec }));
      prune(schema, once);
      applyDefaults(schema, once);
      const twice = structuredClone(once);
      assert.deepEqual(prune(schema, twice), []);
      applyDefaults(schema, twice);
      assert.deepEqual(twice, once);
    }),
  );
});

test('numbers beyond what a double holds are compared exactly', () => {
  assert.deepEqual(texts(int({ minimum: 0 }), 9007199254740993n), []);
  assert.deepEqual(texts(int(), 9223372036854775807n), []);
  assert.deepEqual(texts(int({ format: 'int32' }), 2147483647), []);
  assert.equal(texts(int(), 92233720368547758080n).length > 0, true);
});

test('floats in texts look as Go prints them', () => {
  assert.deepEqual(texts({ type: 'number', maximum: 1000000 }, 2000000.5), [
    '<nil>: Invalid value: 2.0000005e+06:  in body should be less than or equal to 1e+06',
  ]);
});

test('patterns run in linear time', () => {
  const started = process.hrtime.bigint();
  assert.equal(texts(str({ pattern: '^(a+)+$' }), `${'a'.repeat(20_000)}!`).length, 1);
  assert.ok(process.hrtime.bigint() - started < 2_000_000_000n);
});

test('an invalid value that was stored before may stay, but not change', () => {
  const schema = obj({
    spec: obj({
      a: str({ maxLength: 3 }),
      b: int(),
      l: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
        items: obj({ k: str(), v: str({ maxLength: 1 }) }),
      },
    }),
  });
  const old = { spec: { a: 'much too long', b: 1, l: [{ k: 'x', v: 'long' }] } };
  assert.deepEqual(texts(schema, { spec: { ...old.spec, b: 2 } }, old), []);
  assert.deepEqual(texts(schema, { spec: { ...old.spec, a: 'still too long' } }, old), [
    'spec.a: Too long: may not be more than 3 bytes',
  ]);
  const moved = [
    { k: 'w', v: 'x' },
    { k: 'x', v: 'long' },
  ];
  assert.deepEqual(texts(schema, { spec: { ...old.spec, l: moved } }, old), []);
  assert.deepEqual(texts(schema, { spec: { ...old.spec, l: [{ k: 'y', v: 'long' }] } }, old), [
    'spec.l[0].v: Too long: may not be more than 1 byte',
  ]);
});

test('a missing field is tolerated only while nothing beside it changes', () => {
  const schema = compileSchema(obj({ spec: obj({ a: str(), must: str() }, { required: ['must'] }) }));
  const old = { metadata: {}, spec: { a: 'x' } };
  assert.deepEqual(validate(schema, { metadata: { labels: { a: 'b' } }, spec: { a: 'x' } }, old), []);
  assert.deepEqual(validate(schema, { metadata: {}, spec: { a: 'y' } }, old).map(fieldErrorText), [
    'spec.must: Required value',
  ]);
});

test('a status is judged on its own', () => {
  const schema = compileSchema(
    obj({ spec: obj({ a: str() }, { required: ['a'] }), status: obj({ phase: str({ enum: ['Ready', 'Failed'] }) }) }),
  );
  assert.deepEqual(validateStatus(schema, { spec: {}, status: { phase: 'Odd' } }, { spec: {} }).map(fieldErrorText), [
    'status.phase: Unsupported value: "Odd": supported values: "Ready", "Failed"',
  ]);
});

test('a merge type knows lists and maps', () => {
  const type = mergeTypeOfSchema(
    compileSchema(
      obj({
        spec: obj({
          ports: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name'],
            items: obj({ name: str({ default: 'web' }) }),
          },
          whole: obj({}, { 'x-kubernetes-map-type': 'atomic' }),
          free: { [PRESERVE]: true },
          port: { 'x-kubernetes-int-or-string': true },
        }),
      }),
    ),
    DEDUCED,
  );
  assert.equal(type.kind, 'map');
  const spec = type.kind === 'map' ? type.field('spec') : undefined;
  assert.ok(spec?.kind === 'map' && type.kind === 'map');
  const ports = spec.field('ports');
  assert.ok(ports?.kind === 'list');
  const { relationship, keys, keyDefaults, patchMerge, patchMergeKey } = ports;
  assert.deepEqual(
    { relationship, keys, keyDefaults, patchMerge, patchMergeKey },
    { relationship: 'map', keys: ['name'], keyDefaults: { name: 'web' }, patchMerge: true, patchMergeKey: 'name' },
  );
  const whole = spec.field('whole');
  assert.equal(whole?.kind === 'map' && whole.relationship, 'atomic');
  assert.deepEqual(
    [spec.field('free'), spec.field('port'), spec.field('none'), spec.element],
    [DEDUCED, SCALAR, undefined, undefined],
  );
  assert.deepEqual([type.field('kind'), type.field('metadata')], [SCALAR, DEDUCED]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applyPatch } from '../apply/apply-patch.js';
import { trackUpdate } from '../apply/track-update.js';
import { judgeCustomResourceDefinition } from '../crd/validate.js';
import { StatusError } from '../errors/status-error.js';
import { deepClone, isObject, type JsonObject, type JsonValue } from '../json/value.js';
import type { KubeObject } from '../meta/object.js';
import { customSchemas } from '../openapi/custom-schema.js';
import { runningRules } from '../rules/run-rules.js';
import { atOnce } from '../turns/work.js';
import { objectMetaMergeType } from '../types/merge-type-of.js';
import { compileUncached } from './compile.js';
import { applyDefaults } from './defaults.js';
import { coerceMetadata } from './embedded.js';
import { mergeTypeOfSchema } from './merge-type-of-schema.js';
import { prune } from './prune.js';
import { validate, validateStatus } from './validate-object.js';

/** Names that mean something somewhere, so that values and schemas meet. */
const NAME = fc.constantFrom('a', 'b', 'spec', 'status', 'name', 'metadata', 'kind', 'a-b', '__proto__', 'constructor');
const RULE = fc.constantFrom(
  'self == oldSelf',
  'self.size() < 3',
  'has(self.a)',
  'self > 1',
  'self.all(x, x != self)',
  '1',
);
const SCALAR: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(2n ** 60n, 2.5, '', 'a', '1', '2024-01-01', '10.0.0.1', '1Gi'),
);
const { value: VALUE } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    SCALAR,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(NAME, tie('value'), { maxKeys: 4 }).map(plain),
  ),
}));

function plain(members: Record<string, JsonValue>): JsonObject {
  return JSON.parse(JSON.stringify(members, (_, value) => (typeof value === 'bigint' ? Number(value) : value)));
}

const MARKS = fc.record(
  {
    nullable: fc.boolean(),
    default: VALUE,
    format: fc.constantFrom('date-time', 'int32', 'ipv4', 'byte', 'quantity', 'odd'),
    enum: fc.array(SCALAR, { maxLength: 3 }),
    minimum: fc.integer({ min: -2, max: 2 }),
    maxLength: fc.integer({ min: 0, max: 3 }),
    maxItems: fc.integer({ min: 0, max: 2 }),
    multipleOf: fc.constantFrom(0, 2, 0.1),
    pattern: fc.constantFrom('^a', '(', 'a{1000}'),
    required: fc.array(NAME, { maxLength: 2 }),
    'x-kubernetes-preserve-unknown-fields': fc.boolean(),
    'x-kubernetes-embedded-resource': fc.boolean(),
    'x-kubernetes-int-or-string': fc.boolean(),
    'x-kubernetes-list-type': fc.constantFrom('atomic', 'set', 'map'),
    'x-kubernetes-list-map-keys': fc.array(NAME, { maxLength: 2 }),
    'x-kubernetes-map-type': fc.constantFrom('atomic', 'granular'),
    'x-kubernetes-validations': fc.array(
      fc.record({ rule: RULE, message: fc.constant('m'), optionalOldSelf: fc.boolean() }, { requiredKeys: ['rule'] }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);

function schemaOf(depth: number): fc.Arbitrary<JsonObject> {
  const inner = depth === 0 ? fc.constant(undefined) : fc.option(schemaOf(depth - 1), { nil: undefined });
  const list = inner.map((schema) => (schema === undefined ? undefined : [schema]));
  const properties = depth === 0 ? fc.constant({}) : fc.dictionary(NAME, schemaOf(depth - 1), { maxKeys: 3 });
  return fc
    .tuple(
      fc.constantFrom('object', 'array', 'string', 'integer', 'number', 'boolean', ''),
      MARKS,
      fc.record(
        {
          properties,
          items: inner,
          additionalProperties: fc.oneof(fc.boolean(), inner),
          allOf: list,
          anyOf: list,
          not: inner,
        },
        { requiredKeys: [] },
      ),
    )
    .map(([type, marks, rest]) => JSON.parse(JSON.stringify({ type, ...marks, ...rest }, bigintsAsNumbers)));
}

const SCHEMA = schemaOf(3);

function bigintsAsNumbers(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

function resource(value: JsonValue): KubeObject {
  const members = isObject(value) ? value : { spec: value };
  return { ...members, apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'x' } };
}

test('whatever the schema and whatever the value, everything that deals with both comes to an end without a crash', () => {
  fc.assert(
    fc.property(SCHEMA, VALUE, VALUE, (source, first, second) => {
      const schema = compileUncached(source);
      const [value, old] = [resource(deepClone(first)), resource(deepClone(second))];
      for (const object of [value, old]) {
        coerceMetadata(schema, object);
        if (!isObject(object.metadata)) object.metadata = { name: 'x' };
        prune(schema, object);
        applyDefaults(schema, object);
      }
      validate(schema, value);
      validate(schema, value, old, { specReplicasPath: '.spec.a', statusReplicasPath: '.status' });
      validateStatus(schema, value, old);
      atOnce(runningRules(schema, true, value));
      atOnce(runningRules(schema, true, value, { old, warn: () => undefined }));
    }),
    { numRuns: 200 },
  );
});

/** The same schema with a word at each place that says nothing, and that none has who need not be judged. */
function withWords(schema: JsonObject): JsonObject {
  const inside = (value: JsonValue | undefined): JsonValue | undefined => {
    if (Array.isArray(value)) return value.map((item) => inside(item) ?? null);
    return isObject(value) ? withWords(value) : value;
  };
  const marked: JsonObject = { 'x-kubernetes-embedded-resource': false, ...schema };
  for (const name of ['items', 'additionalProperties', 'allOf', 'anyOf', 'oneOf', 'not']) {
    if (Object.hasOwn(schema, name)) marked[name] = inside(schema[name]);
  }
  const { properties } = schema;
  if (!isObject(properties)) return marked;
  return { ...marked, properties: Object.fromEntries(Object.entries(properties).map(([k, v]) => [k, inside(v)])) };
}

test('what need not be judged is without fault: the verdict on a schema is that on all of it', () => {
  const faults = (schema: JsonObject): string[] =>
    atOnce(judgeCustomResourceDefinition(definition({ ...schema, type: 'object' }))).errors.map(
      ({ reason, field }) => `${reason} ${field}`,
    );
  fc.assert(
    fc.property(SCHEMA, (schema) => {
      assert.deepEqual(faults(schema), faults(withWords(schema)));
    }),
    { numRuns: 500 },
  );
});

test('definitions with any schema are judged, and published as far as they go', () => {
  fc.assert(
    fc.property(SCHEMA, (schema) => {
      atOnce(judgeCustomResourceDefinition(definition({ ...schema, type: 'object' })));
      const gvk = { group: 'example.com', version: 'v1', kind: 'Thing' };
      const served = { gvk, plural: 'things', namespaced: true, verbs: ['get'], subresources: [] };
      atOnce(customSchemas(served, schema, 'v2'));
      atOnce(customSchemas(served, schema, 'v3'));
    }),
    { numRuns: 120 },
  );
});

test('writes of any value are tracked or refused with a Status', () => {
  fc.assert(
    fc.property(SCHEMA, VALUE, VALUE, (source, first, second) => {
      const type = mergeTypeOfSchema(compileUncached(source), objectMetaMergeType());
      const [live, next] = [resource(first), resource(second)];
      const by = { type, manager: 'me', apiVersion: 'example.com/v1', subresource: '', now: '2026-01-02T00:00:00Z' };
      trackUpdate({ ...by, live, next });
      try {
        applyPatch({ ...by, live, applied: next, force: true });
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
      }
    }),
    { numRuns: 120 },
  );
});

function definition(openAPIV3Schema: JsonObject): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }],
    },
    status: { storedVersions: ['v1'] },
  };
}

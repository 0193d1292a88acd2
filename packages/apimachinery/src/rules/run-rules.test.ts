import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrorText } from '../errors/field-error.js';
import type { JsonObject, JsonValue } from '../json/value.js';
import { compileSchema } from '../schema/compile.js';
import { atOnce } from '../turns/work.js';
import { type RuleOptions, runningRules } from './run-rules.js';

/** Texts as apiextensions-apiserver 1.36 words them. */
function faults(schema: JsonObject, value: JsonValue, options: RuleOptions = {}): string[] {
  return atOnce(runningRules(compileSchema(schema), false, value, { base: 'spec', ...options })).errors.map(
    fieldErrorText,
  );
}

function rules(...given: (string | JsonObject)[]): JsonObject {
  return { 'x-kubernetes-validations': given.map((rule) => (typeof rule === 'string' ? { rule } : rule)) };
}

test('a schema without rules has nothing to say, also when only allOf has some', () => {
  assert.deepEqual(faults({ type: 'integer' }, 1), []);
  assert.deepEqual(faults({ type: 'integer', allOf: [rules('self > 5')] }, 1), []);
  assert.deepEqual(faults({ type: 'integer', ...rules('self > 0'), allOf: [rules('self > 5')] }, 1), [
    'spec: Invalid value: 1: failed rule: self > 5',
  ]);
});

test('given values that did not change, then what newer rules forbid is a warning, and an error elsewhere', () => {
  const schema = {
    type: 'object',
    properties: { a: { type: 'string', ...rules("self == 'x'") }, b: { type: 'integer' } },
  };
  const warnings: string[] = [];
  const warn = (text: string): number => warnings.push(text);
  assert.deepEqual(faults(schema, { a: 'y', b: 2 }, { old: { a: 'y', b: 1 }, warn }), []);
  assert.deepEqual(warnings, ['spec.a: Invalid value: "y": failed rule: self == \'x\'']);
  assert.equal(faults(schema, { a: 'z', b: 1 }, { old: { a: 'y', b: 1 }, warn }).length, 1);
  assert.equal(faults(schema, { a: 'y', b: 1 }).length, 1);
});

test('rules that compare are never forgiven, and not run where there is nothing to compare with', () => {
  const schema = { type: 'integer', ...rules('self >= oldSelf') };
  const warn = (): void => assert.fail('no warning');
  assert.deepEqual(faults(schema, 1), []);
  assert.deepEqual(faults(schema, 1, { old: 2, warn }), ['spec: Invalid value: 1: failed rule: self >= oldSelf']);
  const optional = { type: 'integer', ...rules({ rule: 'oldSelf.hasValue() || self == 0', optionalOldSelf: true }) };
  assert.equal(faults(optional, 1).length, 1);
  assert.deepEqual(faults(optional, 1, { old: 5 }), []);
});

test('items of a list map are compared with those of the same keys, items of other lists with none', () => {
  const item = {
    type: 'object',
    properties: { name: { type: 'string' }, n: { type: 'integer', ...rules('self == oldSelf') } },
  };
  const map = { type: 'array', items: item, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] };
  const [old, value] = [
    [
      { name: 'a', n: 1 },
      { name: 'b', n: 2 },
    ],
    [
      { name: 'b', n: 3 },
      { name: 'c', n: 9 },
    ],
  ];
  assert.deepEqual(faults(map, value, { old }), ['spec[0].n: Invalid value: 3: failed rule: self == oldSelf']);
  assert.deepEqual(faults({ type: 'array', items: item }, value, { old }), []);
});

test('a message expression that fails, is empty or has line breaks gives way to the message', () => {
  const told = (messageExpression: string, more: JsonObject = {}): string[] =>
    faults({ type: 'string', ...rules({ rule: 'false', messageExpression, ...more }) }, 'v');
  assert.deepEqual(told("'not ' + self"), ['spec: Invalid value: "v": not v']);
  for (const useless of ['self.substring(5)', "' '", "'a\\nb'"]) {
    assert.deepEqual(told(useless, { message: ' told ' }), ['spec: Invalid value: "v": told']);
    assert.deepEqual(told(useless), ['spec: Invalid value: "v": failed rule: false']);
  }
});

test('reasons decide the kind of error; a duplicate says nothing more', () => {
  const of = (reason: string, type: string, value: JsonValue): string[] =>
    faults({ type, ...rules({ rule: 'false', message: 'm', reason }) }, value);
  assert.deepEqual(of('FieldValueForbidden', 'string', 'v'), ['spec: Forbidden: m']);
  assert.deepEqual(of('FieldValueRequired', 'object', {}), ['spec: Required value: m']);
  assert.deepEqual(of('FieldValueDuplicate', 'string', 'v'), ['spec: Duplicate value: "v"']);
  assert.deepEqual(of('FieldValueDuplicate', 'object', {}), ['spec: Duplicate value']);
});

test('k/k 115747: when one call or all together cost too much, nothing more is run', () => {
  const schema = {
    type: 'array',
    items: { type: 'integer' },
    ...rules('self.all(x, self.all(y, x + y >= 0))', 'false'),
  };
  const many = Array.from({ length: 2000 }, (_, i) => i);
  const rule = 'self.all(x, self.all(y, x + y >= 0))';
  const why = 'no further validation rules will be run due to call cost exceeds limit for rule';
  assert.deepEqual(faults(schema, many), [
    `spec: Invalid value: "array": 'operation cancelled: actual cost limit exceeded': ${why}: ${rule}`,
  ]);
  const outcome = atOnce(runningRules(compileSchema(schema), false, [1, 2, 3], { budget: 5 }));
  assert.equal(outcome.left, -1);
  assert.deepEqual(outcome.errors.map(fieldErrorText), [
    '<nil>: Invalid value: "array": validation failed due to running out of cost budget, no further validation rules will be run',
  ]);
});

test('a whole object shows of its metadata only its names, and its kind', () => {
  const schema = compileSchema({ type: 'object', ...rules("self.metadata.name.startsWith('a') && self.kind == 'K'") });
  const object = (name: string): JsonObject => ({
    apiVersion: 'g/v1',
    kind: 'K',
    metadata: { name, labels: { a: 'b' } },
  });
  assert.deepEqual(atOnce(runningRules(schema, true, object('ab'))).errors, []);
  assert.equal(atOnce(runningRules(schema, true, object('b'))).errors.length, 1);
});

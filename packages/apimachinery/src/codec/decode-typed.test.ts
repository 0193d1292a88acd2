import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { StatusError } from '../errors/status-error.js';
import { parseJson } from '../json/parse.js';
import { stringify } from '../json/stringify.js';
import { deepEqual, isObject, type JsonObject, type JsonValue } from '../json/value.js';
import type { GroupVersionKind } from '../meta/resource.js';
import { typeOf } from '../types/type-of.js';
import { decodeTyped } from './decode-typed.js';

const GROUPS: Readonly<Record<string, string>> = {
  ClusterRole: 'rbac.authorization.k8s.io',
  RoleBinding: 'rbac.authorization.k8s.io',
  Lease: 'coordination.k8s.io',
  Deployment: 'apps',
  CustomResourceDefinition: 'apiextensions.k8s.io',
};

function decode(kind: string, body: JsonObject) {
  const gvk: GroupVersionKind = { group: GROUPS[kind] ?? '', version: 'v1', kind };
  const type = typeOf(gvk);
  assert.ok(type);
  return decodeTyped(type, body, gvk);
}

function object(text: string): JsonObject {
  const { value } = parseJson(text);
  assert.ok(isObject(value));
  return value;
}

function answer(kind: string, body: JsonObject): JsonValue {
  try {
    const { object: decoded, unknown } = decode(kind, body);
    return { object: decoded, unknown };
  } catch (error) {
    assert.ok(error instanceof StatusError);
    assert.equal(error.code, 400);
    const frame = `${kind} in version "v1" cannot be handled as a ${kind}: `;
    assert.ok(error.message.startsWith(frame), error.message);
    return { error: error.message.slice(frame.length) };
  }
}

const recorded: string[][] = JSON.parse(
  readFileSync(new URL('../../data/fixtures/go-decoding.json', import.meta.url), 'utf8'),
);

for (const [kind = '', body = '', expected = ''] of recorded) {
  test(`Go's own answer: ${kind} ${body.slice(0, 90)}`, () => {
    const actual = answer(kind, object(body));
    assert.ok(deepEqual(actual, parseJson(expected).value), `${stringify(actual)} is not ${expected}`);
  });
}

test('an object that is canonical already is given back as it is', () => {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', labels: { b: 'c' } }, data: { d: 'e' } };
  assert.equal(decode('ConfigMap', body).object, body);
});

test('the body is never changed, and what did not change is shared', () => {
  const body = object('{"metadata":{"name":"a","labels":{"b":"c"}},"data":{"x":"y"},"immutable":false,"foo":1}');
  const before = structuredClone(body);
  const { object: decoded } = decode('ConfigMap', body);
  assert.deepEqual(body, before);
  assert.equal(decoded.metadata, body.metadata);
});

test('schemas nested too deeply are refused, not followed', () => {
  let schema: JsonObject = {};
  for (let i = 0; i < 5000; i++) schema = { not: schema };
  const body = { spec: { versions: [{ schema: { openAPIV3Schema: schema } }] } };
  assert.throws(() => decode('CustomResourceDefinition', body), /exceeded max depth/);
});

test('at most a hundred unknown fields are listed', () => {
  const body: JsonObject = {};
  for (let i = 0; i < 500; i++) body[`f${i}`] = i;
  assert.equal(decode('ConfigMap', body).unknown.length, 100);
});

test('whatever comes in, decoding is an answer of 400 or a fixed point', () => {
  const names = fc.constantFrom('metadata', 'data', 'labels', 'name', 'immutable', '__proto__', 'finalizers', 'x');
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, 0, 1.5, '', 'a', 2n ** 60n),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(names, tie('tree'), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(names, tree, { maxKeys: 5 }), (raw) => {
      const first = answer('ConfigMap', raw as JsonObject);
      if (!isObject(first) || !isObject(first.object)) return;
      assert.equal(decode('ConfigMap', first.object).object, first.object);
    }),
    { numRuns: 300 },
  );
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isObject, type JsonObject, type JsonValue } from '../json/value.js';
import { atOnce } from '../turns/work.js';
import { makingOpenApiV2 } from './document-v2.js';
import { makingOpenApiV3, openApiHash, openApiV3Index } from './document-v3.js';
import { encodingOpenApiV2 } from './gnostic.js';
import { openApiV3Root } from './root-paths.js';
import type { ServedGroupVersion, ServedResource } from './served-resource.js';

const ALL = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const LEASES: ServedGroupVersion = {
  group: 'coordination.k8s.io',
  version: 'v1',
  resources: [
    {
      gvk: { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' },
      plural: 'leases',
      namespaced: true,
      verbs: ALL,
      subresources: [],
    },
  ],
};

/** A custom resource, as the recorded one of the reference server. */
function widgets(schema: JsonObject): ServedGroupVersion {
  const gvk = { group: 'example.com', version: 'v1', kind: 'Widget' };
  const resource: ServedResource = {
    gvk,
    plural: 'widgets',
    namespaced: true,
    verbs: ALL,
    subresources: [
      { name: 'status', gvk, verbs: ['get', 'patch', 'update'] },
      {
        name: 'scale',
        gvk: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
        verbs: ['get', 'patch', 'update'],
      },
    ],
    schema: () => schema,
  };
  return { group: 'example.com', version: 'v1', resources: [resource] };
}

function at(value: JsonValue | undefined, ...path: string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>((current, name) => (isObject(current) ? current[name] : undefined), value);
}

function object(value: JsonValue | undefined): JsonObject {
  assert.ok(isObject(value));
  return value;
}

/** Leaves prose out, which upstream words otherwise. */
function withoutProse(value: JsonValue | undefined, ofProperties = false): JsonValue | undefined {
  if (Array.isArray(value)) return value.map((item) => withoutProse(item) ?? null);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, member]) => ofProperties || name !== 'description' || typeof member !== 'string')
      .map(([name, member]) => [name, withoutProse(member, name === 'properties')]),
  );
}

const recorded: JsonObject = object(
  JSON.parse(readFileSync(new URL('../../data/fixtures/openapi-v3-leases.json', import.meta.url), 'utf8')),
);

test('the v3 document of leases is the recorded one, but for prose', () => {
  assert.deepEqual(withoutProse(atOnce(makingOpenApiV3(LEASES, '1.36'))), recorded);
});

test('clients find what they look for in the patch operation', () => {
  const document = atOnce(makingOpenApiV3(LEASES, '1.36'));
  const path = at(document, 'paths', '/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/{name}', 'patch');
  const parameters = at(path, 'parameters');
  assert.ok(Array.isArray(parameters));
  const names = parameters.map((parameter) => at(parameter, 'name'));
  assert.ok(names.includes('fieldValidation') && names.includes('dryRun'));
});

test('a custom resource has its schema with metadata, its list, and its own kind at /scale', () => {
  const schema: JsonObject = {
    description: 'A widget.',
    type: 'object',
    properties: { spec: { type: 'object', properties: { size: { type: 'integer', minimum: 0 } } } },
  };
  const document = atOnce(makingOpenApiV3(widgets(schema), '1.36'));
  const schemas = at(document, 'components', 'schemas');
  const own = at(schemas, 'com.example.v1.Widget');
  assert.equal(at(own, 'properties', 'spec'), at(schema, 'properties', 'spec'), 'shared, not copied');
  assert.deepEqual(withoutProse(at(own, 'properties', 'metadata')), {
    allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }],
  });
  assert.deepEqual(at(own, 'x-kubernetes-group-version-kind'), [
    { group: 'example.com', kind: 'Widget', version: 'v1' },
  ]);
  assert.deepEqual(at(schemas, 'com.example.v1.WidgetList', 'properties', 'items', 'items'), {
    $ref: '#/components/schemas/com.example.v1.Widget',
  });
  const scale = at(document, 'paths', '/apis/example.com/v1/namespaces/{namespace}/widgets/{name}/scale', 'get');
  assert.deepEqual(at(scale, 'x-kubernetes-group-version-kind'), {
    group: 'example.com',
    version: 'v1',
    kind: 'Widget',
  });
  assert.ok(at(schemas, 'io.k8s.api.autoscaling.v1.Scale'));
});

test('every reference of a document leads somewhere', () => {
  for (const document of [
    atOnce(makingOpenApiV3(LEASES, '1.36')),
    atOnce(makingOpenApiV3(widgets({ type: 'object' }), '1.36')),
    atOnce(makingOpenApiV2([LEASES, widgets({ type: 'object' })], '1.36')),
  ]) {
    for (const reference of new Set(JSON.stringify(document).match(/"\$ref":"[^"]+"/g))) {
      const path = reference.slice('"$ref":"#/'.length, -1).split('/');
      assert.ok(at(document, ...path), reference);
    }
  }
});

test('v2 says less of a custom schema where it has no words', () => {
  const document = atOnce(
    makingOpenApiV2(
      [
        widgets({
          type: 'object',
          properties: {
            nullable: { type: 'string', nullable: true },
            port: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
            open: {
              type: 'object',
              'x-kubernetes-preserve-unknown-fields': true,
              properties: { a: { type: 'string' } },
            },
            plain: { type: 'string', default: 'a', maxLength: 3 },
          },
        }),
      ],
      '1.36',
    ),
  );
  const properties = at(document, 'definitions', 'com.example.v1.Widget', 'properties');
  assert.deepEqual(at(properties, 'nullable'), {});
  assert.deepEqual(at(properties, 'port'), { 'x-kubernetes-int-or-string': true });
  assert.deepEqual(at(properties, 'open'), { 'x-kubernetes-preserve-unknown-fields': true });
  assert.deepEqual(at(properties, 'plain'), { type: 'string', default: 'a', maxLength: 3 });
});

test('an embedded object has the metadata of an object', () => {
  const schema = {
    type: 'object',
    properties: { template: { type: 'object', 'x-kubernetes-embedded-resource': true } },
  };
  const document = atOnce(makingOpenApiV3(widgets(schema), '1.36'));
  const template = at(document, 'components', 'schemas', 'com.example.v1.Widget', 'properties', 'template');
  assert.ok(at(template, 'properties', 'metadata') && at(template, 'properties', 'kind'));
});

test('the index carries the hash of each document in its address', () => {
  const hash = openApiHash('{}');
  assert.match(hash, /^[0-9A-F]{128}$/);
  assert.deepEqual(openApiV3Index(new Map([['api/v1', hash]])), {
    paths: { 'api/v1': { serverRelativeURL: `/openapi/v3/api/v1?hash=${hash}` } },
  });
});

test('there are documents besides those of group versions', () => {
  for (const name of ['api', 'apis', 'version', 'apis/apps']) assert.ok(openApiV3Root(name, '1.36'), name);
  assert.equal(openApiV3Root('nothing', '1.36'), undefined);
});

test('the protobuf form begins as gnostic lays it out', () => {
  const bytes = atOnce(encodingOpenApiV2(atOnce(makingOpenApiV2([LEASES], '1.36'))));
  // 1: swagger, 2: info {1: title, 2: version}, 8: paths.
  const start = Buffer.concat([
    Buffer.from([0x0a, 3]),
    Buffer.from('2.0'),
    Buffer.from([0x12, 18, 0x0a, 10]),
    Buffer.from('Kubernetes'),
    Buffer.from([0x12, 4]),
    Buffer.from('1.36'),
    Buffer.from([0x42]),
  ]);
  assert.deepEqual(bytes.subarray(0, start.length), start);
  assert.ok(bytes.includes('io.k8s.api.coordination.v1.LeaseSpec'));
});

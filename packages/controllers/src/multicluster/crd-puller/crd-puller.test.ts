import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultCustomResourceDefinition, withStoredVersion } from '@kcp/apimachinery/crd/defaults';
import { judgeCustomResourceDefinition } from '@kcp/apimachinery/crd/validate';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readObject } from '@kcp/apimachinery/schema/read';
import { atOnce } from '@kcp/apimachinery/turns/work';
import type { ClusterReader } from './cluster-reader.js';
import { definitionOf } from './definition-of.js';
import { discoverKinds, type ServedKind } from './discover-kinds.js';
import { PublishedSchemas } from './published-schemas.js';
import { structuralSchema } from './structural-schema.js';

const KIND: ServedKind = {
  group: 'example.k8s.io',
  version: 'v1',
  kind: 'Thing',
  plural: 'things',
  singular: '',
  shortNames: ['th'],
  categories: ['all'],
  namespaced: true,
  verbs: new Set(['list']),
  subresources: new Set(['status', 'scale']),
};
const GVK = { 'x-kubernetes-group-version-kind': [{ group: 'example.k8s.io', version: 'v1', kind: 'Thing' }] };

function ref(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

/** The properties of `spec` of a Thing whose spec is this, in a set with these other types. */
function specOf(properties: JsonObject, others: Record<string, JsonObject> = {}): JsonObject {
  const thing = { type: 'object', properties: { metadata: ref('m.v1.ObjectMeta'), spec: ref('x.v1.Spec') }, ...GVK };
  const set = { 'x.v1.Thing': thing, 'x.v1.Spec': { type: 'object', properties }, ...others };
  const schema = structuralSchema(set, 'x.v1.Thing');
  const definition = definitionOf(KIND, { schema, columns: [] });
  const whole = withStoredVersion(defaultCustomResourceDefinition(structuredClone(definition)), undefined);
  assert.deepEqual(atOnce(judgeCustomResourceDefinition({ ...definition, ...whole })).errors, []);
  const spec = readObject(readObject(schema, 'properties') ?? {}, 'spec') ?? {};
  return readObject(spec, 'properties') ?? {};
}

const OPEN = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

test('a type that refers to itself is cut where it does so', () => {
  const node = { type: 'object', properties: { name: { type: 'string' }, next: ref('x.v1.Node') } };
  const { first } = specOf({ first: ref('x.v1.Node') }, { 'x.v1.Node': node });
  assert.deepEqual(first, { type: 'object', properties: { name: { type: 'string' }, next: OPEN } });
});

test('types of which the publication says too little are known by name', () => {
  const made = specOf({
    amount: ref('io.k8s.apimachinery.pkg.api.resource.Quantity'),
    port: { allOf: [ref('io.k8s.apimachinery.pkg.util.intstr.IntOrString')] },
    since: ref('io.k8s.apimachinery.pkg.apis.meta.v1.Time'),
    raw: ref('io.k8s.apimachinery.pkg.runtime.RawExtension'),
    metadata: ref('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'),
    bare: { type: 'object' },
    anything: {},
  });
  assert.equal(readObject(made, 'amount')?.['x-kubernetes-int-or-string'], true);
  assert.equal(readObject(made, 'port')?.['x-kubernetes-int-or-string'], true);
  assert.deepEqual(made.since, { type: 'string', format: 'date-time' });
  for (const name of ['raw', 'metadata', 'bare']) assert.deepEqual(made[name], OPEN, name);
  assert.deepEqual(made.anything, { 'x-kubernetes-preserve-unknown-fields': true });
});

test('lists merge by what the publication says, or by their patch strategy', () => {
  const item = { type: 'object', properties: { name: { type: 'string' }, value: { type: 'string' } } };
  const list = (more: JsonObject, items: JsonObject = ref('x.v1.Item')): JsonObject => ({
    type: 'array',
    items,
    ...more,
  });
  const made = specOf(
    {
      stated: list({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] }),
      patched: list({ 'x-kubernetes-patch-strategy': 'merge', 'x-kubernetes-patch-merge-key': 'name' }),
      words: list({ 'x-kubernetes-patch-strategy': 'merge' }, { type: 'string' }),
      objects: list({ 'x-kubernetes-patch-strategy': 'merge' }),
      plain: list({}),
    },
    { 'x.v1.Item': item },
  );
  for (const name of ['stated', 'patched']) {
    const made1 = readObject(made, name) ?? {};
    assert.equal(made1['x-kubernetes-list-type'], 'map');
    assert.deepEqual(made1['x-kubernetes-list-map-keys'], ['name']);
    assert.deepEqual(readObject(made1, 'items')?.required, ['name']);
  }
  assert.equal(readObject(made, 'words')?.['x-kubernetes-list-type'], 'set');
  for (const name of ['objects', 'plain']) assert.equal(readObject(made, name)?.['x-kubernetes-list-type'], 'atomic');
});

test('defaults that only follow from the types of Go make nothing appear; a key keeps even an empty one', () => {
  const port = {
    type: 'object',
    required: ['port'],
    properties: {
      port: { type: 'integer', default: 0 },
      protocol: { type: 'string', default: 'TCP' },
      name: { type: 'string', default: '' },
    },
  };
  const keys = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['port', 'name'] };
  const made = specOf(
    { inner: { default: {}, allOf: [ref('x.v1.Port')] }, ports: { type: 'array', items: ref('x.v1.Port'), ...keys } },
    { 'x.v1.Port': port },
  );
  assert.equal(readObject(made, 'inner')?.default, undefined);
  const items = readObject(readObject(made, 'ports') ?? {}, 'items') ?? {};
  assert.deepEqual(items.required, ['port']);
  assert.deepEqual(items.properties, {
    port: { type: 'integer' },
    protocol: { type: 'string', default: 'TCP' },
    name: { type: 'string', default: '' },
  });
});

/** A cluster of before aggregated discovery and OpenAPI v3. */
const OLD: Readonly<Record<string, JsonObject>> = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/api/v1': {
    resources: [
      { name: 'pods', singularName: '', namespaced: true, kind: 'Pod', verbs: ['list'], shortNames: ['po'] },
      { name: 'pods/status', kind: 'Pod', namespaced: true, verbs: ['get'] },
    ],
  },
  '/apis': { kind: 'APIGroupList', groups: [{ name: 'apps', preferredVersion: { version: 'v1' } }] },
  '/apis/apps/v1': {
    resources: [{ name: 'deployments', namespaced: true, kind: 'Deployment', verbs: ['list'], categories: ['all'] }],
  },
  '/openapi/v2': {
    definitions: {
      Pod: {
        properties: { spec: { type: 'object' } },
        'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'Pod' }],
      },
    },
  },
};

test('an old cluster is understood as well', async () => {
  const reader: ClusterReader = { read: async (path) => OLD[path] };
  const kinds = await discoverKinds(reader);
  assert.deepEqual(
    kinds.map(({ group, version, plural }) => `${group}/${version}/${plural}`),
    ['/v1/pods', 'apps/v1/deployments'],
  );
  const [pods, deployments] = kinds;
  assert.ok(pods && deployments);
  assert.deepEqual([...pods.subresources], ['status']);
  const schemas = new PublishedSchemas(reader);
  assert.equal((await schemas.of(pods))?.name, 'Pod');
  assert.equal(await schemas.of(deployments), undefined);
});

test('a definition has the names of discovery, its subresources, and approval where a group is protected', () => {
  const { metadata, spec } = definitionOf(KIND, { schema: OPEN, columns: [] });
  assert.equal(metadata.name, 'things.example.k8s.io');
  assert.match(metadata.annotations?.['api-approved.kubernetes.io'] ?? '', /^https:/);
  assert.deepEqual(readObject({ spec: spec ?? {} }, 'spec')?.names, {
    plural: 'things',
    singular: 'thing',
    kind: 'Thing',
    listKind: 'ThingList',
    shortNames: ['th'],
    categories: ['all'],
  });
  assert.equal(definitionOf({ ...KIND, group: '' }, { schema: OPEN, columns: [] }).metadata.name, 'things.core');
});

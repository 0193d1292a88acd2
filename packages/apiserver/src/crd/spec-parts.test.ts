import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpecParts } from './spec-parts.js';

test('a spec comes without its schemas, and each schema alone', () => {
  const schema = { openAPIV3Schema: { type: 'object', description: '"schema":{} ] } ,' } };
  const versions = [
    { name: 'v1', schema, served: true, storage: true },
    { name: 'v2', served: false },
    { name: 'v3', schema: { openAPIV3Schema: { type: 'object' } } },
  ];
  const spec = { group: 'a.dev', names: { plural: 'xs' }, versions, scope: 'Cluster' };
  const parts = new SpecParts(Buffer.from(JSON.stringify(spec)));
  const without = versions.map((version) => ('schema' in version ? { ...version, schema: {} } : version));
  assert.deepEqual(parts.rest, { ...spec, versions: without });
  assert.deepEqual(
    [0, 1, 2, 3].map((place) => parts.schemaAt(place)),
    [schema, undefined, versions[2]?.schema, undefined],
  );
});

test('a spec may have no versions, and none may be what it should', () => {
  for (const versions of [undefined, null, {}, [], [1, 'a', null, { schema: null }]]) {
    const spec = { group: 'a.dev', versions };
    assert.deepEqual(new SpecParts(Buffer.from(JSON.stringify(spec))).rest, JSON.parse(JSON.stringify(spec)));
  }
});

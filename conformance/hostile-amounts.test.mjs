// Small requests that ask for very much: what is compared with everything else, written out, or told again and again.
// Each gets its answer at once or is refused, and nobody else waits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CRDS, definition, served, undisturbed } from './large-work.mjs';
import { tenantUnderTest } from './tenant-under-test.mjs';

const team = await tenantUnderTest();

const names = (count) => Array.from({ length: count }, (_, i) => `p${i}`);
const text = { type: 'string' };
const properties = (count, one = () => text) => Object.fromEntries(names(count).map((name, i) => [name, one(i)]));
const list = (items, more = {}) => ({ type: 'object', properties: { l: { type: 'array', items, ...more } } });
const keyed = (keys) =>
  list(
    { type: 'object', properties: { p0: text }, required: ['p0'] },
    { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys },
  );
const written = (i) => ({ type: 'string', pattern: `${i}${'(?:[a-z]{900}|b)'.repeat(500)}` });

for (const [what, schema, message] of [
  ['150,000 equal keys of one list', keyed(Array(150_000).fill('p0')), /must not contain duplicate entries/],
  ['40,000 keys that no item has', keyed(names(40_000)), /entries must all be names of item properties/],
  ['60,000 faults', { type: 'object', properties: properties(60_000, () => ({})) }, /and \d+ more faults/],
  ['patterns of 400,000 states', { type: 'object', properties: properties(50, written) }, /expression too large/],
]) {
  test(`a definition with ${what} is refused, and nobody waits for it`, async () => {
    const error = await undisturbed(() => team.create(CRDS, definition(schema)));
    assert.equal(error?.status?.code, 422, String(error));
    assert.match(error.message, message);
  });
}

/** A rule at each of 200 levels, all of which have 5,000 properties inside. */
function ruledLevels() {
  let schema = { type: 'object', properties: properties(5_000) };
  for (let level = 0; level < 200; level++) {
    const rules = [{ rule: "!has(self.b) || self.b != 'x'" }];
    schema = { type: 'object', properties: { a: schema, b: text }, 'x-kubernetes-validations': rules };
  }
  return schema;
}

const all = { type: 'object', properties: properties(30_000), required: names(30_000) };

for (const [what, schema] of [
  ['30,000 required properties and a rule', { ...all, 'x-kubernetes-validations': [{ rule: 'self.p0 != self.p1' }] }],
  ['rules around rules around thousands of properties', ruledLevels()],
  ['an enumeration of 100,000 values', { type: 'object', properties: { a: { ...text, enum: names(100_000) } } }],
]) {
  test(`a definition with ${what} is served, and nobody waits for it`, async () => {
    let made;
    const madeAndServed = async () => {
      made = definition(schema);
      await team.create(CRDS, made);
      await served(team, made);
    };
    assert.equal(await undisturbed(madeAndServed), undefined);
    const protobuf = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
    const labelled = async (attempt) => {
      const value = { metadata: { labels: { attempt: `${attempt}` } } };
      await team.patch(CRDS, { name: made.metadata.name }, { type: 'merge', value });
      await team.read('/openapi/v2', protobuf);
    };
    assert.equal(await undisturbed(labelled), undefined);
    await team.delete(CRDS, { name: made.metadata.name });
  });
}

test('a definition with 1,000 versions is served in all documents, and nobody waits for it', async () => {
  let made;
  const madeAndRead = async () => {
    made = definition({ type: 'object' });
    const [version] = made.spec.versions;
    made.spec.versions = names(1_000).map((name, i) => ({ ...version, name, storage: i === 0 }));
    await team.create(CRDS, made);
    await served(team, made);
    await team.read('/openapi/v2', 'application/json');
    await team.read(`/openapi/v3/apis/${made.spec.group}/p1`, 'application/json');
  };
  assert.equal(await undisturbed(madeAndRead), undefined);
  await team.delete(CRDS, { name: made.metadata.name });
});

const setOf = { 'x-kubernetes-list-type': 'set' };
const sameSet = { 'x-kubernetes-validations': [{ rule: 'self.l == self.l && (self.l + self.l).size() > 0' }] };
const filled = { type: 'object', properties: properties(50, () => ({ ...text, default: 'x' })) };
const CASES = [
  ['values of a long enumeration', list({ ...text, enum: names(50_000) }), { l: Array(50_000).fill('p49999') }],
  ['values that a long enumeration lacks', list({ ...text, enum: names(50_000) }), { l: Array(50_000).fill('x') }, 422],
  ['10,000 items of a set that rules compare', { ...list(text, setOf), ...sameSet }, { l: names(10_000).reverse() }],
  ['items whose defaults would fill gigabytes', list(filled), { l: Array(20_000).fill({}) }, 500],
  [
    'a text of 1 MB and a pattern of 1,000 states',
    list({ ...text, pattern: '^(?:a?){1000}$' }),
    { l: ['a'.repeat(1e6)] },
    422,
  ],
];
for (const [what, schema, spec, code] of CASES) {
  test(`an object with ${what} gets its answer, and nobody waits for it`, async () => {
    const made = definition(schema);
    await team.create(CRDS, made);
    await served(team, made);
    const { group } = made.spec;
    const x = (name) => ({ apiVersion: `${group}/v1`, kind: 'X', metadata: { name, namespace: 'default' }, spec });
    const create = (attempt) => team.create({ group, version: 'v1', resource: 'xs' }, x(`x-${attempt}`));
    const error = await undisturbed(create);
    assert.equal(error?.status?.code, code, String(error).slice(0, 500));
    await team.delete(CRDS, { name: made.metadata.name });
  });
}

test('thousands of owners and of managers are looked at once, and nobody waits for them', async () => {
  const configMaps = { group: '', version: 'v1', resource: 'configmaps' };
  const owner = (name) => ({ apiVersion: 'v1', kind: 'ConfigMap', name, uid: name });
  const manager = (name) => ({
    manager: name,
    operation: 'Update',
    apiVersion: 'v1',
    time: '2024-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:data': { [`f:${name}`]: {} } },
  });
  for (const metadata of [{ ownerReferences: names(3_000).map(owner) }, { managedFields: names(2_000).map(manager) }]) {
    const create = (attempt) =>
      team.create(configMaps, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `${Object.keys(metadata)[0].toLowerCase()}-${attempt}`, namespace: 'default', ...metadata },
      });
    assert.equal(await undisturbed(create), undefined);
  }
});

test('a policy of 8,000 expressions is judged, and nobody waits for it', async () => {
  const policies = { group: 'admissionregistration.k8s.io', version: 'v1', resource: 'validatingadmissionpolicies' };
  const rule = { apiGroups: ['x'], apiVersions: ['v1'], resources: ['y'], operations: ['CREATE'] };
  const policy = (attempt) => ({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: `many-${attempt}` },
    spec: {
      matchConstraints: { resourceRules: [rule] },
      validations: names(8_000).map((name) => ({ expression: `object.metadata.name != "${name}-${attempt}"` })),
    },
  });
  assert.equal(await undisturbed((attempt) => team.create(policies, policy(attempt))), undefined);
});

test('a table of 3,000 columns and 100 rows is shown, and nobody waits for it', async () => {
  const made = definition({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
  const columns = names(3_000).map((name) => ({ name, type: 'string', jsonPath: `.spec.${name}` }));
  made.spec.versions[0].additionalPrinterColumns = columns;
  await team.create(CRDS, made);
  await served(team, made);
  const { group } = made.spec;
  for (const name of names(100)) {
    const x = { apiVersion: `${group}/v1`, kind: 'X', metadata: { name, namespace: 'default' }, spec: { p0: name } };
    await team.create({ group, version: 'v1', resource: 'xs' }, x);
  }
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  // What was made for a row is kept with the object, so only the first attempt has all to do.
  const read = () => team.read(`/apis/${group}/v1/xs`, table);
  assert.equal(await undisturbed(read), undefined);
  assert.equal(JSON.parse(String(await read())).rows[0].cells[1], 'p0');
});

// Definitions and objects that are made to take long: each gets upstream's answer at once, and nobody else waits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CRDS, definition, served, undisturbed } from './large-work.mjs';
import { tenantUnderTest } from './tenant-under-test.mjs';

const POLICIES = 'validatingadmissionpolicies';
const admission = (resource) => ({ group: 'admissionregistration.k8s.io', version: 'v1', resource });
const team = await tenantUnderTest();

const pattern = (text) => ({ type: 'object', properties: { a: { type: 'string', pattern: text } } });
const strings = { type: 'object', properties: { l: { type: 'array', items: { type: 'string' } } } };
const ruled = (rule) => ({ ...strings, 'x-kubernetes-validations': [{ rule }] });
const nested = (levels) => `${'[1,2,3,4,5,6,7,8,9].map(a,'.repeat(levels)}a${')'.repeat(levels)}.size() > 0`;

for (const [what, schema, message] of [
  ['a repetition of repetitions', pattern('(a{1,1000}){1,1000}'), /must be a valid regular expression/],
  ['a pattern of 500 KB', pattern('(a|b)'.repeat(100_000)), /must be a valid regular expression/],
  ['a pattern nested 20,000 deep', pattern(`${'('.repeat(20_000)}a${')'.repeat(20_000)}`), /regular expression/],
  ['loops in loops over lists without a limit', ruled('self.l.all(a, self.l.all(b, self.l.all(c, a != b)))'), /budget/],
  ['macros that multiply', ruled(nested(12)), /budget/],
  ['macros nested 500 deep', ruled(nested(500)), /expression/i],
  ['parentheses nested 100,000 deep', ruled(`${'('.repeat(100_000)}true${')'.repeat(100_000)}`), /Invalid value/],
  ['20,000 alternatives', ruled(Array(20_000).fill('self.l.size() > 1').join(' || ')), /Invalid value/],
  ['a rule of 1 MB', ruled(`"${'x'.repeat(1_000_000)}" == "y"`), /Invalid value/],
]) {
  test(`a definition with ${what} is refused, and nobody waits for it`, async () => {
    const error = await undisturbed(() => team.create(CRDS, definition(schema)));
    assert.equal(error?.status?.code, 422, String(error));
    assert.match(error.message, message);
  });
}

test('a schema nested 500 deep is refused before anybody follows it', async () => {
  let schema = { type: 'string' };
  for (let level = 0; level < 500; level++) schema = { type: 'object', properties: { a: schema } };
  const error = await undisturbed(() => team.create(CRDS, definition(schema)));
  assert.equal(error?.status?.code, 400, String(error));
});

test('a pattern that would take a backtracking engine years takes none', async () => {
  const made = definition(pattern('^(a+)+$'));
  await team.create(CRDS, made);
  await served(team, made);
  const xs = { group: made.spec.group, version: 'v1', resource: 'xs' };
  const object = (a, attempt) => ({
    apiVersion: `${made.spec.group}/v1`,
    kind: 'X',
    metadata: { name: `x-${attempt}`, namespace: 'default' },
    spec: { a },
  });
  const error = await undisturbed((attempt) => team.create(xs, object(`${'a'.repeat(100_000)}!`, attempt)));
  assert.equal(error?.status?.code, 422, String(error));
  assert.equal(await undisturbed((attempt) => team.create(xs, object('a'.repeat(100_000), attempt))), undefined);
});

const some = (count, one) => Array.from({ length: count }, (_, i) => one(i));
const props = (count, one) => ({
  type: 'object',
  properties: Object.fromEntries(some(count, (i) => [`f${i}`, one(i)])),
});
const merge = (metadata) => ({ type: 'merge', value: { metadata } });
const text = () => ({ type: 'string' });
const rules = (count) => ({
  ...props(1, () => ({ type: 'integer' })),
  'x-kubernetes-validations': some(count, (i) => ({ rule: `self.f0 != ${i}` })),
});
const ruledText = (i) => ({ type: 'string', maxLength: 9, 'x-kubernetes-validations': [{ rule: `self != '${i}'` }] });

for (const [what, spec] of [
  ['1,000 rules', rules(1_000)],
  ['10,000 rules', rules(10_000)],
  ['rules in 5,000 places', props(5_000, ruledText)],
  ['40,000 properties', props(40_000, text)],
  ['40,000 properties in 200 places', props(200, () => props(200, text))],
  ['20,000 defaults', props(20_000, () => ({ type: 'string', default: 'a' }))],
  ['an object of 1 MB', { type: 'object', description: 'x'.repeat(1_000_000) }],
]) {
  test(`a definition with ${what} is served, and nobody waits for it`, async () => {
    let made;
    const madeAndServed = async () => {
      made = definition(spec);
      await team.create(CRDS, made, { dryRun: true });
      await team.create(CRDS, made);
      await served(team, made);
    };
    assert.equal(await undisturbed(madeAndServed), undefined);
    const { name } = made.metadata;
    const xs = { group: made.spec.group, version: 'v1', resource: 'xs' };
    const at = (attempt) => ({ ...made, metadata: { name, annotations: { attempt: `${attempt}` } } });
    const x = (attempt) => ({
      apiVersion: `${made.spec.group}/v1`,
      kind: 'X',
      metadata: { name: `x-${attempt}`, namespace: 'default' },
    });
    for (const change of [
      (attempt) => team.patch(CRDS, { name }, merge({ labels: { attempt: `${attempt}` } })),
      (attempt) => team.apply(CRDS, at(attempt), { fieldManager: 'me', force: true }),
      // Documents are kept for what they are made of, so each attempt has to change something.
      async (attempt) => {
        const changed = await team.get(CRDS, { name });
        changed.spec.versions[0].schema.openAPIV3Schema.description = `changed ${attempt}`;
        await team.update(CRDS, changed);
        await team.create(xs, x(attempt));
        await team.read(`/openapi/v3/apis/${made.spec.group}/v1`, 'application/json');
        await team.read('/openapi/v2', 'application/json');
      },
    ]) {
      assert.equal(await undisturbed(change), undefined);
    }
    await team.delete(CRDS, { name });
  });
}

test('a policy that would never end is stopped by its budget, and its failurePolicy decides', async () => {
  const hundred = `[${Array.from({ length: 100 }, (_, i) => i).join(',')}]`;
  const loops = `${hundred}.all(a, ${hundred}.all(b, ${hundred}.all(c, ${hundred}.all(d, a + b + c + d >= 0))))`;
  await team.create(admission(POLICIES), {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'endless' },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] }],
      },
      validations: [{ expression: loops }],
    },
  });
  await team.create(admission('validatingadmissionpolicybindings'), {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'endless' },
    spec: { policyName: 'endless', validationActions: ['Deny'] },
  });
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'default' } };
  const error = await undisturbed(() => team.create({ group: '', version: 'v1', resource: 'configmaps' }, configMap));
  assert.match(String(error?.message), /cost limit|budget/, String(error));
});

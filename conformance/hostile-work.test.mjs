// Definitions and objects that are made to take long: each gets upstream's answer at once, and nobody else waits.
import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { after, before, test } from 'node:test';
import { startKcp } from 'kcp';

/** Far above what is measured (25 ms) for a slow machine, far below what exponential work would take. */
const STALL_MS_MAX = 250;
const CRDS = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };
const POLICIES = 'validatingadmissionpolicies';
const admission = (resource) => ({ group: 'admissionregistration.k8s.io', version: 'v1', resource });
let kcp;
let team;
let groups = 0;

before(async () => {
  kcp = await startKcp({ storage: 'memory' });
  team = kcp.cluster('team-a');
  await team.create(CRDS, definition({ type: 'object' }));
});
after(() => kcp.stop());

function definition(spec) {
  const group = `g${groups++}.dev`;
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `xs.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'xs', singular: 'x', kind: 'X', listKind: 'XList' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}

/** Waits until objects of a definition can be made. */
async function served({ metadata: { name } }) {
  const isEstablished = ({ type, status }) => type === 'Established' && status === 'True';
  for await (const { object } of team.watchOnce(CRDS, { fieldSelector: `metadata.name=${name}` })) {
    if (object.status?.conditions?.some(isEstablished)) return;
  }
}

/** Runs something and watches how late the event loop gets; resolves with the error, if there was one. */
async function undisturbed(work) {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  const error = await work().then(
    () => undefined,
    (reason) => reason,
  );
  await new Promise((resolve) => setTimeout(resolve, 5));
  clearInterval(timer);
  assert.ok(longest < STALL_MS_MAX, `the event loop stood still for ${longest} ms`);
  return error;
}

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
  test(`a definition with ${what} is refused at once`, async () => {
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
  await served(made);
  const xs = { group: made.spec.group, version: 'v1', resource: 'xs' };
  const object = (a) => ({
    apiVersion: `${made.spec.group}/v1`,
    kind: 'X',
    metadata: { name: 'x', namespace: 'default' },
    spec: { a },
  });
  const error = await undisturbed(() => team.create(xs, object(`${'a'.repeat(100_000)}!`)));
  assert.equal(error?.status?.code, 422, String(error));
  assert.equal(await undisturbed(() => team.create(xs, object('a'.repeat(100_000)))), undefined);
});

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

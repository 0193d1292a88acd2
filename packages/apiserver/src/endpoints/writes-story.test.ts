import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { type Answer, SmallServer } from '../testing/small-server.fixture.js';

// Codes, reasons and texts are those of a kube-apiserver 1.36.0 that got the same requests.
const MAPS = '/api/v1/namespaces/default/configmaps';
const ONE = `${MAPS}/one`;
const MERGE = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';
const IMMUTABLE = 'field is immutable';
let server: SmallServer;

before(async () => {
  server = await SmallServer.start();
  const metadata = { name: 'one', labels: { a: 'b' } };
  assert.equal((await server.call('POST', MAPS, { metadata, data: { a: '1' } })).code, 201);
});
after(() => server.close());

const merge = (patch: JsonObject | string, query = ''): Promise<Answer> =>
  server.call('PATCH', ONE + query, patch, MERGE);

function told({ code, body }: Answer): readonly unknown[] {
  return [code, body.reason, body.message];
}

function causes({ body }: Answer): readonly JsonObject[] {
  const { details } = body;
  const found = typeof details === 'object' && details !== null && 'causes' in details ? details.causes : [];
  assert.ok(Array.isArray(found));
  return found.filter((cause): cause is JsonObject => typeof cause === 'object' && cause !== null);
}

test('what a patch makes of an object is 422 when it cannot be read', async () => {
  for (const [patch, why] of [
    [{ kind: 'Foo' }, 'no kind "Foo" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"'],
    [{ metadata: { labels: 5 } }, /cannot unmarshal number into Go struct field/],
    [{ metadata: { creationTimestamp: 'bad' } }, /^parsing time "bad"/],
  ] as const) {
    const answer = await merge(patch);
    const [code, reason, message] = told(answer);
    assert.deepEqual([code, reason], [422, 'Invalid']);
    assert.match(String(message), /^ "" is invalid: patch: Invalid value: "\{\\"apiVersion\\"/);
    const text = String(message).slice(String(message).lastIndexOf('}": ') + 4);
    if (typeof why === 'string') assert.equal(text, why);
    else assert.match(text, why);
  }
});

test('a uid in a patch cannot change; in a PUT it names the object that is meant', async () => {
  const answer = await merge({ metadata: { uid: 'x' } });
  assert.deepEqual([answer.code, causes(answer).length], [422, 2]);
  const put = await server.call('PUT', ONE, { metadata: { name: 'one', uid: 'x' } });
  assert.deepEqual([put.code, put.body.reason], [409, 'Conflict']);
  assert.match(String(put.body.message), /Key: \/registry\/configmaps\/default\/one, .*UID in precondition: x/);
});

test('an operation that nobody knows does not fit; one of a wrong type cannot be decoded', async () => {
  const unknown = await server.call('PATCH', ONE, [{ op: 'zap', path: '/data' }], JSON_PATCH);
  assert.deepEqual(told(unknown), [422, 'Invalid', 'the server rejected our request due to an error in our request']);
  const wrong = await server.call('PATCH', ONE, [{ op: 'add', path: 5 }], JSON_PATCH);
  assert.equal(wrong.code, 400);
  assert.match(String(wrong.body.message), /^error decoding patch: json: cannot unmarshal number/);
});

test('keys that stand twice in a patch are warned of, and refused when it is strict', async () => {
  const twice = '{"metadata":{"labels":{"a":"1","a":"2"}}}';
  assert.equal((await merge(twice, '?dryRun=All')).warning, '299 - "duplicate field \\"metadata.labels.a\\""');
  assert.equal((await merge(twice, '?fieldValidation=Strict')).code, 422);
});

test('the marks of a deletion cannot be written, and every judge of metadata names its faults', async () => {
  const put = (metadata: JsonObject): Promise<Answer> =>
    server.call('PUT', ONE, { metadata: { name: 'one', ...metadata }, data: { a: '1' } });
  const marked = await put({ deletionTimestamp: '2026-01-02T03:04:05Z' });
  assert.deepEqual([marked.code, causes(marked).length], [422, 2]);
  assert.match(String(marked.body.message), new RegExp(`metadata.deletionTimestamp: .*: ${IMMUTABLE}$`));
  assert.equal(causes(await put({ labels: { 'A B': 'x' } })).length, 4);
});

test('a resourceVersion that is no number is a fault of the server', async () => {
  const answer = await server.call('PUT', ONE, { metadata: { name: 'one', resourceVersion: 'abc' } });
  assert.deepEqual(told(answer), [500, undefined, 'strconv.ParseUint: parsing "abc": invalid syntax']);
});

test('a creation keeps a generation that nobody counts, and a dry run shows the version it was told', async () => {
  const metadata = { name: 'two', generation: 7, resourceVersion: '9' };
  const dry = await server.call('POST', `${MAPS}?dryRun=All`, { metadata });
  assert.deepEqual([dry.code, dry.body.metadata], [201, { ...(dry.body.metadata as JsonObject), ...metadata }]);
  const wet = await server.call('POST', MAPS, { metadata });
  assert.deepEqual(told(wet), [500, undefined, 'resourceVersion should not be set on objects to be created']);
});

test('who asks for a generated name hears that there was none, even with a name of his own', async () => {
  const { code, body } = await server.call('POST', MAPS, { metadata: { name: 'one', generateName: 'x-' } });
  assert.equal(code, 409);
  assert.match(
    String(body.message),
    /already exists, the server was not able to generate a unique name for the object$/,
  );
});

test('a namespace in an object that has none is passed over', async () => {
  const role = { metadata: { name: 'r', namespace: 'other' }, rules: [] };
  const { code, body } = await server.call('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', role);
  assert.deepEqual([code, body.rules], [201, null]);
});

test('a LimitRange without a name gets one', async () => {
  const { code } = await server.call('POST', '/api/v1/namespaces/default/limitranges', { spec: { limits: [] } });
  assert.equal(code, 201);
});

test('bodies of another kind are told in the words of the decoder', async () => {
  for (const [apiVersion, kind, why] of [
    ['v1', 'Secret', 'converting (v1.Secret) to (core.ConfigMap): unknown conversion'],
    ['v9', 'ConfigMap', 'no kind "ConfigMap" is registered for version "v9" in scheme "pkg/runtime/scheme.go:111"'],
  ]) {
    const { body } = await server.call('POST', MAPS, { apiVersion, kind, metadata: { name: 'x' } } as JsonObject);
    assert.equal(body.message, `${kind} in version "${apiVersion}" cannot be handled as a ConfigMap: ${why}`);
  }
});

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { SmallServer } from '../testing/small-server.fixture.js';

// Codes, reasons and texts are those of a kube-apiserver 1.36.0 that got the same requests.
const MAPS = '/api/v1/namespaces/default/configmaps';
let server: SmallServer;

before(async () => {
  server = await SmallServer.start();
  for (const name of ['a', 'b', 'c']) await server.call('POST', MAPS, { metadata: { name, labels: { set: 'x' } } });
});
after(() => server.close());

async function told(method: string, target: string, body?: JsonObject | string, type?: string) {
  const { code, body: answer } = await server.call(method, target, body, type);
  return [code, answer.reason, answer.message];
}

test('paths and methods that upstream has no route for', async () => {
  const gone = [404, 'NotFound', 'the server could not find the requested resource'];
  assert.deepEqual(await told('GET', '/api/v1/configmaps/a'), gone);
  assert.deepEqual(await told('GET', '/apis/authentication.k8s.io/v1/tokenreviews/x'), gone);
  assert.deepEqual(await told('POST', '/apis/authorization.k8s.io/v1/localsubjectaccessreviews', {}), gone);
  assert.equal((await told('HEAD', MAPS))[0], 405);
  const patched = await told('PATCH', `${MAPS}/a`, {});
  assert.deepEqual(patched, [415, 'UnsupportedMediaType', '415: Unsupported Media Type']);
});

test('options of a deletion are decoded like other bodies', async () => {
  const one = `${MAPS}/a`;
  assert.equal((await told('DELETE', one, '{}', 'text/plain'))[0], 415);
  assert.deepEqual(await told('DELETE', `${one}?gracePeriodSeconds=x`), [
    400,
    'BadRequest',
    'strconv.ParseInt: parsing "x": invalid syntax',
  ]);
  const foreign = await told('DELETE', one, { kind: 'Foo', apiVersion: 'v1' });
  assert.match(String(foreign[2]), /^no kind "Foo" is registered for version "v1"/);
});

test('what is wrong with a place to go on from, or a version', async () => {
  const list = (query: string): Promise<readonly unknown[]> => told('GET', `${MAPS}?${query}`);
  const frame = 'invalid continue token: continue key is not valid:';
  for (const [token, why] of [
    ['!!!', `${frame} illegal base64 data at input byte 0`],
    [encoded('{}'), `${frame} server does not recognize this encoded version `],
    [encoded('{"v":"meta.k8s.io/v1"}'), `${frame} incorrect encoded start resourceVersion (version meta.k8s.io/v1)`],
    [encoded('{"v":"meta.k8s.io/v1","rv":1}'), `${frame} encoded start key empty (version meta.k8s.io/v1)`],
  ]) {
    assert.deepEqual(await list(`limit=1&continue=${token}`), [400, 'BadRequest', why]);
  }
  const version = 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax';
  assert.deepEqual(await list('resourceVersion=abc'), [400, 'BadRequest', `invalid resource version: ${version}`]);
  assert.deepEqual(await told('GET', `${MAPS}/a?resourceVersion=abc`), [500, undefined, version]);
  assert.equal((await list('watch=1&continue=x'))[0], 422);
});

test('a list of whatever the cache has is whole, whatever the limit', async () => {
  const { body } = await server.call('GET', `${MAPS}?labelSelector=set&limit=2&resourceVersion=0`);
  assert.equal(Array.isArray(body.items) && body.items.length, 3);
});

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url');
}

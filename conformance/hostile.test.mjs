// Bad input of every kind: each is answered as upstream answers it, none with a 5xx, a crash or a hang.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { startKcp } from 'kcp';

const folder = mkdtempSync(join(tmpdir(), 'kcp-hostile-'));
const CMS = '/api/v1/namespaces/default/configmaps';
let server;
let credentials;

before(async () => {
  server = await startKcp({ storage: 'memory', directory: folder, listen: { host: '127.0.0.1', port: 0 } });
  const text = readFileSync(server.kubeconfigFile, 'utf8');
  const pem = (name) => Buffer.from(new RegExp(`${name}:\\s*"?([^"\\s]+)`).exec(text)[1], 'base64');
  credentials = {
    ca: pem('certificate-authority-data'),
    cert: pem('client-certificate-data'),
    key: pem('client-key-data'),
  };
  await send('POST', '/api/v1/namespaces', { body: '{"metadata":{"name":"seed"}}' });
});
after(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

function send(method, path, { body, headers = {}, ...more } = {}) {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const request = https.request(
      {
        method,
        host: hostname,
        port,
        path,
        servername: 'localhost',
        ...credentials,
        ...more,
        headers: { 'content-type': 'application/json', ...headers },
      },
      (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('end', () =>
          resolve({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(parts).toString() }),
        );
      },
    );
    request.setTimeout(10_000, () => request.destroy(new Error('no answer in 10 s')));
    request.on('error', reject);
    request.end(body);
  });
}

const status = (answer) => JSON.parse(answer.text);
const named = (name, rest) => `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"}${rest}}`;

test('bodies that are no JSON are 400', async () => {
  for (const body of [
    '{',
    '',
    '[]',
    '"x"',
    named('x', ',"data":{"a":'),
    '\u0000',
    '{"metadata":{"name":1}}',
    '{"metadata":[]}',
    '{"kind":5}',
  ]) {
    const answer = await send('POST', CMS, { body });
    assert.equal(answer.status, 400, `${body} → ${answer.text}`);
    assert.equal(status(answer).reason, 'BadRequest');
  }
});

test('nesting of 100,000 levels is refused in every kind of body', async () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  for (const [method, path, type] of [
    ['POST', CMS, 'application/json'],
    ['POST', CMS, 'application/yaml'],
    ['PATCH', `${CMS}/x`, 'application/merge-patch+json'],
    ['PATCH', `${CMS}/x?fieldManager=m`, 'application/apply-patch+yaml'],
    ['DELETE', `${CMS}/x`, 'application/json'],
  ]) {
    const answer = await send(method, path, { body: named('x', `,"data":${deep}`), headers: { 'content-type': type } });
    assert.ok([400, 404].includes(answer.status), `${method} ${type}: ${answer.status}`);
  }
});

test('more than 3 MiB is 413', async () => {
  const answer = await send('POST', CMS, { body: named('big', `,"data":{"a":"${'x'.repeat(3 << 20)}"}`) });
  assert.equal(answer.status, 413);
  assert.match(answer.text, /limit is 3145728/);
});

test('duplicate keys warn, or are refused when strict', async () => {
  const body = named('twice', ',"data":{"a":"1","a":"2"}');
  const strict = await send('POST', `${CMS}?fieldValidation=Strict`, { body });
  assert.equal(strict.status, 400);
  assert.match(status(strict).message, /strict decoding error: duplicate field "data.a"/);
  const lax = await send('POST', CMS, { body });
  assert.equal(lax.status, 201);
  assert.match(lax.headers.warning, /duplicate field/);
  assert.deepEqual(status(lax).data, { a: '2' });
});

test('__proto__ and its like are keys as any other', async () => {
  const answer = await send('POST', CMS, {
    body: named('proto', ',"data":{"__proto__":"p","constructor":"c","toString":"t"}'),
  });
  assert.equal(answer.status, 201);
  const got = await send('GET', `${CMS}/proto`);
  assert.match(got.text, /"__proto__":"p"/);
  const patched = await send('PATCH', `${CMS}/proto`, {
    body: '{"data":{"__proto__":"q"},"__proto__":{"x":1}}',
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  assert.equal(patched.status, 200);
  assert.match(patched.text, /"__proto__":"q"/);
  assert.equal({}.x, undefined);
});

test('invalid UTF-8 does no harm', async () => {
  const body = Buffer.concat([
    Buffer.from(named('utf8', ',"data":{"a":"').slice(0, -1)),
    Buffer.from([0xff, 0xfe, 0xc0]),
    Buffer.from('"}}'),
  ]);
  const answer = await send('POST', CMS, { body });
  assert.ok(answer.status < 500, answer.text);
});

test('a YAML alias bomb is refused', async () => {
  const lines = ['a0: &a0 [x,x,x,x,x,x,x,x,x,x]'];
  for (let i = 1; i < 12; i++)
    lines.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(',')}]`,
    );
  const answer = await send('POST', CMS, { body: lines.join('\n'), headers: { 'content-type': 'application/yaml' } });
  assert.equal(answer.status, 400);
});

test('unknown media types are 415 and 406', async () => {
  assert.equal((await send('POST', CMS, { body: '<a/>', headers: { 'content-type': 'application/xml' } })).status, 415);
  assert.equal((await send('GET', CMS, { headers: { accept: 'application/xml' } })).status, 406);
  assert.equal(
    (await send('PATCH', `${CMS}/x`, { body: '{}', headers: { 'content-type': 'text/plain' } })).status,
    415,
  );
});

test('protobuf garbage is 400', async () => {
  for (const body of [
    Buffer.from('garbage'),
    Buffer.from('k8s\u0000garbage'),
    Buffer.concat([Buffer.from('k8s\u0000'), Buffer.alloc(64, 0xff)]),
  ]) {
    const answer = await send('POST', CMS, {
      body,
      headers: { 'content-type': 'application/vnd.kubernetes.protobuf' },
    });
    assert.equal(answer.status, 400, answer.text);
  }
});

test('absurd query parameters are 4xx or have no effect', async () => {
  for (const query of [
    'limit=x',
    'limit=-1',
    'limit=99999999999999999999',
    'continue=%00',
    'resourceVersion=-1',
    'resourceVersion=1e9',
    'labelSelector=((',
    `labelSelector=${'a,'.repeat(5_000)}`,
    'fieldSelector=%ff',
    'timeoutSeconds=abc',
    'watch=banana&timeoutSeconds=1',
    'timeout=forever',
    '%',
    '&&&=',
    `x=${'y'.repeat(10_000)}`,
  ]) {
    const answer = await send('GET', `${CMS}?${query}`);
    assert.ok(answer.status < 500, `${query}: ${answer.status} ${answer.text.slice(0, 200)}`);
  }
});

test('strange paths name nothing', async () => {
  for (const path of [
    '/api/v1/namespaces/../configmaps',
    '/api/v1/namespaces/default/configmaps/..',
    '/api/v1/namespaces/default/configmaps/a%2fb',
    '/api/v1/namespaces/default/configmaps/%00',
    '/api/v1/namespaces/default/configmaps/%',
    '/api//v1',
    '/clusters/NO!/api/v1',
    '/clusters/a/api/v1/namespaces',
    '/clusters/customresources/api/v1/namespaces',
    '/clusters//api',
    '/clusters/x',
    `/clusters/${'a'.repeat(200)}/api`,
    '/apis/x/y/z/a/b/c/d/e',
    '/%c0%af',
  ]) {
    const answer = await send('GET', path);
    assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status} ${answer.text.slice(0, 200)}`);
  }
});

test('a client without credentials gets 403, one with bad ones 401', async () => {
  const none = { cert: undefined, key: undefined };
  const anonymous = await send('GET', CMS, none);
  assert.equal(anonymous.status, 403);
  assert.match(
    status(anonymous).message,
    /User "system:anonymous" cannot list resource "configmaps" in API group "" in the namespace "default"/,
  );
  assert.equal((await send('POST', CMS, { ...none, body: 'x'.repeat(100) })).status, 403);
  assert.equal((await send('GET', CMS, { ...none, headers: { authorization: 'Bearer nonsense' } })).status, 401);
  assert.equal((await send('GET', '/readyz', none)).text, 'ok');
});

test('a connection that says nothing sensible harms nobody', async () => {
  const { hostname, port } = new URL(server.url);
  const socket = tls.connect({ host: hostname, port, servername: 'localhost', ...credentials, ALPNProtocols: ['h2'] });
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  socket.on('error', () => {});
  socket.resume();
  socket.write('this is not HTTP/2\r\n\r\n');
  await new Promise((resolve) => socket.once('close', resolve));
  assert.equal((await send('GET', '/readyz')).text, 'ok');
});

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import { readObject, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { ADMIN, startWithTokens, type TokenServer } from '../testing/token-server.fixture.js';
import type { WireClient } from '../testing/wire-client.fixture.js';

const ACCOUNTS = '/api/v1/namespaces/default/serviceaccounts';
const REVIEW = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const USERS = 40;

describe('credentials in the wrong hands', () => {
  let server: TokenServer;
  let client: WireClient;

  before(async () => {
    const users = Array.from({ length: USERS }, (_, i) => `token-${i},user-${i},${i},"group-${i}"`);
    server = await startWithTokens(users);
    client = server.client;
  });
  after(() => server.stop());

  const send: WireClient['send'] = (...request) => client.send(...request);

  async function accountToken(name: string, cluster = '', spec: JsonObject = {}): Promise<string> {
    await send('POST', `${cluster}${ACCOUNTS}`, ADMIN, { metadata: { name } });
    const { code, body } = await send('POST', `${cluster}${ACCOUNTS}/${name}/token`, ADMIN, { spec });
    assert.equal(code, 201, JSON.stringify(body));
    return readString(readObject(body, 'status') ?? {}, 'token');
  }

  const who = (token: string, cluster = '') => send('POST', `${cluster}${REVIEW}`, token, {});

  test('a token of one tenant opens nothing of another, by no path and no header', async () => {
    const token = await accountToken('robot', '/clusters/tenant-a');
    assert.equal((await who(token, '/clusters/tenant-a')).code, 201);
    for (const elsewhere of ['', '/clusters/tenant-b', '/clusters/root', '/clusters/system', '/clusters/*']) {
      assert.equal((await who(token, elsewhere)).code, 401, elsewhere);
    }
    const inHeader = await send('POST', REVIEW, token, {}, { 'x-kubernetes-cluster': 'tenant-b' });
    assert.equal(inHeader.code, 401);
    assert.equal((await send('GET', '/clusters/*/api/v1/secrets', token)).code, 401);
    assert.equal((await send('GET', '/clusters/*/api/v1/secrets?watch=1', token)).code, 401);
  });

  test('a token for somebody else, cut, doubled or taken apart opens nothing', async () => {
    const token = await accountToken('parts');
    const [head = '', payload = '', signature = ''] = token.split('.');
    const swapped = await accountToken('parts', '', { audiences: ['elsewhere'] });
    const other = (await accountToken('other')).split('.');
    for (const bad of [
      swapped,
      `${head}.${payload}.`,
      `${head}.${payload}`,
      `${head}.${other[1]}.${signature}`,
      `${token}.${signature}`,
      `${token}AA`,
      `{"payload":"${payload}"}`,
      'x'.repeat(40_000),
    ]) {
      assert.equal((await who(bad)).code, 401, bad.slice(0, 20));
    }
    assert.equal((await who(token)).code, 201);
  });

  test('a token ends with its account, at once and for good', async () => {
    const token = await accountToken('mayfly');
    assert.equal((await who(token)).code, 201);
    await send('DELETE', `${ACCOUNTS}/mayfly`, ADMIN);
    assert.equal((await who(token)).code, 401);
    await send('POST', ACCOUNTS, ADMIN, { metadata: { name: 'mayfly' } });
    assert.equal((await who(token)).code, 401);
  });

  test('CVE-2026-39429: without credentials nothing is served but health and version', async () => {
    const { body } = await send('GET', '/', ADMIN);
    const paths = [
      ...readStrings(body, 'paths'),
      '/api/v1/secrets',
      '/clusters/root/api/v1/secrets',
      '/services/cache',
      '/debug/pprof',
    ];
    const open: string[] = [];
    for (const path of paths) if ((await send('GET', path, '')).code < 400) open.push(path);
    const rest = open.filter((path) => !/^\/(healthz|livez|readyz|version)(\/|$)/.test(path));
    assert.deepEqual(rest, []);
    assert.ok(paths.length > 20);
  });

  test('kcp e77fdbee4: tenants do not see the metrics of the server', async () => {
    assert.equal((await send('GET', '/metrics', 'token-1')).code, 403);
    assert.equal((await send('GET', '/clusters/tenant-a/metrics', 'token-1')).code, 403);
    assert.equal((await send('GET', '/metrics', await accountToken('curious'))).code, 403);
  });

  test('kcp 3cc86c621: many users on one connection are never taken for each other', async () => {
    const soak = Array.from({ length: 1_000 }, async (_, i) => {
      const at = i % USERS;
      const { body } = await who(`token-${at}`);
      const user = readObject(readObject(body, 'status') ?? {}, 'userInfo') ?? {};
      assert.equal(user.username, `user-${at}`);
      assert.deepEqual(user.groups, [`group-${at}`, 'system:authenticated']);
    });
    await Promise.all(soak);
  });

  test('the keys of tokens are shown to service accounts and to nobody else', async () => {
    const token = await accountToken('reader');
    const { code, body } = await send('GET', '/openid/v1/jwks', token);
    assert.equal(code, 200);
    const [key = {}] = Array.isArray(body.keys) ? body.keys.filter(isObject) : [];
    assert.deepEqual(Object.keys(key), ['use', 'kty', 'crv', 'x', 'y', 'kid', 'alg']);
    const { body: document } = await send('GET', '/.well-known/openid-configuration', token);
    assert.equal(document.issuer, 'https://kubernetes.default.svc');
    assert.deepEqual(document.id_token_signing_alg_values_supported, ['ES256']);
    assert.match(String(document.jwks_uri), /^https:\/\/127\.0\.0\.1:\d+\/openid\/v1\/jwks$/);
    assert.equal((await send('GET', '/openid/v1/jwks', 'token-1')).code, 403);
  });
});

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readObject, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { SmallServer } from '../../testing/small-server.fixture.js';
import { makeJwt, parseJwt } from '../jwt/jwt.js';
import { AccountKeys } from './account-keys.js';
import { TokenIssuer } from './token-issuer.js';

const NAMESPACE = '/api/v1/namespaces/default';
const REVIEWS = '/apis/authentication.k8s.io/v1/tokenreviews';

describe('the tokens of service accounts', () => {
  let server: SmallServer;

  before(async () => {
    server = await SmallServer.start();
  });
  after(() => server.close());

  async function account(name: string): Promise<void> {
    const { code } = await server.call('POST', `${NAMESPACE}/serviceaccounts`, { metadata: { name } });
    assert.equal(code, 201);
  }

  async function request(name: string, spec: JsonObject = {}): Promise<JsonObject> {
    const { code, body } = await server.call('POST', `${NAMESPACE}/serviceaccounts/${name}/token`, { spec });
    assert.equal(code, 201, JSON.stringify(body));
    return body;
  }

  async function tokenOf(name: string, spec: JsonObject = {}): Promise<string> {
    return readString(readObject(await request(name, spec), 'status') ?? {}, 'token');
  }

  async function review(token: string, path = REVIEWS, audiences: string[] = []): Promise<JsonObject> {
    const { code, body } = await server.call('POST', path, { spec: { token, audiences } });
    assert.equal(code, 201, JSON.stringify(body));
    return readObject(body, 'status') ?? {};
  }

  test('carry the claims of upstream and the logical cluster', async () => {
    await account('robot');
    const body = await request('robot', { expirationSeconds: 900 });
    const claims = parseJwt(readString(readObject(body, 'status') ?? {}, 'token'))?.claims ?? {};
    const own = readObject(claims, 'kubernetes.io') ?? {};
    assert.equal(claims.sub, 'system:serviceaccount:default:robot');
    assert.deepEqual(claims.aud, ['https://kubernetes.default.svc']);
    assert.equal(claims.iss, 'https://kubernetes.default.svc');
    assert.equal(Number(claims.exp) - Number(claims.iat), 900);
    assert.equal(claims.nbf, claims.iat);
    assert.equal(own.namespace, 'default');
    assert.equal(own.clusterName, 'root');
    assert.equal(readString(readObject(own, 'serviceaccount') ?? {}, 'name'), 'robot');
    const status = await review(readString(readObject(body, 'status') ?? {}, 'token'));
    const user = readObject(status, 'user') ?? {};
    const extra = readObject(user, 'extra') ?? {};
    assert.deepEqual(readStrings(extra, 'authentication.kubernetes.io/credential-id'), [`JTI=${claims.jti}`]);
  });

  test('are good in their own logical cluster alone', async () => {
    const token = await tokenOf('robot');
    assert.equal((await review(token)).authenticated, true);
    const elsewhere = await review(token, `/clusters/other${REVIEWS}`);
    assert.equal(elsewhere.authenticated, undefined);
    assert.equal(elsewhere.error, 'service account token belongs to another logical cluster');
  });

  test('are good for their audiences alone', async () => {
    const token = await tokenOf('robot', { audiences: ['vault'] });
    const here = await review(token);
    assert.equal(
      here.error,
      'token audiences ["vault"] is invalid for the target audiences ["https://kubernetes.default.svc"]',
    );
    assert.deepEqual((await review(token, REVIEWS, ['vault', 'x'])).audiences, ['vault']);
  });

  test('end with the object that they are bound to, and with their account, at once', async () => {
    await account('brief');
    await server.call('POST', `${NAMESPACE}/secrets`, { metadata: { name: 'key' } });
    const bound = await tokenOf('brief', { boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name: 'key' } });
    const free = await tokenOf('brief');
    assert.equal((await review(bound)).authenticated, true);
    await server.call('DELETE', `${NAMESPACE}/secrets/key`);
    assert.equal((await review(bound)).error, 'service account token has been invalidated');
    assert.equal((await review(free)).authenticated, true);
    await server.call('DELETE', `${NAMESPACE}/serviceaccounts/brief`);
    assert.equal((await review(free)).error, 'serviceaccounts "brief" not found');
    await account('brief');
    assert.match(String((await review(free)).error), /^service account UID \(.+\) does not match claim \(.+\)$/);
  });

  test('cannot be bound to what is not there or to what nothing is bound to', async () => {
    const refused = async (boundObjectRef: JsonObject) => {
      const answer = await server.call('POST', `${NAMESPACE}/serviceaccounts/robot/token`, {
        spec: { boundObjectRef },
      });
      return `${answer.code} ${answer.body.message}`;
    };
    assert.equal(await refused({ apiVersion: 'v1', kind: 'Pod', name: 'p' }), '404 pods "p" not found');
    assert.equal(
      await refused({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }),
      '400 cannot bind token to object of type apps/v1, Kind=Deployment',
    );
  });

  test('live in Secrets as long as the Secret holds them', async () => {
    const identity = server.accounts;
    const { body } = await server.call('GET', `${NAMESPACE}/serviceaccounts/robot`);
    const uid = readString(readObject(body, 'metadata') ?? {}, 'uid');
    const names = {
      cluster: server.cluster,
      namespace: 'default',
      account: { name: 'robot', uid },
      secretName: 'kept',
    };
    const token = identity.issuer.legacyToken(names);
    assert.equal((await review(token)).error, 'Token has been invalidated');
    const metadata = { name: 'kept', annotations: { 'kubernetes.io/service-account.name': 'robot' } };
    const type = 'kubernetes.io/service-account-token';
    await server.call('POST', `${NAMESPACE}/secrets`, { metadata, type, stringData: { token } });
    assert.equal((await review(token)).authenticated, true);
    assert.deepEqual((await review(token)).audiences, ['https://kubernetes.default.svc']);
    await server.call('PUT', `${NAMESPACE}/secrets/kept`, { metadata, type, stringData: { token: 'another' } });
    assert.equal((await review(token)).error, "Token does not match server's copy");
  });

  test('of another key, without a signature or with a changed one are none', async () => {
    const token = await tokenOf('robot');
    const claims = parseJwt(token)?.claims ?? {};
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const forged = makeJwt('ES256', server.accounts.keys.signing.id, privateKey, claims);
    assert.match(String((await review(forged)).error), /error in cryptographic primitive/);
    assert.match(String((await review(makeJwt('ES256', 'other', privateKey, claims))).error), /no keys found/);
    const payload = token.split('.')[1] ?? '';
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.AA`;
    assert.equal((await review(none)).error, 'invalid bearer token');
    const secret = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${payload}.AA`;
    assert.equal((await review(secret)).error, 'invalid bearer token');
  });
});

describe('the keys of service-account tokens', () => {
  const pem = (): string =>
    generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();

  test('rotate: tokens of the former key are good while it is among those that check', () => {
    const [former, current] = [pem(), pem()];
    const old = new AccountKeys(former);
    const both = new AccountKeys(current, [former]);
    const token = new TokenIssuer('https://i', old).legacyToken({
      cluster: 'root' as never,
      namespace: 'n',
      account: { name: 'a', uid: '1' },
      secretName: 's',
    });
    assert.deepEqual(both.withId(parseJwt(token)?.keyId), old.all);
    assert.equal(both.all.length, 2);
    assert.notEqual(both.signing.id, old.signing.id);
  });

  test('take RSA and the curves that upstream takes', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const keys = new AccountKeys(rsa.export({ type: 'pkcs1', format: 'pem' }).toString());
    assert.equal(keys.signing.algorithm, 'RS256');
    assert.throws(() => new AccountKeys('nothing'), { name: 'AccountKeyError' });
  });
});

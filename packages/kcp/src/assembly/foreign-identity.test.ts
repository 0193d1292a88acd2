import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseJson } from '@kcp/apimachinery/json/parse';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { makeJwt } from '@kcp/apiserver/authn/jwt/jwt';
import { type RunningServer, startServer } from '../assemble.js';
import { DEFAULT_CONFIG } from '../config/server-config.js';
import { Authority } from '../testing/authority.fixture.js';

const SILENT = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };
const REVIEW = '/apis/authentication.k8s.io/v1/selfsubjectreviews';

/** Somebody else's https server that answers JSON. */
class Service {
  readonly authority = new Authority('outside');
  readonly #server: Server;
  asked = 0;

  constructor(answer: (path: string, body: JsonObject) => JsonObject | undefined) {
    const { certificate, key } = this.authority.server();
    this.#server = createServer({ cert: certificate, key }, (incoming, response) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => {
        this.asked++;
        const text = Buffer.concat(parts).toString('utf8');
        const value = text === '' ? {} : parseJson(text).value;
        const found = answer(incoming.url ?? '', isObject(value) ? value : {});
        response.writeHead(found === undefined ? 503 : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(found ?? {}));
      });
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  kubeconfig(): string {
    const ca = Buffer.from(this.authority.pair.certificate).toString('base64');
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'c',
      clusters: [{ name: 'c', cluster: { server: `${this.url}/review`, 'certificate-authority-data': ca } }],
      users: [],
      contexts: [{ name: 'c', context: { cluster: 'c', user: '' } }],
    });
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

describe('users of others', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kcp-foreign-'));
  const configFile = join(folder, 'authentication.yaml');
  const keys = new Map<string, KeyObject>();
  const issuer = new Service((path) => {
    if (path.endsWith('openid-configuration')) return { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` };
    const entries = [...keys].map(([kid, key]) => ({
      ...createPublicKey(key).export({ format: 'jwk' }),
      kid,
      use: 'sig',
    }));
    return { keys: entries.map((entry) => ({ ...entry })) as JsonObject[] };
  });
  const reviewer = new Service((_path, body) => {
    const token = readString(readObject(body, 'spec') ?? {}, 'token');
    const user = { username: 'wendy', groups: ['hooked'] };
    return {
      kind: 'TokenReview',
      status: token === 'opaque' ? { authenticated: true, user } : { authenticated: false },
    };
  });
  const judge = new Service((_path, body) => {
    const spec = readObject(body, 'spec') ?? {};
    const { verb } = readObject(spec, 'resourceAttributes') ?? {};
    return { kind: 'SubjectAccessReview', status: { allowed: spec.user === 'wendy' && verb === 'list' } };
  });
  let server: RunningServer;

  const configuration = (more: string) => `
apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
anonymous: {enabled: true, conditions: [{path: /livez}]}
jwt:
- issuer:
    url: ${issuer.url}
    audiences: [kcp]
    certificateAuthority: ${JSON.stringify(issuer.authority.pair.certificate)}
  claimValidationRules:
  - expression: 'claims.hd == "example.com"'
    message: other domain
  claimMappings:
    username: {expression: '"oidc:" + claims.sub'}
    groups: {expression: 'claims.roles.split(",")'}
    extra: [{key: example.com/tenant, valueExpression: claims.tenant}]
  userValidationRules:
  - expression: "!user.username.startsWith('oidc:evil')"
${more}`;

  before(async () => {
    await Promise.all([issuer.start(), reviewer.start(), judge.start()]);
    keys.set('one', generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey);
    writeFileSync(configFile, configuration(''));
    writeFileSync(join(folder, 'tokens.yaml'), reviewer.kubeconfig());
    writeFileSync(join(folder, 'judge.yaml'), judge.kubeconfig());
    server = await startServer(
      {
        ...DEFAULT_CONFIG,
        listen: { host: '127.0.0.1', port: 0 },
        rootDirectory: folder,
        inMemory: true,
        authentication: {
          ...DEFAULT_CONFIG.authentication,
          configFile,
          tokenWebhook: { file: join(folder, 'tokens.yaml'), cacheMs: 60_000 },
        },
        authorization: {
          webhook: { file: join(folder, 'judge.yaml'), allowedMs: 60_000, refusedMs: 60_000 },
          beforeRbac: false,
        },
      },
      SILENT,
    );
  });
  after(async () => {
    await server.stop();
    await Promise.all([issuer.close(), reviewer.close(), judge.close()]);
    rmSync(folder, { recursive: true });
  });

  function token(claims: JsonObject, kid = 'one'): string {
    const now = Math.floor(Date.now() / 1_000);
    const usual = {
      iss: issuer.url,
      aud: 'kcp',
      exp: now + 600,
      hd: 'example.com',
      sub: 'ann',
      roles: 'crew,staff',
      tenant: 't1',
    };
    const key = keys.get(kid);
    assert.ok(key !== undefined);
    return makeJwt('ES256', kid, key, { ...usual, ...claims });
  }

  const whoIs = (bearer: string) => ask(server.port, 'POST', REVIEW, bearer, '{}');
  const codeOf = async (claims: JsonObject) => (await whoIs(token(claims))).code;

  test('come in by a token of their issuer, named as the rules say', async () => {
    const { code, body } = await whoIs(token({}));
    assert.equal(code, 201, JSON.stringify(body));
    const user = readObject(readObject(body, 'status') ?? {}, 'userInfo');
    assert.deepEqual(user, {
      username: 'oidc:ann',
      groups: ['crew', 'staff', 'system:authenticated'],
      extra: { 'example.com/tenant': ['t1'] },
    });
    const before = issuer.asked;
    await whoIs(token({}));
    assert.equal(issuer.asked, before, 'keys are kept');
  });

  test('are refused by any rule that does not hold, and never are of the system', async () => {
    assert.equal(await codeOf({ hd: 'other.com' }), 401);
    assert.equal(await codeOf({ aud: 'another' }), 401);
    assert.equal(await codeOf({ aud: ['x', 'kcp'] }), 201);
    assert.equal(await codeOf({ exp: 1 }), 401);
    assert.equal(await codeOf({ sub: 'evil' }), 401);
    assert.equal(await codeOf({ roles: 'crew,system:masters' }), 401);
    assert.equal(await codeOf({ iss: 'https://kubernetes.default.svc' }), 401);
    const stranger = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
    assert.equal((await whoIs(makeJwt('ES256', 'one', stranger, { iss: issuer.url, aud: 'kcp' }))).code, 401);
  });

  test('may come without a name where the configuration says so', async () => {
    assert.equal((await ask(server.port, 'GET', '/livez', '', '')).code, 200);
    assert.equal((await ask(server.port, 'GET', '/readyz', '', '')).code, 401);
  });

  test('are told by a service that knows tokens, which is asked once, and judged by another', async () => {
    const { code, body } = await whoIs('opaque');
    assert.equal(code, 201);
    assert.equal(readObject(readObject(body, 'status') ?? {}, 'userInfo')?.username, 'wendy');
    const before = reviewer.asked;
    assert.equal((await whoIs('opaque')).code, 201);
    assert.equal(reviewer.asked, before);
    assert.equal((await whoIs('unknown')).code, 401);
    const maps = '/api/v1/namespaces/default/configmaps';
    assert.equal((await ask(server.port, 'GET', maps, 'opaque', '')).code, 200);
    assert.equal((await ask(server.port, 'DELETE', `${maps}/a`, 'opaque', '')).code, 403);
    const asked = judge.asked;
    assert.equal((await ask(server.port, 'GET', maps, 'opaque', '')).code, 200);
    assert.equal(judge.asked, asked);
  });

  test('are held to other rules as soon as the file has changed, and a file with faults changes nothing', async () => {
    writeFileSync(configFile, configuration('  - {expression: "user.nonsense ==="}'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(await codeOf({ sub: 'bob' }), 201);
    writeFileSync(configFile, configuration('  - {expression: "user.username != \'oidc:bob\'"}'));
    const deadline = Date.now() + 5_000;
    while ((await codeOf({ sub: 'bob' })) !== 401) {
      assert.ok(Date.now() < deadline, 'the changed file was not read');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal(await codeOf({}), 201);
  });
});

interface Reply {
  readonly code: number;
  readonly body: JsonObject;
}

function ask(port: number, method: string, path: string, bearer: string, body: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      ...(bearer === '' ? {} : { authorization: `Bearer ${bearer}` }),
    };
    const options = { host: '127.0.0.1', port, method, path, headers, rejectUnauthorized: false, agent: false };
    const sent = request(options, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        const value = text.startsWith('{') ? parseJson(text).value : {};
        resolve({ code: answer.statusCode ?? 0, body: isObject(value) ? value : {} });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

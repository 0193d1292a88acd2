import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseJson } from '@kcp/apimachinery/json/parse';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import { readObject, readString, readStrings } from '@kcp/apimachinery/schema/read';
import { type RunningServer, startServer } from '../assemble.js';
import type { KeyPair } from '../certificates/issue-certificate.js';
import { DEFAULT_CONFIG } from '../config/server-config.js';
import { Authority, period } from '../testing/authority.fixture.js';

const SILENT = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };
const REVIEW = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const HOUR_MS = 3_600_000;

interface Answer {
  readonly code: number;
  readonly user: JsonObject;
  readonly message: string;
}

type Headers = Readonly<Record<string, string | string[]>>;

describe('who comes in', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kcp-identity-'));
  const users = new Authority('users');
  const proxies = new Authority('proxies');
  const strangers = new Authority('strangers');
  const caFile = join(folder, 'users.crt');
  let server: RunningServer;

  before(async () => {
    writeFileSync(caFile, users.pair.certificate);
    writeFileSync(join(folder, 'proxies.crt'), proxies.pair.certificate);
    writeFileSync(join(folder, 'tokens.csv'), 'static,tim,9,"crew"\n');
    server = await startServer(
      {
        ...DEFAULT_CONFIG,
        listen: { host: '127.0.0.1', port: 0 },
        rootDirectory: folder,
        inMemory: true,
        authentication: {
          anonymous: true,
          tokenFile: join(folder, 'tokens.csv'),
          clientCaFile: caFile,
          serviceAccounts: {},
          requestHeader: {
            caFile: join(folder, 'proxies.crt'),
            allowedNames: ['front'],
            usernameHeaders: ['X-Remote-User'],
            uidHeaders: ['X-Remote-Uid'],
            groupHeaders: ['X-Remote-Group'],
            extraHeaderPrefixes: ['X-Remote-Extra-'],
          },
        },
      },
      SILENT,
    );
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  /** Asks who one is, over HTTP/1.1 and over HTTP/2, which must agree. */
  async function whoAmI(pair: KeyPair | undefined, headers: Headers = {}): Promise<Answer> {
    const [first, second] = [await overHttp1(server.port, pair, headers), await overHttp2(server.port, pair, headers)];
    assert.deepEqual(first, second);
    return first;
  }

  test('a user by the certificate of an authority that the operator named', async () => {
    const { code, user } = await whoAmI(users.client('ann', ['crew', 'staff']));
    assert.equal(code, 201);
    assert.equal(user.username, 'ann');
    assert.deepEqual(user.groups, ['crew', 'staff', 'system:authenticated']);
    const [credential = ''] = readStrings(
      readObject(user, 'extra') ?? {},
      'authentication.kubernetes.io/credential-id',
    );
    assert.match(credential, /^X509SHA256=[0-9a-f]{64}$/);
  });

  test('nobody by a certificate that is expired, unknown, or a proxy’s', async () => {
    for (const pair of [
      users.client('ann', ['system:masters'], period(-2 * HOUR_MS, -HOUR_MS)),
      strangers.client('ann', ['system:masters']),
      proxies.client('ann', ['system:masters']),
      proxies.client('front', ['system:masters']),
    ]) {
      assert.equal((await whoAmI(pair)).code, 401);
    }
  });

  test('CVE-2026-61682: identity headers of anybody but a trusted proxy change nothing', async () => {
    const smuggled = {
      'x-remote-user': 'root',
      'x-remote-group': 'system:masters',
      'x-remote-uid': '0',
      'x-remote-extra-scopes': 'all',
      'x-remote-extra-authentication.kcp.io%2fwarrant': '{"user":"root","groups":["system:masters"]}',
      'x-kubernetes-user': 'root',
      'x-forwarded-user': 'root',
    };
    assert.equal((await whoAmI(users.client('ann'), smuggled)).user.username, 'ann');
    assert.deepEqual((await whoAmI(users.client('ann'), smuggled)).user.groups, ['system:authenticated']);
    assert.equal((await whoAmI(undefined, { ...smuggled, authorization: 'Bearer static' })).user.username, 'tim');
    assert.match((await whoAmI(undefined, smuggled)).message, /^.*User "system:anonymous" cannot create/);
    assert.equal((await whoAmI(proxies.client('other'), smuggled)).code, 401);
    assert.equal((await whoAmI(users.client('front'), smuggled)).user.username, 'front');
    assert.equal((await whoAmI(strangers.client('front'), smuggled)).code, 401);
  });

  test('whom a trusted proxy says, with commas and all', async () => {
    const { user } = await whoAmI(proxies.client('front'), {
      'x-remote-user': 'CN=ann,O=crew',
      'x-remote-uid': '7',
      'x-remote-group': ['crew, first', 'staff'],
      'x-remote-extra-acme.com%2fTeam': ['a', 'b'],
    });
    assert.equal(user.username, 'CN=ann,O=crew');
    assert.equal(user.uid, '7');
    assert.deepEqual(user.groups, ['crew, first', 'staff', 'system:authenticated']);
    assert.deepEqual(readObject(user, 'extra'), { 'acme.com/team': ['a', 'b'] });
  });

  test('GO-2024-3325: a proxy’s user and everybody else may not make himself an administrator by impersonation', async () => {
    const wanted: readonly Headers[] = [
      { 'impersonate-user': 'root', 'impersonate-group': 'system:masters' },
      { 'impersonate-user': 'system:serviceaccount:kube-system:admin' },
      { 'impersonate-user': 'ann', 'impersonate-uid': '1' },
      { 'impersonate-user': 'ann', 'impersonate-extra-authentication.kcp.io%2Fscopes': 'cluster:root' },
      { 'impersonate-user': 'ann', 'impersonate-extra-%zz': 'x' },
      { 'impersonate-user': 'system:node:n1' },
    ];
    for (const headers of wanted) {
      const { code, message } = await whoAmI(users.client('ann'), headers);
      assert.equal(code, 403, message);
    }
    for (const lonely of ['impersonate-group', 'impersonate-uid', 'impersonate-extra-a']) {
      assert.equal((await whoAmI(users.client('ann'), { [lonely]: 'x' })).code, 400);
    }
    const admin = users.client('boss', ['system:masters']);
    const { user } = await whoAmI(admin, { 'impersonate-user': 'a,b', 'impersonate-group': ['x,y', 'z'] });
    assert.equal(user.username, 'a,b');
    assert.deepEqual(user.groups, ['x,y', 'z', 'system:authenticated']);
  });

  test('nobody by a bad token, also where he could have come without one', async () => {
    for (const authorization of ['Bearer nonsense', 'Bearer static2', 'bearer eyJhbGciOiJub25lIn0.e30.AA']) {
      assert.equal((await whoAmI(undefined, { authorization })).code, 401);
    }
    assert.equal((await whoAmI(undefined, { authorization: 'Basic dGltOnRpbQ==' })).code, 403);
  });

  test('the users of a new authority as soon as its file has changed, and those of the old one no longer', async () => {
    const next = new Authority('next users');
    assert.equal((await whoAmI(next.client('bob'))).code, 401);
    writeFileSync(caFile, next.pair.certificate);
    const deadline = Date.now() + 5_000;
    while ((await whoAmI(next.client('bob'))).code !== 201) {
      assert.ok(Date.now() < deadline, 'the changed file was not read');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal((await whoAmI(users.client('ann'))).code, 401);
  });
});

const BODY = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' });

function tlsOptions(pair: KeyPair | undefined) {
  const own = pair === undefined ? {} : { cert: pair.certificate, key: pair.key };
  return { ...own, rejectUnauthorized: false };
}

function overHttp1(port: number, pair: KeyPair | undefined, headers: Headers): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { port, path: REVIEW, method: 'POST', headers: { ...headers, 'content-type': 'application/json' } };
    const sent = request({ ...tlsOptions(pair), ...options, host: '127.0.0.1', agent: false }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => resolve(answerOf(answer.statusCode ?? 0, Buffer.concat(parts))));
    });
    sent.on('error', reject);
    sent.end(BODY);
  });
}

function overHttp2(port: number, pair: KeyPair | undefined, headers: Headers): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const session = connect(`https://127.0.0.1:${port}`, tlsOptions(pair));
    session.on('error', reject);
    const stream = session.request({
      ...headers,
      ':method': 'POST',
      ':path': REVIEW,
      'content-type': 'application/json',
    });
    const parts: Buffer[] = [];
    let code = 0;
    stream.on('response', (head) => {
      code = Number(head[':status']);
    });
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('error', reject);
    stream.on('end', () => {
      session.close();
      resolve(answerOf(code, Buffer.concat(parts)));
    });
    stream.end(BODY);
  });
}

function answerOf(code: number, bytes: Buffer): Answer {
  const { value } = parseJson(bytes.toString('utf8'));
  const body = isObject(value) ? value : {};
  return {
    code,
    user: readObject(readObject(body, 'status') ?? {}, 'userInfo') ?? {},
    message: readString(body, 'message'),
  };
}

// A user of an OpenID Connect issuer: a small issuer on this machine, a server that trusts it, and a user who may do what
// her group may. Needs openssl, for the issuer's certificate. Run it with: node examples/oidc.mjs
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

if (spawnSync('openssl', ['version']).status !== 0) {
  console.log('openssl is needed');
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), 'kcp-oidc-'));
const file = (name) => join(folder, name);

// The issuer: a discovery document, its public key, and tokens about whom it likes.
const name = ['-subj', '/CN=issuer', '-addext', 'subjectAltName=IP:127.0.0.1'];
const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', file('issuer.key')];
execFileSync('openssl', ['req', '-x509', '-days', '1', ...key, ...name, '-out', file('issuer.crt')], {
  stdio: 'ignore',
});
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const issuer = createServer({ cert: readFileSync(file('issuer.crt')), key: readFileSync(file('issuer.key')) });
issuer.listen(0, '127.0.0.1');
await once(issuer, 'listening');
const issuerUrl = `https://127.0.0.1:${issuer.address().port}`;
issuer.on('request', ({ url }, answer) => {
  const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig', alg: 'ES256' }];
  const discovery = url === '/.well-known/openid-configuration';
  answer.end(JSON.stringify(discovery ? { issuer: issuerUrl, jwks_uri: `${issuerUrl}/keys` } : { keys }));
});
function token(claims) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const text = `${part({ alg: 'ES256', kid: 'k' })}.${part({ iss: issuerUrl, iat: now, exp: now + 300, ...claims })}`;
  return `${text}.${sign('sha256', text, { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

// The server, as an operator starts it.
const flags = {
  'root-directory': folder,
  listen: '127.0.0.1:0',
  'oidc-issuer-url': issuerUrl,
  'oidc-client-id': 'kcp',
  'oidc-ca-file': file('issuer.crt'),
  'oidc-username-claim': 'email',
  'oidc-groups-claim': 'teams',
  'oidc-groups-prefix': 'oidc:',
};
const kcp = new URL('../node_modules/.bin/kcp', import.meta.url).pathname;
const server = spawn(kcp, ['start', ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`)]);
const [greeting] = await once(server.stdout.setEncoding('utf8'), 'data');
const url = /https:\S+(?=,)/.exec(greeting)[0];
const kubeconfig = readFileSync(file('data/admin.kubeconfig'), 'utf8');
const data = (field) => Buffer.from(new RegExp(`${field}: *"?([^"\\s]+)`).exec(kubeconfig)[1], 'base64');
const admin = { cert: data('client-certificate-data'), key: data('client-key-data') };

/** Resolves with the status and what was answered to somebody with these credentials. */
async function call(credentials, method, path, body) {
  const { bearer, ...certificate } = credentials;
  const headers = { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) };
  const ca = data('certificate-authority-data');
  const sent = request(`${url}${path}`, { method, headers, ca, ...certificate });
  sent.end(body && JSON.stringify(body));
  const [answer] = await once(sent, 'response');
  let text = '';
  for await (const part of answer.setEncoding('utf8')) text += part;
  return { code: answer.statusCode, ...JSON.parse(text) };
}

// The administrator lets the issuer's team `shop` view the namespace `default`; dana is of that team.
const binding = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings';
const bound = await call(admin, 'POST', binding, {
  metadata: { name: 'shop' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'oidc:shop' }],
});
assert.equal(bound.code, 201, bound.message);
const dana = {
  bearer: token({ aud: 'kcp', sub: '1', email: 'dana@example.com', email_verified: true, teams: ['shop'] }),
};
const review = await call(dana, 'POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {});
console.log(`${review.status.userInfo.username} of ${review.status.userInfo.groups.join(', ')}`);
const configMaps = '/api/v1/namespaces/default/configmaps';
assert.equal((await call(dana, 'GET', configMaps)).code, 200);
const refused = await call(dana, 'POST', configMaps, { metadata: { name: 'x' } });
assert.equal(refused.code, 403);
console.log(refused.message);
const elsewhere = { bearer: token({ aud: 'another', sub: '1', email: 'dana@example.com', teams: ['shop'] }) };
assert.equal((await call(elsewhere, 'GET', configMaps)).code, 401);
console.log('a token for somebody else is refused');

server.kill('SIGTERM');
assert.deepEqual(await once(server, 'exit'), [0, null]);
issuer.close();
issuer.closeAllConnections();
rmSync(folder, { recursive: true });

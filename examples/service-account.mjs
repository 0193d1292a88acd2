// A program with a service account: an administrator makes the account, its rights and a token; the program knows the
// address, the authority and the token, and nothing else. Run it with: node examples/service-account.mjs
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:https';
import { startKcp } from 'kcp';

const kcp = await startKcp({ storage: 'memory', listen: { port: 0 } });
const team = kcp.cluster('team-a');
const core = (resource) => ({ group: '', version: 'v1', resource });
const rbac = (resource) => ({ group: 'rbac.authorization.k8s.io', version: 'v1', resource });
const here = (name) => ({ name, namespace: 'default' });

// The administrator's part.
await team.create(core('serviceaccounts'), { apiVersion: 'v1', kind: 'ServiceAccount', metadata: here('robot') });
await team.create(rbac('rolebindings'), {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: here('robot'),
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
  subjects: [{ kind: 'ServiceAccount', ...here('robot') }],
});
const tokenRequest = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: here('robot') };
const { status } = await team.create(
  core('serviceaccounts'),
  { ...tokenRequest, spec: { expirationSeconds: 600 } },
  { subresource: 'token' },
);
const ca = Buffer.from(/certificate-authority-data: *"?([^"\s]+)/.exec(kcp.kubeconfig)[1], 'base64');

/** The program's part: plain HTTPS with a token. Resolves with the status and what was answered. */
async function call(cluster, method, path, body) {
  const headers = { authorization: `Bearer ${status.token}`, 'content-type': 'application/json' };
  const sent = request(`${kcp.url}/clusters/${cluster}${path}`, { method, headers, ca });
  sent.end(body && JSON.stringify(body));
  const [answer] = await once(sent, 'response');
  let text = '';
  for await (const part of answer.setEncoding('utf8')) text += part;
  return { code: answer.statusCode, ...JSON.parse(text) };
}
const configMaps = '/api/v1/namespaces/default/configmaps';

assert.equal((await call('team-a', 'POST', configMaps, { metadata: { name: 'by-robot' } })).code, 201);
const { items } = await call('team-a', 'GET', configMaps);
console.log(`robot sees ${items.map(({ metadata }) => metadata.name).join(', ')}`);

const outside = await call('team-a', 'GET', '/api/v1/namespaces/kube-system/secrets');
assert.equal(outside.code, 403);
console.log(outside.message);
assert.equal((await call('team-b', 'GET', configMaps)).code, 401);
console.log('and in another logical cluster the token is worth nothing');

await kcp.stop();

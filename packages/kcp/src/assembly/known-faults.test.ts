import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { ADMIN, startWithTokens, type TokenServer } from '../testing/token-server.fixture.js';
import type { Reply, WireClient } from '../testing/wire-client.fixture.js';

const DANA = 'dana-token';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const APPLY = { 'content-type': 'application/apply-patch+yaml' };
const MERGE = { 'content-type': 'application/merge-patch+json' };

/** A definition in the group t.dev. */
const definition = (plural: string, kind: string, scope: string): JsonObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.t.dev` },
  spec: {
    group: 't.dev',
    scope,
    names: { plural, kind },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {}, scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' } },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
});

/** What went wrong in Kubernetes and kcp before; `docs/security.md` has the whole table. */
describe('faults that others had', () => {
  let server: TokenServer;
  let client: WireClient;

  const send: WireClient['send'] = (...request) => client.send(...request);
  const admin = async (method: string, path: string, body?: JsonObject, more = {}): Promise<Reply> => {
    const reply = await send(method, path, ADMIN, body, more);
    assert.ok(reply.code < 300, `${method} ${path}: ${reply.text}`);
    return reply;
  };
  /** Lets dana do this much in the namespace `default`. */
  const grant = async (name: string, rules: readonly JsonObject[]): Promise<void> => {
    await admin('POST', `${RBAC}/namespaces/default/roles`, { metadata: { name }, rules: [...rules] });
    await admin('POST', `${RBAC}/namespaces/default/rolebindings`, {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'dana' }],
    });
  };

  before(async () => {
    server = await startWithTokens([`${DANA},dana,2,"devs"`]);
    client = server.client;
    await admin('POST', '/api/v1/namespaces', { metadata: { name: 'work' } });
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    await admin('POST', definitions, definition('things', 'Thing', 'Namespaced'));
    await admin('POST', definitions, definition('powers', 'Power', 'Cluster'));
  });
  after(() => server.stop());

  test('CVE-2019-11247: rights in a namespace reach nothing of cluster scope through a path with that namespace', async () => {
    await grant('all-of-t', [{ apiGroups: ['t.dev'], resources: ['*'], verbs: ['*'] }]);
    await admin('POST', '/apis/t.dev/v1/powers', { apiVersion: 't.dev/v1', kind: 'Power', metadata: { name: 'p' } });
    const inside = '/apis/t.dev/v1/namespaces/default';
    const thing = { apiVersion: 't.dev/v1', kind: 'Thing', metadata: { name: 'mine' } };
    assert.equal((await send('POST', `${inside}/things`, DANA, thing)).code, 201);
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
      const body = method === 'GET' ? undefined : { apiVersion: 't.dev/v1', kind: 'Power', metadata: { name: 'p' } };
      for (const path of [`${inside}/powers/p`, `${inside}/powers/p/status`, `${inside}/powers`]) {
        const { code } = await send(method, path, DANA, body, method === 'PATCH' ? MERGE : {});
        assert.ok([404, 405].includes(code), `${method} ${path}: ${code}`);
      }
      assert.equal((await send(method, '/apis/t.dev/v1/powers/p', DANA, body)).code, 403, method);
    }
    await admin('GET', '/apis/t.dev/v1/powers/p');
  });

  test('CVE-2022-3162: who may read one resource of a group reads no other, whatever the path says', async () => {
    await grant('only-things', [{ apiGroups: ['t.dev'], resources: ['things'], verbs: ['get', 'list', 'watch'] }]);
    await admin('POST', '/api/v1/namespaces/work/secrets', { metadata: { name: 's' }, stringData: { a: 'hidden' } });
    const inside = '/apis/t.dev/v1/namespaces/default/things';
    for (const path of [
      `${inside}/../../../powers/p`,
      `${inside}/%2e%2e/%2e%2e/%2e%2e/powers/p`,
      `${inside}/..%2f..%2f..%2fpowers%2fp`,
      `${inside}/..%2F..%2F..%2F..%2F..%2F..%2Fapi%2Fv1%2Fnamespaces%2Fwork%2Fsecrets%2Fs`,
      `${inside}/../../../../../../api/v1/namespaces/work/secrets/s`,
      `${inside}%00/../powers/p`,
      `/clusters/root/..${inside}/../../../powers`,
      '/apis/t.dev/v1/namespaces/default%2fthings/../powers',
      '//apis/t.dev/v1/powers',
      '/apis/t.dev/v1/./powers/p',
      '/apis/t.dev/v1/powers?namespace=default',
    ]) {
      const { code, text } = await send('GET', path, DANA);
      assert.ok(code >= 400 && code < 500, `${path}: ${code}`);
      assert.doesNotMatch(text, /hidden|aGlkZGVu|"kind":"Power"/, path);
    }
  });

  test('CVE-2021-25735: validation sees the object as it was before, on every way to change it', async () => {
    const policies = '/apis/admissionregistration.k8s.io/v1';
    await admin('POST', `${policies}/validatingadmissionpolicies`, {
      metadata: { name: 'locked' },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], operations: ['UPDATE'] }],
        },
        validations: [
          {
            expression: `!('locked' in oldObject.metadata.?labels.orValue({}))`,
            message: 'it was locked',
          },
        ],
      },
    });
    await admin('POST', `${policies}/validatingadmissionpolicybindings`, {
      metadata: { name: 'locked' },
      spec: { policyName: 'locked', validationActions: ['Deny'] },
    });
    const labels = { locked: 'yes' };
    const thing = { apiVersion: 't.dev/v1', kind: 'Thing', spec: { n: 1 } };
    const things = '/apis/t.dev/v1/namespaces/default/things';
    const quotas = '/api/v1/namespaces/default/resourcequotas';
    await admin('POST', things, { ...thing, metadata: { name: 'l', labels } });
    await admin('POST', CONFIG_MAPS, { metadata: { name: 'l', labels } });
    await admin('POST', quotas, { metadata: { name: 'l', labels } });
    await admin('POST', '/api/v1/namespaces', { metadata: { name: 'l', labels } });
    const unlocked = { metadata: { name: 'l', labels: { locked: null } } };
    const kinds: readonly (readonly [path: string, apiVersion: string, kind: string])[] = [
      [`${things}/l`, 't.dev/v1', 'Thing'],
      [`${things}/l/status`, 't.dev/v1', 'Thing'],
      [`${CONFIG_MAPS}/l`, 'v1', 'ConfigMap'],
      [`${quotas}/l`, 'v1', 'ResourceQuota'],
      [`${quotas}/l/status`, 'v1', 'ResourceQuota'],
      ['/api/v1/namespaces/l', 'v1', 'Namespace'],
      ['/api/v1/namespaces/l/status', 'v1', 'Namespace'],
      ['/api/v1/namespaces/l/finalize', 'v1', 'Namespace'],
    ];
    for (const [path, apiVersion, kind] of kinds) {
      const bare = { apiVersion, kind, metadata: { name: 'l' } };
      const { body } = await admin('GET', path.replace(/\/(status|finalize)$/, ''));
      const resourceVersion = readString(readObject(body, 'metadata') ?? {}, 'resourceVersion');
      const replies = [await send('PUT', path, ADMIN, { ...body, metadata: { name: 'l', resourceVersion } })];
      if (!path.endsWith('/finalize')) {
        replies.push(await send('PATCH', path, ADMIN, unlocked, MERGE));
        const applied = { ...bare, metadata: { name: 'l', labels: { locked: 'no' } } };
        replies.push(await send('PATCH', `${path}?fieldManager=x&force=true`, ADMIN, applied, APPLY));
      }
      for (const { code, text } of replies) {
        assert.equal(code, 422, `${path}: ${text}`);
        assert.match(text, /it was locked/, path);
      }
    }
    await admin('DELETE', `${policies}/validatingadmissionpolicybindings/locked`);
  });

  test('kcp d333686e7: to apply what is not there needs the right to create', async () => {
    await grant('patches', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'patch', 'update'] }]);
    const applied = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'new' }, data: { a: '1' } };
    const { code, body } = await send('PATCH', `${CONFIG_MAPS}/new?fieldManager=dana`, DANA, applied, APPLY);
    assert.equal(code, 403);
    assert.match(readString(body, 'message'), /User "dana" cannot create resource "configmaps"/);
    await admin('POST', CONFIG_MAPS, { metadata: { name: 'new' } });
    assert.equal((await send('PATCH', `${CONFIG_MAPS}/new?fieldManager=dana`, DANA, applied, APPLY)).code, 200);
  });

  test('CVE-2025-29922: nobody writes through a path that names all logical clusters', async () => {
    const everywhere = `/clusters/*${CONFIG_MAPS}`;
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'default' } };
    await admin('POST', `/clusters/tenant-a${CONFIG_MAPS}`, configMap);
    const attempts: readonly (readonly [method: string, path: string, more: Record<string, string>])[] = [
      ['POST', everywhere, {}],
      ['PUT', `${everywhere}/x`, {}],
      ['PATCH', `${everywhere}/x`, MERGE],
      ['PATCH', `${everywhere}/x?fieldManager=m`, APPLY],
      ['DELETE', `${everywhere}/x`, {}],
      ['DELETE', everywhere, {}],
    ];
    for (const [method, path, more] of attempts) {
      const { code } = await send(method, path, ADMIN, configMap, more);
      assert.ok(code >= 400 && code < 500, `${method} ${path}: ${code}`);
    }
    const { body } = await admin('GET', `/clusters/tenant-a${CONFIG_MAPS}/x`);
    assert.deepEqual(Object.keys(body), ['kind', 'apiVersion', 'metadata']);
  });

  test('kcp ebfe64f61: no way to spell an Impersonate header gets round the check of it', async () => {
    const review = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    for (const headers of [
      { 'impersonate-user': 'boss' },
      { 'impersonate-group': 'system:masters' },
      { 'impersonate-user': 'dana', 'impersonate-group': 'system:masters' },
      { 'impersonate-user': 'dana', 'impersonate-extra-authorization.kcp.io%2fwarrant': '{"user":"boss"}' },
      { 'impersonate-user': 'dana', 'impersonate-extra-%61uthentication.kubernetes.io%2fcredential-id': 'x' },
      { 'impersonate-extra-scopes': 'cluster:root' },
      { 'impersonate-uid': '1' },
      { 'impersonate-user': '' },
    ]) {
      const { code, body } = await send('POST', review, DANA, {}, headers);
      const user = readObject(readObject(body, 'status') ?? {}, 'userInfo');
      if (code < 300) assert.equal(user?.username, 'dana', JSON.stringify(headers));
      else assert.ok(code === 403 || code === 400, `${JSON.stringify(headers)}: ${code}`);
      assert.doesNotMatch(JSON.stringify(user ?? {}), /masters|warrant|scopes/, JSON.stringify(headers));
    }
  });

  test('CVE-2020-8552: what clients make up takes no room in the metrics', async () => {
    const series = async (): Promise<number> => (await admin('GET', '/metrics')).text.split('\n').length;
    await admin('GET', '/apis/made-up/v1/x', undefined, {}).catch(() => undefined);
    await send('GET', '/apis/made-up/v1/x', DANA, undefined, { 'user-agent': 'first' });
    const before = await series();
    const methods = ['GET', 'DELETE', 'PUT', 'BREW', 'PROPFIND'];
    const many = Array.from({ length: 1_500 }, (_, i) =>
      send(methods[i % methods.length] ?? '', `/apis/group-${i}.dev/v${i}/kind-${i}/name-${i}`, DANA, undefined, {
        'user-agent': `agent-${i}`,
        'x-kubernetes-cluster': `cluster-${i}`,
      }),
    );
    await Promise.all(many);
    assert.ok((await series()) - before < 200, `${(await series()) - before} more lines`);
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { parseClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { systemClock } from '../clock.js';
import { SmallServer } from '../testing/small-server.fixture.js';
import { BootstrapTokens } from './bootstrap-tokens.js';

describe('bootstrap tokens', () => {
  let server: SmallServer;
  let tokens: BootstrapTokens;
  before(async () => {
    server = await SmallServer.start();
    tokens = new BootstrapTokens(server.accounts.objects, systemClock);
    await server.call('POST', '/api/v1/namespaces', { metadata: { name: 'kube-system' } });
  });
  after(() => server.close());

  const SECRET = '0123456789abcdef';

  async function keep(id: string, entries: Record<string, string> = {}, type = 'bootstrap.kubernetes.io/token') {
    const stringData = {
      'token-id': id,
      'token-secret': SECRET,
      'usage-bootstrap-authentication': 'true',
      ...entries,
    };
    const metadata = { name: `bootstrap-token-${id}` };
    const { code } = await server.call('POST', '/api/v1/namespaces/kube-system/secrets', {
      metadata,
      type,
      stringData,
    });
    assert.equal(code, 201);
  }

  async function userOf(token: string, scope = server.cluster) {
    const identity = await tokens.authenticateToken(token, { scope, audiences: [] });
    return identity?.user;
  }

  test('let a machine in under its own name and the groups that its Secret names', async () => {
    await keep('abcdef', { 'auth-extra-groups': 'system:bootstrappers:workers' });
    assert.deepEqual(await userOf(`abcdef.${SECRET}`), {
      name: 'system:bootstrap:abcdef',
      uid: '',
      groups: ['system:bootstrappers', 'system:bootstrappers:workers'],
      extra: {},
    });
  });

  test('do so in their own logical cluster alone, and with the whole secret', async () => {
    const elsewhere = parseClusterName('other');
    assert.ok(elsewhere !== undefined);
    assert.equal(await userOf(`abcdef.${SECRET}`, elsewhere), undefined);
    assert.equal(await userOf('abcdef.0123456789abcdeg'), undefined);
    assert.equal(await userOf('abcdef.'), undefined);
  });

  test('are none where the Secret does not say so', async () => {
    await keep('expire', { expiration: '2020-01-01T00:00:00Z' });
    await keep('nouser', { 'usage-bootstrap-authentication': 'false' });
    await keep('groups', { 'auth-extra-groups': 'system:masters' });
    await keep('opaque', {}, 'Opaque');
    await keep('wideid', { 'token-secret': 'äöü3456789abcdef' });
    for (const id of ['expire', 'nouser', 'groups', 'opaque', 'wideid']) {
      assert.equal(await userOf(`${id}.${SECRET}`), undefined, id);
    }
  });
});

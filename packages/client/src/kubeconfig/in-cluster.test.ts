import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { FakeClock } from '../testing/fake-clock.js';
import { FakeTransport } from '../testing/fake-transport.js';
import { TokenFileTransport } from '../transport/token-file-transport.js';
import { inClusterAccess } from './in-cluster.js';

const CALL = { method: 'GET', target: '/', headers: {}, body: undefined, signal: new AbortController().signal };

describe('a program in a pod', () => {
  let directory = '';
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'kcp-in-cluster-'));
    for (const [name, text] of [
      ['token', 'first\n'],
      ['ca.crt', 'pem'],
      ['namespace', 'work\n'],
    ] as const) {
      writeFileSync(join(directory, name), text);
    }
  });
  after(() => rmSync(directory, { recursive: true }));

  test('finds its cluster by what the kubelet gives it', () => {
    const variables = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    const { access, tokenFile } = inClusterAccess({ ...variables, KUBERNETES_SERVICE_ACCOUNT_DIRECTORY: directory });
    assert.equal(access.server, 'https://[fd00::1]:443');
    assert.deepEqual([access.token, access.authority, access.namespace], ['first', 'pem', 'work']);
    assert.equal(tokenFile, join(directory, 'token'));
  });

  test('is told where it is not in one, or files are missing', () => {
    assert.throws(() => inClusterAccess({}), { name: 'KubeconfigFault', message: /^not in a cluster/ });
    const variables = { KUBERNETES_SERVICE_HOST: 'h', KUBERNETES_SERVICE_PORT: '1' };
    const elsewhere = { KUBERNETES_SERVICE_ACCOUNT_DIRECTORY: join(directory, 'none') };
    assert.throws(() => inClusterAccess({ ...variables, ...elsewhere }), { message: /^cannot read .*ca\.crt/ });
  });

  test('uses the token that replaces another', async () => {
    const seen: (string | undefined)[] = [];
    const clock = new FakeClock();
    const inner = new FakeTransport((call) => {
      seen.push(call.headers.authorization);
      return { status: 200, body: '{}' };
    });
    const transport = new TokenFileTransport(inner, join(directory, 'token'), clock);
    await transport.request(CALL);
    writeFileSync(join(directory, 'token'), 'second');
    await transport.request(CALL);
    await clock.pass(60_000);
    await transport.request(CALL);
    assert.deepEqual(seen, ['Bearer first', 'Bearer first', 'Bearer second']);
  });
});

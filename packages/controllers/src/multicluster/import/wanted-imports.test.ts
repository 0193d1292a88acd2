import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@kcp/client/rest/client';
import { FakeClock } from '@kcp/client/testing/fake-clock';
import { FakeTransport } from '@kcp/client/testing/fake-transport';
import { IMPORTED_APIS_MAX } from '../limits.js';
import { servedApis } from './wanted-imports.js';

/** A cluster that serves as many types, and publishes no schema of any. */
function clusterWith(count: number) {
  const resources = Array.from({ length: count }, (_, at) => ({
    resource: `things${at}`,
    responseKind: { kind: `Thing${at}` },
    scope: 'Namespaced',
    verbs: ['create', 'get', 'list', 'watch', 'update', 'delete'],
  }));
  const items = [{ metadata: { name: 'example' }, versions: [{ version: 'v1', resources }] }];
  const transport = new FakeTransport(({ target }) =>
    target === '/apis'
      ? { status: 200, body: { kind: 'APIGroupDiscoveryList', items } }
      : { status: 404, body: { kind: 'Status', apiVersion: 'v1', code: 404, reason: 'NotFound' } },
  );
  return { transport, client: new Client({ transport, clock: new FakeClock(), random: () => 0 }) };
}

test('a cluster with ten thousand types is told so, instead of importing all of them', async () => {
  const { client, transport } = clusterWith(10_000);
  const asked = servedApis(client, [], new AbortController().signal);
  await assert.rejects(asked, new RegExp(`${IMPORTED_APIS_MAX} at the most`));
  assert.ok(transport.calls.length <= 2);
});

test('of ten thousand types those are looked at that are wanted', async () => {
  const { client, transport } = clusterWith(10_000);
  assert.deepEqual(await servedApis(client, ['things7.example'], new AbortController().signal), []);
  assert.ok(transport.calls.length < 10);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hasReason, StatusError } from '@kcp/apimachinery/errors/status-error';
import { parseJson } from '@kcp/apimachinery/json/parse';
import { parseClusterName } from '@kcp/apimachinery/meta/cluster-name';
import { FakeClock, settled } from '../testing/fake-clock.js';
import { FakeTransport, frame, type ScriptedAnswer } from '../testing/fake-transport.js';
import { BytePipe } from '../transport/byte-pipe.js';
import { type Call, TransportError } from '../transport/transport.js';
import type { WatchEvent } from '../watch/watch-event.js';
import { Client } from './client.js';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const DEPLOYMENTS = { group: 'apps', version: 'v1', resource: 'deployments' };
const hello = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'hello', namespace: 'demo' } };

function clientWith(script: (call: Call, nth: number) => ScriptedAnswer | Promise<ScriptedAnswer>) {
  const transport = new FakeTransport(script);
  const clock = new FakeClock();
  const client = new Client({ transport, clock, random: () => 0, scope: parseClusterName('team-a') });
  return { client, transport, clock };
}

const echo = (call: Call): ScriptedAnswer => ({ status: 200, body: call.body ?? { ...hello } });

describe('requests', () => {
  test('go to the paths that the API knows', async () => {
    const { client, transport } = clientWith(echo);
    await client.get(CONFIG_MAPS, { namespace: 'demo', name: 'hello' });
    await client.create(CONFIG_MAPS, hello, { fieldManager: 'me', dryRun: true });
    await client.update(DEPLOYMENTS, hello, { subresource: 'status' });
    await client.delete(CONFIG_MAPS, { namespace: 'demo', name: 'hello' });
    await client.apply(DEPLOYMENTS, hello, { fieldManager: 'me', force: true });
    await client.create(
      CONFIG_MAPS,
      { ...hello, metadata: { namespace: 'demo' } },
      { subresource: 'token', name: 'x' },
    );
    assert.deepEqual(transport.log, [
      'GET /clusters/team-a/api/v1/namespaces/demo/configmaps/hello',
      'POST /clusters/team-a/api/v1/namespaces/demo/configmaps?dryRun=All&fieldManager=me',
      'PUT /clusters/team-a/apis/apps/v1/namespaces/demo/deployments/hello/status',
      'DELETE /clusters/team-a/api/v1/namespaces/demo/configmaps/hello',
      'PATCH /clusters/team-a/apis/apps/v1/namespaces/demo/deployments/hello?fieldManager=me&force=true',
      'POST /clusters/team-a/api/v1/namespaces/demo/configmaps/x/token',
    ]);
    assert.equal(transport.calls[4]?.headers['content-type'], 'application/apply-patch+yaml');
  });

  test('send each kind of patch under its own media type', async () => {
    const { client, transport } = clientWith(() => ({ status: 200, body: hello }));
    const name = { namespace: 'demo', name: 'hello' };
    await client.patch(CONFIG_MAPS, name, { type: 'json', operations: [{ op: 'remove', path: '/data' }] });
    await client.patch(CONFIG_MAPS, name, { type: 'merge', value: { data: null } });
    await client.patch(CONFIG_MAPS, name, { type: 'strategic', value: {} });
    const sent = transport.calls.map(({ headers, body }) => [headers['content-type'], String(body)]);
    assert.deepEqual(sent, [
      ['application/json-patch+json', '[{"op":"remove","path":"/data"}]'],
      ['application/merge-patch+json', '{"data":null}'],
      ['application/strategic-merge-patch+json', '{}'],
    ]);
  });

  test('keep integers of 64 bits exact on their way out and in', async () => {
    const { client } = clientWith(echo);
    const big = { ...hello, data: { n: 9_223_372_036_854_775_807n } };
    assert.deepEqual(await client.create(CONFIG_MAPS, big), big);
  });

  test('items of a list say what they are', async () => {
    const page = {
      kind: 'ConfigMapList',
      apiVersion: 'v1',
      metadata: { resourceVersion: '7' },
      items: [{ metadata: { name: 'a' } }],
    };
    const { client } = clientWith(() => ({ status: 200, body: page }));
    const { items, resourceVersion } = await client.list(CONFIG_MAPS, { labelSelector: 'a in (b,c)' });
    assert.deepEqual(items, [{ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' } }]);
    assert.equal(resourceVersion, '7');
  });

  test('pages follow the continue token and leave the resourceVersion to it', async () => {
    const page = (more: string) => ({
      kind: 'L',
      apiVersion: 'v1',
      metadata: { resourceVersion: '7', ...(more ? { continue: more } : {}) },
      items: [],
    });
    const { client, transport } = clientWith((_, nth) => ({ status: 200, body: page(nth === 0 ? 'next' : '') }));
    let pages = 0;
    for await (const _ of client.pages(CONFIG_MAPS, { resourceVersion: '0' })) pages++;
    assert.equal(pages, 2);
    assert.deepEqual(transport.log, [
      'GET /clusters/team-a/api/v1/configmaps?resourceVersion=0&limit=500',
      'GET /clusters/team-a/api/v1/configmaps?limit=500&continue=next',
    ]);
  });
});

describe('failures', () => {
  test('a Status becomes the error that it describes, whole', async () => {
    const status = new StatusError(409, 'AlreadyExists', 'configmaps "hello" already exists', {
      name: 'hello',
      kind: 'configmaps',
      causes: [{ field: 'a', message: 'b', reason: 'c' }],
      retryAfterSeconds: 1,
    }).status;
    const { client } = clientWith(() => ({ status: 409, body: parseJson(JSON.stringify(status)).value }));
    await assert.rejects(client.create(CONFIG_MAPS, hello), (error) => {
      assert.ok(hasReason(error, 'AlreadyExists'));
      assert.deepEqual(error.status, status);
      return true;
    });
  });

  test('a page of text becomes an error by its code alone', async () => {
    const { client } = clientWith(() => ({ status: 404, body: Buffer.from('404 page not found\n') }));
    await assert.rejects(client.list(CONFIG_MAPS), (error) => hasReason(error, 'NotFound'));
  });

  test('an answer that is no object is a failure of the transport', async () => {
    for (const body of [Buffer.from('<html>'), Buffer.from('[]'), Buffer.from('{"kind":"X"}')]) {
      const { client } = clientWith(() => ({ status: 200, body }));
      await assert.rejects(client.get(CONFIG_MAPS, { name: 'x' }), TransportError);
    }
  });

  test('a busy server is asked again when it said', async () => {
    const { client, clock, transport } = clientWith((_, nth) =>
      nth === 0 ? { status: 429, body: {}, headers: { 'retry-after': '2' } } : { status: 200, body: hello },
    );
    const got = client.get(CONFIG_MAPS, { name: 'hello' });
    await clock.pass(1_999);
    assert.equal(transport.calls.length, 1);
    await clock.pass(1);
    assert.equal((await got).metadata.name, 'hello');
  });
});

describe('a watch', () => {
  const at = (resourceVersion: string) => ({ ...hello, metadata: { ...hello.metadata, resourceVersion } });

  test('goes on where it was when the server ends it, and ends with its signal', async () => {
    const pipes = [new BytePipe(), new BytePipe()];
    const { client, transport, clock } = clientWith((_, nth) => ({ status: 200, body: pipes[nth] ?? new BytePipe() }));
    const stop = new AbortController();
    const seen: WatchEvent[] = [];
    const done = (async () => {
      for await (const event of client.watch(CONFIG_MAPS, { resourceVersion: '5', signal: stop.signal }))
        seen.push(event);
    })();
    await settled();
    pipes[0]?.write(frame('ADDED', at('6')));
    pipes[0]?.write(frame('BOOKMARK', at('9')));
    pipes[0]?.end();
    await clock.pass(1);
    pipes[1]?.write(frame('DELETED', at('10')).subarray(0, 20));
    pipes[1]?.write(frame('DELETED', at('10')).subarray(20));
    await settled();
    stop.abort();
    await done;
    assert.deepEqual(
      seen.map(({ type }) => type),
      ['ADDED', 'BOOKMARK', 'DELETED'],
    );
    assert.deepEqual(transport.log, [
      'GET /clusters/team-a/api/v1/configmaps?watch=true&resourceVersion=5&allowWatchBookmarks=true',
      'GET /clusters/team-a/api/v1/configmaps?watch=true&resourceVersion=9&allowWatchBookmarks=true',
    ]);
    assert.equal(clock.pending, 0);
  });

  test('waits longer and longer for a server that is away', async () => {
    const { client, clock, transport } = clientWith(() => {
      throw new TransportError('nobody there');
    });
    const stop = new AbortController();
    const first = client.watch(CONFIG_MAPS, { signal: stop.signal }).next();
    await clock.pass(799);
    assert.equal(transport.calls.length, 1);
    await clock.pass(1);
    assert.equal(transport.calls.length, 2);
    await clock.pass(1_599);
    assert.equal(transport.calls.length, 2);
    await clock.pass(1);
    assert.equal(transport.calls.length, 3);
    stop.abort();
    assert.equal((await first).done, true);
  });

  test('tells its reader when the history is gone', async () => {
    const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, code: 410, reason: 'Expired', message: 'too old' };
    const { client } = clientWith(() => ({ status: 200, body: frame('ERROR', status) }));
    const { signal } = new AbortController();
    await assert.rejects(client.watch(CONFIG_MAPS, { signal }).next(), (error) => hasReason(error, 'Expired'));
  });
});

test('discovery lists each resource once, at the version that its group prefers', async () => {
  const entry = (resource: string, scope: string, verbs: string[]) => ({
    resource,
    scope,
    verbs,
    responseKind: { kind: 'K' },
    subresources: [{ subresource: 'status' }],
  });
  const { client, transport } = clientWith(({ target }) => ({
    status: 200,
    body: {
      kind: 'APIGroupDiscoveryList',
      items: target.endsWith('/api')
        ? [
            {
              metadata: {},
              versions: [{ version: 'v1', resources: [entry('configmaps', 'Namespaced', ['list', 'delete'])] }],
            },
          ]
        : [
            {
              metadata: { name: 'g' },
              versions: ['v2', 'v1'].map((version) => ({ version, resources: [entry('things', 'Cluster', ['get'])] })),
            },
          ],
    },
  }));
  const found = await client.discover();
  assert.deepEqual(
    found.map(({ group, version, resource, namespaced }) => [group, version, resource, namespaced]),
    [
      ['', 'v1', 'configmaps', true],
      ['g', 'v2', 'things', false],
    ],
  );
  assert.deepEqual(transport.log, ['GET /clusters/team-a/api', 'GET /clusters/team-a/apis']);
});

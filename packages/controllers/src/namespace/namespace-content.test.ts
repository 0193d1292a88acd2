import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newInternalError, statusObject } from '@kcp/apimachinery/errors/status-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import { Client } from '@kcp/client/rest/client';
import { FakeClock } from '@kcp/client/testing/fake-clock';
import { FakeTransport, type ScriptedAnswer } from '@kcp/client/testing/fake-transport';
import type { Call } from '@kcp/client/transport/transport';
import { deleteContent } from './namespace-content.js';

const refused = newInternalError('no').status;

/** A server with two types; `things` cannot be deleted together. Answers are by method and last part of the path. */
function stage(answers: Record<string, (call: Call) => ScriptedAnswer>) {
  const verbs = ['create', 'delete', 'get', 'list'];
  const resources = (named: string, more: string[]): JsonObject => ({
    resource: named,
    scope: 'Namespaced',
    verbs: [...verbs, ...more],
    responseKind: { kind: 'K' },
  });
  const discovery = (target: string): ScriptedAnswer => ({
    status: 200,
    body: {
      kind: 'APIGroupDiscoveryList',
      items: [
        target.endsWith('/apis')
          ? { metadata: { name: 'g.io' }, versions: [{ version: 'v2', resources: [resources('things', [])] }] }
          : { metadata: {}, versions: [{ version: 'v1', resources: [resources('configmaps', ['deletecollection'])] }] },
      ],
    },
  });
  const transport = new FakeTransport((call) => {
    const { pathname } = new URL(call.target, 'http://x');
    const answer = answers[`${call.method} ${pathname.split('/').at(-1)}`];
    return answer?.(call) ?? (/\/apis?$/.test(pathname) ? discovery(pathname) : list());
  });
  const client = new Client({ transport, clock: new FakeClock(), random: () => 0, scope: ROOT_CLUSTER });
  return { transport, client };
}

const list = (...names: string[]): ScriptedAnswer => ({
  status: 200,
  body: {
    kind: 'PartialObjectMetadataList',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: '7' },
    items: names.map((name) => ({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name } })),
  },
});
const signal = new AbortController().signal;

describe('emptying a namespace', () => {
  test('deletes together what can be, one by one what cannot, and leaves empty types alone', async () => {
    const left = new Set(['a', 'b']);
    const gone = (name: string) => () => {
      left.delete(name);
      return { status: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' } };
    };
    const { client, transport } = stage({
      'GET things': () => list(...left),
      'DELETE a': gone('a'),
      'DELETE b': gone('b'),
    });
    const report = await deleteContent(client, 'n', signal);
    assert.deepEqual([report.failures, report.remaining], [[], []]);
    const deletions = transport.log.filter((line) => line.startsWith('DELETE'));
    assert.deepEqual(
      deletions,
      ['a', 'b'].map((name) => `DELETE /clusters/root/apis/g.io/v2/namespaces/n/things/${name}`),
    );
  });

  test('goes on with other types when one fails, and says which objects should be gone but are not', async () => {
    const { client } = stage({
      'GET configmaps': () => list('stays'),
      'GET things': () => ({ status: 500, body: statusObject(refused) }),
    });
    const report = await deleteContent(client, 'n', signal);
    assert.deepEqual([...report.failures].sort(), [
      'Internal error occurred: no',
      'unexpected items still remain in namespace: n for gvr: /v1, Resource=configmaps',
    ]);
    assert.deepEqual(
      report.remaining.map(({ resource, count }) => [resource.resource, count]),
      [['configmaps', 1]],
    );
  });

  test('a server whose discovery fails is not taken for an empty one', async () => {
    const { client } = stage({ 'GET apis': () => ({ status: 500, body: statusObject(refused) }) });
    const report = await deleteContent(client, 'n', signal);
    assert.equal(report.discoveryFailure, 'Internal error occurred: no');
  });
});

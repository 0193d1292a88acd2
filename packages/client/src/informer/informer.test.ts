import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newExpired, newInvalid, type StatusError, statusObject } from '@kcp/apimachinery/errors/status-error';
import { isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import { ALL_CLUSTERS, type ClusterName, parseClusterName } from '@kcp/apimachinery/meta/cluster-name';
import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { Client } from '../rest/client.js';
import { FakeClock, settled } from '../testing/fake-clock.js';
import { FakeTransport, frame, type ScriptedAnswer } from '../testing/fake-transport.js';
import { BytePipe } from '../transport/byte-pipe.js';
import { type Call, TransportError } from '../transport/transport.js';
import { type Change, Informer, type InformerOptions } from './informer.js';
import { keyText } from './object-key.js';

const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const A = name('team-a');

function name(text: string): ClusterName {
  const cluster = parseClusterName(text);
  assert.ok(cluster);
  return cluster;
}

/** An object as a wildcard answer shows it. */
function object(
  cluster: string,
  named: string,
  resourceVersion: number,
  labels: Record<string, string> = {},
): KubeObject {
  const annotations = { 'kcp.io/cluster': cluster };
  const metadata = { name: named, namespace: 'n', resourceVersion: String(resourceVersion), labels, annotations };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata };
}

const initialEnd = (resourceVersion: number) =>
  frame('BOOKMARK', {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { resourceVersion: String(resourceVersion), annotations: { 'k8s.io/initial-events-end': 'true' } },
  });
const bookmark = (resourceVersion: number) =>
  frame('BOOKMARK', { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: String(resourceVersion) } });

/** An informer over a server that answers each call with the next script; without one, with a silent watch. */
function stage(scripts: ((call: Call) => ScriptedAnswer)[], more: Partial<InformerOptions<JsonObject>> = {}) {
  const clock = new FakeClock();
  const transport = new FakeTransport((call, nth) => scripts[nth]?.(call) ?? { status: 200, body: new BytePipe() });
  const client = new Client({ transport, clock, random: () => 0, scope: ALL_CLUSTERS });
  const errors: unknown[] = [];
  const informer = new Informer<JsonObject>({
    client,
    clock,
    random: () => 0,
    resource: CONFIG_MAPS,
    keep: ({ metadata }) => ({ ...metadata }),
    onError: (error) => errors.push(error),
    ...more,
  });
  const heard: string[] = [];
  const hear =
    (into: string[]) =>
    ({ key, before, after }: Change<JsonObject>) =>
      into.push(`${before ? (after ? 'changed' : 'gone') : 'came'} ${keyText(key)}`);
  informer.subscribe(hear(heard));
  informer.start();
  return { clock, transport, informer, errors, heard, hear };
}

const streaming = (pipe: BytePipe) => () => ({ status: 200, body: pipe });
const failing = (error: StatusError) => () => ({ status: error.code, body: statusObject(error.status) });

describe('an informer', () => {
  test('knows the state when it is whole, then every change, each under its logical cluster', async () => {
    const pipe = new BytePipe();
    const { informer, heard, transport } = stage([streaming(pipe)]);
    await settled();
    pipe.write(frame('ADDED', object('team-a', 'x', 1)));
    pipe.write(frame('ADDED', object('team-b', 'x', 2)));
    await settled();
    assert.equal(informer.hasSynced, false);
    assert.deepEqual(heard, []);
    pipe.write(initialEnd(5));
    await informer.synced;
    pipe.write(frame('MODIFIED', object('team-b', 'x', 6)));
    pipe.write(frame('DELETED', object('team-a', 'x', 7)));
    await settled();
    assert.deepEqual(heard, ['came team-a/n/x', 'came team-b/n/x', 'changed team-b/n/x', 'gone team-a/n/x']);
    assert.deepEqual(transport.log, [
      'GET /clusters/*/api/v1/configmaps?watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan',
    ]);
    assert.equal(informer.size, 1);
    await informer.stop();
  });

  test('does not take the annotation of a wildcard answer for the object’s own', async () => {
    const pipe = new BytePipe();
    const { informer } = stage([streaming(pipe)]);
    await settled();
    pipe.write(frame('ADDED', object('team-a', 'x', 1)));
    pipe.write(initialEnd(1));
    await informer.synced;
    assert.equal(informer.get({ cluster: A, namespace: 'n', name: 'x' })?.value.annotations, undefined);
    await informer.stop();
  });

  test('a handler that comes late hears of what is there', async () => {
    const pipe = new BytePipe();
    const { informer, hear } = stage([streaming(pipe)]);
    await settled();
    pipe.write(frame('ADDED', object('team-a', 'x', 1)));
    pipe.write(initialEnd(1));
    await informer.synced;
    const late: string[] = [];
    const unsubscribe = informer.subscribe(hear(late));
    assert.deepEqual(late, ['came team-a/n/x']);
    unsubscribe();
    pipe.write(frame('DELETED', object('team-a', 'x', 2)));
    await settled();
    assert.deepEqual(late, ['came team-a/n/x']);
    await informer.stop();
  });

  test('goes on after a bookmark when the stream ends, at once and without telling anything twice', async () => {
    const [first, second] = [new BytePipe(), new BytePipe()];
    const { clock, informer, heard, transport, errors } = stage([streaming(first), streaming(second)]);
    await settled();
    first.write(frame('ADDED', object('team-a', 'x', 1)));
    first.write(initialEnd(1));
    first.write(bookmark(40));
    first.end();
    await clock.pass(0);
    second.write(frame('MODIFIED', object('team-a', 'x', 41)));
    await settled();
    assert.deepEqual(heard, ['came team-a/n/x', 'changed team-a/n/x']);
    assert.equal(
      transport.log[1],
      'GET /clusters/*/api/v1/configmaps?watch=true&resourceVersion=40&allowWatchBookmarks=true',
    );
    assert.deepEqual(errors, []);
    await informer.stop();
  });

  test('begins anew when the history is gone, and tells the difference alone', async () => {
    const [first, second] = [new BytePipe(), new BytePipe()];
    const { clock, informer, heard } = stage([
      streaming(first),
      failing(newExpired('too old resource version')),
      streaming(second),
    ]);
    await settled();
    for (const [named, at] of [
      ['same', 1],
      ['old', 2],
      ['lost', 3],
    ] as const)
      first.write(frame('ADDED', object('team-a', named, at)));
    first.write(initialEnd(3));
    first.end();
    await clock.pass(0);
    heard.length = 0;
    await clock.pass(800);
    second.write(frame('ADDED', object('team-a', 'same', 1)));
    second.write(frame('ADDED', object('team-a', 'old', 90)));
    second.write(frame('ADDED', object('team-a', 'new', 91)));
    second.write(initialEnd(100));
    await settled();
    assert.deepEqual(heard, ['gone team-a/n/lost', 'changed team-a/n/old', 'came team-a/n/new']);
    await informer.stop();
  });

  test('a state that was cut off half-way counts for nothing', async () => {
    const [first, second] = [new BytePipe(), new BytePipe()];
    const { clock, informer, heard } = stage([streaming(first), streaming(second)]);
    await settled();
    first.write(frame('ADDED', object('team-a', 'ghost', 1)));
    first.end();
    await clock.pass(0);
    second.write(initialEnd(2));
    await informer.synced;
    assert.deepEqual(heard, []);
    await informer.stop();
  });

  test('lists page by page where the server cannot stream a state', async () => {
    const refusal = newInvalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', []);
    const page =
      (more: JsonObject, ...items: KubeObject[]) =>
      () => ({
        status: 200,
        body: { kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: '9', ...more }, items },
      });
    const pipe = new BytePipe();
    const { clock, informer, heard, transport } = stage([
      failing(refusal),
      page({ continue: 'next' }, object('team-a', 'x', 1)),
      page({}, object('team-a', 'y', 2)),
      streaming(pipe),
    ]);
    await clock.pass(0);
    pipe.write(frame('DELETED', object('team-a', 'x', 10)));
    await settled();
    assert.deepEqual(heard, ['came team-a/n/x', 'came team-a/n/y', 'gone team-a/n/x']);
    assert.deepEqual(transport.log.slice(1), [
      'GET /clusters/*/api/v1/configmaps?limit=500',
      'GET /clusters/*/api/v1/configmaps?limit=500&continue=next',
      'GET /clusters/*/api/v1/configmaps?watch=true&resourceVersion=9&allowWatchBookmarks=true',
    ]);
    await informer.stop();
  });

  test('waits longer and longer for a server that fails, and says why', async () => {
    const down = () => {
      throw new TransportError('connection refused');
    };
    const { clock, informer, transport, errors } = stage([down, down, down]);
    await clock.pass(799);
    assert.equal(transport.calls.length, 1);
    await clock.pass(1);
    assert.equal(transport.calls.length, 2);
    await clock.pass(1_600);
    assert.equal(transport.calls.length, 3);
    assert.equal(errors.length, 3);
    await informer.stop();
    assert.equal(clock.pending, 0);
  });

  test('keeps nothing of an object that is not worth keeping, nor tells of it', async () => {
    const pipe = new BytePipe();
    const keep = ({ metadata }: KubeObject) => (metadata.labels?.keep === 'yes' ? {} : undefined);
    const { informer, heard } = stage([streaming(pipe)], { keep });
    await settled();
    pipe.write(frame('ADDED', object('team-a', 'x', 1)));
    pipe.write(initialEnd(1));
    await informer.synced;
    pipe.write(frame('MODIFIED', object('team-a', 'x', 2, { keep: 'yes' })));
    pipe.write(frame('MODIFIED', object('team-a', 'x', 3)));
    pipe.write(frame('DELETED', object('team-a', 'x', 4)));
    await settled();
    assert.deepEqual(heard, ['came team-a/n/x', 'gone team-a/n/x']);
    await informer.stop();
  });

  test('finds entries by what they are indexed by', async () => {
    const pipe = new BytePipe();
    const indexers: InformerOptions<JsonObject>['indexers'] = {
      owner: ({ value }) => (isObject(value.labels) ? Object.values(value.labels).map(String) : []),
    };
    const { informer } = stage([streaming(pipe)], { indexers });
    await settled();
    pipe.write(frame('ADDED', object('team-a', 'x', 1, { owner: 'me' })));
    pipe.write(frame('ADDED', object('team-b', 'y', 2, { owner: 'me' })));
    pipe.write(initialEnd(2));
    await informer.synced;
    const names = (value: string) => informer.indexed('owner', value).map(({ key }) => key.name);
    assert.deepEqual(names('me'), ['x', 'y']);
    pipe.write(frame('MODIFIED', object('team-a', 'x', 3, { owner: 'you' })));
    await settled();
    assert.deepEqual([names('me'), names('you')], [['y'], ['x']]);
    assert.deepEqual(
      [...informer.entries(A)].map(({ key }) => key.name),
      ['x'],
    );
    await informer.stop();
  });

  test('sees its own write at once, and no write of yesterday', async () => {
    const pipe = new BytePipe();
    const { informer, heard } = stage([streaming(pipe)]);
    await settled();
    pipe.write(frame('ADDED', object('team-a', 'x', 1)));
    pipe.write(initialEnd(1));
    await informer.synced;
    informer.observe(A, object('team-a', 'x', 5));
    assert.equal(informer.get({ cluster: A, namespace: 'n', name: 'x' })?.revision, 5);
    pipe.write(frame('MODIFIED', object('team-a', 'x', 4)));
    pipe.write(frame('MODIFIED', object('team-a', 'x', 5)));
    pipe.write(frame('DELETED', object('team-a', 'x', 6)));
    await settled();
    informer.observe(A, object('team-a', 'x', 5));
    assert.deepEqual(heard, ['came team-a/n/x', 'changed team-a/n/x', 'gone team-a/n/x']);
    assert.equal(informer.size, 0);
    await informer.stop();
  });
});

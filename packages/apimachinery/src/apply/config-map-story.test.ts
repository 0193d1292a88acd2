import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONFIG_MAP, SERVICE_ACCOUNT } from './merge-types.fixture.js';
import { Story } from './story.fixture.js';

// The requests, fields, orders and texts are those recorded of Kubernetes 1.36 (golden scenario 06).

const configMap = (): Story => new Story({ type: CONFIG_MAP, apiVersion: 'v1', kind: 'ConfigMap' });

test('two managers apply side by side, conflict, win by force and give up', () => {
  const story = configMap();
  const mine = { metadata: { labels: { app: 'golden' } }, data: { k1: 'a', k2: 'b', k3: 'c' } };
  story.apply('m1', mine);
  const m1 = 'm1 Apply: {"f:data":{"f:k1":{},"f:k2":{},"f:k3":{}},"f:metadata":{"f:labels":{"f:app":{}}}}';
  assert.deepEqual(story.managers, [m1]);
  assert.equal(story.apply('m1', mine), false, 'the same again changes nothing');

  story.apply('m2', { metadata: { annotations: { 'example.com/by': 'm2' } }, data: { n1: 'x', n2: 'y' } });
  assert.deepEqual(story.managers, [
    m1,
    'm2 Apply: {"f:data":{"f:n1":{},"f:n2":{}},"f:metadata":{"f:annotations":{"f:example.com/by":{}}}}',
  ]);

  const one = story.refused('m2', { data: { k1: 'mine', n1: 'x', n2: 'y' } });
  assert.equal(one.message, 'Apply failed with 1 conflict: conflict with "m1": .data.k1');
  assert.deepEqual(one.status.details, {
    causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "m1"', field: '.data.k1' }],
  });
  const two = story.refused('m2', { data: { k1: 'mine', k2: 'mine too', n1: 'x' } });
  assert.equal(two.message, 'Apply failed with 2 conflicts: conflicts with "m1":\n- .data.k1\n- .data.k2');

  story.apply('m2', { data: { k1: 'mine', n1: 'x', n2: 'y' } }, { force: true });
  assert.deepEqual(story.managers, [
    'm1 Apply: {"f:data":{"f:k2":{},"f:k3":{}},"f:metadata":{"f:labels":{"f:app":{}}}}',
    'm2 Apply: {"f:data":{"f:k1":{},"f:n1":{},"f:n2":{}}}',
  ]);
  story.apply('m2', { data: { k1: 'mine', n1: 'x' } });
  story.expect('data', { k1: 'mine', k2: 'b', k3: 'c', n1: 'x' });
  story.aSecondPasses();
  story.apply('m1', { data: { k3: 'c' } });
  story.expect('data', { k1: 'mine', k3: 'c', n1: 'x' });
  assert.equal(story.live?.metadata.labels, undefined);
  assert.deepEqual(story.managers, ['m2 Apply: {"f:data":{"f:k1":{},"f:n1":{}}}', 'm1 Apply: {"f:data":{"f:k3":{}}}']);
});

test('managers that apply the same value share the field', () => {
  const story = configMap();
  story.apply('m1', { data: { k: 'v', own: '1' } });
  story.apply('m2', { data: { k: 'v' } });
  assert.deepEqual(story.managers, [
    'm2 Apply (untimed): {"f:data":{"f:k":{}}}',
    'm1 Apply: {"f:data":{"f:k":{},"f:own":{}}}',
  ]);
  story.aSecondPasses();
  story.apply('m1', { data: { own: '1' } });
  assert.deepEqual(story.managers, ['m2 Apply (untimed): {"f:data":{"f:k":{}}}', 'm1 Apply: {"f:data":{"f:own":{}}}']);
  story.apply('m2', { data: { k: 'w' } });
  assert.deepEqual(story.managers, ['m1 Apply: {"f:data":{"f:own":{}}}', 'm2 Apply: {"f:data":{"f:k":{}}}']);
});

test('updates and applies on one object', () => {
  const story = configMap();
  story.update('c1', { data: { k: 'v', other: '1' } });
  const c1 = 'c1 Update: {"f:data":{".":{},"f:k":{},"f:other":{}}}';
  assert.deepEqual(story.managers, [c1]);
  story.apply('m1', { data: { k: 'v' } });
  assert.deepEqual(story.managers, ['m1 Apply (untimed): {"f:data":{"f:k":{}}}', c1]);
  const conflict = story.refused('m1', { data: { k: 'w' } });
  assert.equal(conflict.message, 'Apply failed with 1 conflict: conflict with "c1" using v1: .data.k');
  story.update('d2', { data: { k: 'x', other: '1' } });
  assert.deepEqual(story.managers, ['c1 Update: {"f:data":{".":{},"f:other":{}}}', 'd2 Update: {"f:data":{"f:k":{}}}']);
  const again = story.refused('m1', { data: { k: 'w' } });
  assert.equal(again.message, 'Apply failed with 1 conflict: conflict with "d2" using v1: .data.k');
});

for (const cleared of [[{}], []]) {
  test(`managedFields set to ${JSON.stringify(cleared)} are cleared until the next apply`, () => {
    const story = configMap();
    const metadata = { labels: { app: 'golden' } };
    story.update('c1', { metadata, data: { k: 'v' } });
    story.update('d2', { metadata: { ...metadata, managedFields: cleared }, data: { k: 'v' } });
    assert.equal(story.live?.metadata.managedFields, undefined);
    story.update('d2', { metadata, data: { k: 'v' } });
    assert.equal(story.live?.metadata.managedFields, undefined);
    story.apply('m1', { data: { l: 'w' } });
    assert.deepEqual(story.managers, [
      'm1 Apply: {"f:data":{"f:l":{}}}',
      'before-first-apply Update: {"f:data":{".":{},"f:k":{}},"f:metadata":{"f:labels":{".":{},"f:app":{}}}}',
    ]);
  });
}

test('an apply that carries managedFields, or does not fit the type, is refused', () => {
  const story = configMap();
  const carried = story.refused('m1', { metadata: { managedFields: [] }, data: {} });
  assert.deepEqual([carried.code, carried.message], [400, 'metadata.managedFields must be nil']);
  const unknown = story.refused('m1', { spec: { x: 1 } });
  assert.deepEqual(
    [unknown.code, unknown.reason, unknown.message],
    [500, '', 'failed to create typed patch object (/o; /v1, Kind=ConfigMap): .spec: field not declared in schema'],
  );
});

test('lists by key, atomic lists and sets', () => {
  const story = new Story({ type: SERVICE_ACCOUNT, apiVersion: 'v1', kind: 'ServiceAccount' });
  const item = (name: string): { name: string } => ({ name });
  story.apply('m1', { secrets: [item('a'), item('b')], imagePullSecrets: [item('p')] });
  assert.deepEqual(story.managers, [
    String.raw`m1 Apply: {"f:imagePullSecrets":{},"f:secrets":{"k:{\"name\":\"a\"}":{},"k:{\"name\":\"b\"}":{}}}`,
  ]);
  story.apply('m2', { secrets: [item('c'), item('a')] });
  story.expect('secrets', [item('c'), item('a'), item('b')]);
  const whole = story.refused('m2', { secrets: [item('c'), { name: 'a', namespace: 'elsewhere' }] });
  assert.equal(whole.message, 'Apply failed with 1 conflict: conflict with "m1": .secrets[name="a"]');
  story.aSecondPasses();
  story.apply('m1', { secrets: [item('a')], imagePullSecrets: [item('p')] });
  story.expect('secrets', [item('c'), item('a')]);
  const twice = story.refused('m1', { secrets: [item('a'), item('a')] });
  assert.equal(
    twice.message,
    'failed to create typed patch object (/o; /v1, Kind=ServiceAccount): .secrets: duplicate entries for key [name="a"]',
  );
  const atomic = story.refused('m3', { imagePullSecrets: [item('q')] });
  assert.equal(atomic.message, 'Apply failed with 1 conflict: conflict with "m1": .imagePullSecrets');

  story.apply('m4', { metadata: { finalizers: ['example.com/x'] } });
  story.apply('m5', { metadata: { finalizers: ['example.com/y'] } });
  assert.deepEqual(story.managers, [
    String.raw`m2 Apply: {"f:secrets":{"k:{\"name\":\"a\"}":{},"k:{\"name\":\"c\"}":{}}}`,
    String.raw`m1 Apply: {"f:imagePullSecrets":{},"f:secrets":{"k:{\"name\":\"a\"}":{}}}`,
    String.raw`m4 Apply: {"f:metadata":{"f:finalizers":{"v:\"example.com/x\"":{}}}}`,
    String.raw`m5 Apply: {"f:metadata":{"f:finalizers":{"v:\"example.com/y\"":{}}}}`,
  ]);
  story.apply('m4', { metadata: { labels: { instead: 'of' } } });
  assert.deepEqual(story.live?.metadata.finalizers, ['example.com/y']);
});

test('kubectl takes over from its own client-side apply, and keeps its annotation up to date', () => {
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
  const last = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'o' }, data: { k: 'v' } });
  const metadata = { annotations: { [annotation]: last } };
  const story = configMap();
  story.update('kubectl-client-side-apply', { metadata, data: { k: 'v' } });
  story.update('editor', { metadata, data: { k: 'v', other: 'e' } });
  const { message } = story.refused('kubectl', { data: { k: 'w', other: 'mine' } });
  assert.equal(message, 'Apply failed with 1 conflict: conflict with "editor" using v1: .data.other');
  assert.equal(story.refused('m1', { data: { k: 'w' } }).code, 409, 'anyone else has a conflict');

  story.apply('kubectl', { data: { k: 'w' } });
  story.expect('data', { k: 'w', other: 'e' });
  const refreshed = '{"apiVersion":"v1","data":{"k":"w"},"kind":"ConfigMap","metadata":{"name":"o"}}\n';
  assert.equal(story.live?.metadata.annotations?.[annotation], refreshed);
});

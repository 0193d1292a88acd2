import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isObject } from '../json/value.js';
import type { KubeObject } from '../meta/object.js';
import { PLAN } from './merge-types.fixture.js';
import { Story } from './story.fixture.js';

// The requests, fields, orders and texts are those recorded of Kubernetes 1.36 (golden scenario 23).

/** The defaults of the recorded definition: `size` 1, `protocol` TCP. */
function defaults(object: KubeObject): KubeObject {
  const spec = isObject(object.spec) ? object.spec : {};
  const ports = Array.isArray(spec.ports)
    ? { ports: spec.ports.map((port) => (isObject(port) ? { protocol: 'TCP', ...port } : port)) }
    : {};
  return { ...object, spec: { size: 1, ...spec, ...ports } };
}

const plan = (): Story => new Story({ type: PLAN, apiVersion: 'g.example.com/v1', kind: 'Plan', defaults });
const env = (name: string, value: string): { name: string; value: string } => ({ name, value });
const ITEM = '{".":{},"f:name":{},"f:value":{}}';

test('two managers of the same lists and maps', () => {
  const story = plan();
  const first = {
    note: 'n',
    env: [env('a', '1'), env('b', '2')],
    tags: ['x', 'y'],
    labels: { k1: 'v1' },
    ports: [{ port: 80 }],
  };
  story.apply('one', { spec: first });
  const one = String.raw`one Apply: {"f:spec":{"f:env":{"k:{\"name\":\"a\"}":${ITEM},"k:{\"name\":\"b\"}":${ITEM}},"f:labels":{"f:k1":{}},"f:note":{},"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:port":{}}},"f:tags":{"v:\"x\"":{},"v:\"y\"":{}}}}`;
  assert.deepEqual(story.managers, [one]);
  assert.equal(story.apply('one', { spec: first }), false);

  story.aSecondPasses();
  const port = { port: 80, protocol: 'UDP', name: 'u' };
  story.apply('two', { spec: { env: [env('c', '3')], tags: ['z', 'y'], labels: { k2: 'v2' }, ports: [port] } });
  assert.deepEqual(story.managers, [
    one,
    String.raw`two Apply: {"f:spec":{"f:env":{"k:{\"name\":\"c\"}":${ITEM}},"f:labels":{"f:k2":{}},"f:ports":{"k:{\"port\":80,\"protocol\":\"UDP\"}":{".":{},"f:name":{},"f:port":{},"f:protocol":{}}},"f:tags":{"v:\"y\"":{},"v:\"z\"":{}}}}`,
  ]);
  story.expect('spec', {
    env: [env('a', '1'), env('b', '2'), env('c', '3')],
    labels: { k1: 'v1', k2: 'v2' },
    note: 'n',
    ports: [{ port: 80, protocol: 'TCP' }, port],
    size: 1,
    tags: ['x', 'z', 'y'],
  });

  const text = (body: object): string => story.refused('two', { spec: JSON.parse(JSON.stringify(body)) }).message;
  assert.equal(
    text({ env: [env('a', '9')] }),
    'Apply failed with 1 conflict: conflict with "one": .spec.env[name="a"].value',
  );
  assert.equal(
    text({ note: 'm', env: [env('a', '9'), env('b', '9')], labels: { k1: 'w' } }),
    'Apply failed with 4 conflicts: conflicts with "one":\n- .spec.note\n- .spec.env[name="a"].value\n- .spec.env[name="b"].value\n- .spec.labels.k1',
  );
  const other = story.refused('three', { spec: { ports: [{ ...port, name: 'other' }] } });
  assert.equal(
    other.message,
    'Apply failed with 1 conflict: conflict with "two": .spec.ports[port=80,protocol="UDP"].name',
  );

  story.aSecondPasses();
  const forced = { env: [env('a', '9'), env('c', '3')], tags: ['z', 'y'], labels: { k2: 'v2' } };
  story.apply('two', { spec: forced }, { force: true });
  assert.deepEqual(story.managers, [
    one.replace(`"f:env":{"k:{\\"name\\":\\"a\\"}":${ITEM}`, '"f:env":{"k:{\\"name\\":\\"a\\"}":{".":{},"f:name":{}}'),
    String.raw`two Apply: {"f:spec":{"f:env":{"k:{\"name\":\"a\"}":${ITEM},"k:{\"name\":\"c\"}":${ITEM}},"f:labels":{"f:k2":{}},"f:tags":{"v:\"y\"":{},"v:\"z\"":{}}}}`,
  ]);
  story.aSecondPasses();
  story.apply('one', { spec: { env: [{ name: 'a' }], tags: ['y'], ports: [{ port: 80 }] } });
  story.expect('spec', {
    env: [env('a', '9'), env('c', '3')],
    labels: { k2: 'v2' },
    ports: [{ port: 80, protocol: 'TCP' }],
    size: 1,
    tags: ['z', 'y'],
  });
  story.aSecondPasses();
  story.apply('two', { spec: { env: [env('a', '9')], tags: ['z'] } });
  const spec = { env: [env('a', '9')], ports: [{ port: 80, protocol: 'TCP' }], size: 1, tags: ['z', 'y'] };
  story.expect('spec', spec);
  story.aSecondPasses();
  story.apply('two', { spec: { env: [env('z', '26'), env('a', '9')], tags: ['z', 'b'] } });
  story.expect('spec', { ...spec, env: [env('z', '26'), env('a', '9')], tags: ['z', 'y', 'b'] });
});

test('atomic lists, maps and structs are of one piece', () => {
  const story = plan();
  const frozen = { a: '1', b: '2' };
  story.apply('one', {
    spec: { steps: ['s1', 's2'], loose: ['l'], frozen, fixed: { left: 'l', right: 'r' }, pair: { left: 'l' } },
  });
  assert.deepEqual(story.managers, [
    'one Apply: {"f:spec":{"f:fixed":{},"f:frozen":{},"f:loose":{},"f:pair":{"f:left":{}},"f:steps":{}}}',
  ]);
  for (const [field, value] of Object.entries({ steps: ['s1'], frozen: { c: '3' }, fixed: { left: 'l' } })) {
    const { message } = story.refused('two', { spec: { [field]: value } });
    assert.equal(message, `Apply failed with 1 conflict: conflict with "one": .spec.${field}`);
  }
  story.apply('two', { spec: { pair: { right: 'r' } } });
  story.apply('two', { spec: { steps: ['t1'], frozen: { c: '3' }, pair: { right: 'r' } } }, { force: true });
  assert.deepEqual(story.managers, [
    'one Apply: {"f:spec":{"f:fixed":{},"f:loose":{},"f:pair":{"f:left":{}}}}',
    'two Apply: {"f:spec":{"f:frozen":{},"f:pair":{"f:right":{}},"f:steps":{}}}',
  ]);
  story.expect('spec', {
    fixed: { left: 'l', right: 'r' },
    frozen: { c: '3' },
    loose: ['l'],
    pair: { left: 'l', right: 'r' },
    size: 1,
    steps: ['t1'],
  });
});

test('a list within a list', () => {
  const story = plan();
  const aide = { id: 2, role: 'aide' };
  story.apply('one', { spec: { groups: [{ name: 'g1', members: [{ id: 1, role: 'lead' }] }] } });
  story.apply('two', { spec: { groups: [{ name: 'g1', members: [aide] }, { name: 'g2' }] } });
  const conflict = story.refused('two', { spec: { groups: [{ name: 'g1', members: [{ id: 1, role: 'aide' }] }] } });
  assert.equal(
    conflict.message,
    'Apply failed with 1 conflict: conflict with "one": .spec.groups[name="g1"].members[id=1].role',
  );
  story.aSecondPasses();
  story.apply('one', { spec: { note: 'left' } });
  story.expect('spec', { groups: [{ name: 'g1', members: [aide] }, { name: 'g2' }], note: 'left', size: 1 });
  assert.deepEqual(story.managers, [
    String.raw`two Apply: {"f:spec":{"f:groups":{"k:{\"name\":\"g1\"}":{".":{},"f:members":{"k:{\"id\":2}":{".":{},"f:id":{},"f:role":{}}},"f:name":{}},"k:{\"name\":\"g2\"}":{".":{},"f:name":{}}}}}`,
    'one Apply: {"f:spec":{"f:note":{}}}',
  ]);
});

test('fields that the schema does not know', () => {
  const story = plan();
  story.apply('one', { spec: { any: { a: { b: [1, 2] }, c: 'x' } } });
  story.apply('two', { spec: { any: { d: true, a: { e: null } } } });
  assert.deepEqual(story.managers, [
    'one Apply: {"f:spec":{"f:any":{"f:a":{".":{},"f:b":{}},"f:c":{}}}}',
    'two Apply: {"f:spec":{"f:any":{"f:a":{".":{},"f:e":{}},"f:d":{}}}}',
  ]);
  story.expect('spec', { any: { a: { b: [1, 2], e: null }, c: 'x', d: true }, size: 1 });
  const conflict = story.refused('two', { spec: { any: { a: { b: [3] } } } });
  assert.equal(conflict.message, 'Apply failed with 1 conflict: conflict with "one": .spec.any.a.b');
});

test('an update beside an apply, and a default that nobody has', () => {
  const story = plan();
  const applied = { note: 'n', env: [env('a', '1')] };
  story.apply('applier', { spec: applied });
  story.aSecondPasses();
  story.update('editor', { spec: { note: 'edited', env: [env('a', '1'), env('b', '2')], size: 1 } });
  const editor = String.raw`editor Update: {"f:spec":{"f:env":{"k:{\"name\":\"b\"}":${ITEM}},"f:note":{}}}`;
  const applier = String.raw`applier Apply: {"f:spec":{"f:env":{"k:{\"name\":\"a\"}":${ITEM}}}}`;
  assert.deepEqual(story.managers, [applier, editor]);
  const conflict = story.refused('applier', { spec: applied });
  assert.equal(
    conflict.message,
    'Apply failed with 1 conflict: conflict with "editor" using g.example.com/v1: .spec.note',
  );
  story.apply('applier', { spec: { size: 4, env: [env('a', '1')] } });
  story.apply('applier', { spec: { env: [env('a', '1')] } });
  story.expect('spec', { env: [env('a', '1'), env('b', '2')], note: 'edited', size: 1 });
  assert.deepEqual(story.managers, [applier, editor]);
});

test('the status has managers of its own, and each endpoint ignores the other half', () => {
  const story = plan();
  const ready = { type: 'Ready', status: 'True' };
  const live = { type: 'Live', status: 'True' };
  story.apply('applier', { spec: { size: 2 } });
  story.apply('controller', { status: { phase: 'Up', conditions: [ready] } }, { subresource: 'status' });
  story.apply('prober', { status: { conditions: [live] } }, { subresource: 'status' });
  const { message } = story.refused('prober', { status: { conditions: [{ ...ready, status: 'False' }] } }, 'status');
  assert.equal(
    message,
    'Apply failed with 1 conflict: conflict with "controller" with subresource "status": .status.conditions[type="Ready"].status',
  );
  story.aSecondPasses();
  story.apply('applier', { spec: { size: 2 }, status: { phase: 'Down' } });
  story.expect('status', { phase: 'Up', conditions: [ready, live] });
  assert.deepEqual(story.managers, [
    String.raw`controller Apply /status: {"f:status":{"f:conditions":{"k:{\"type\":\"Ready\"}":{".":{},"f:status":{},"f:type":{}}},"f:phase":{}}}`,
    String.raw`prober Apply /status: {"f:status":{"f:conditions":{"k:{\"type\":\"Live\"}":{".":{},"f:status":{},"f:type":{}}}}}`,
    'applier Apply: {"f:spec":{"f:size":{}}}',
  ]);
});

test('what does not fit the schema is refused in the words of the recording', () => {
  const story = plan();
  const text = (spec: object): string => story.refused('one', { spec: JSON.parse(JSON.stringify(spec)) }).message;
  const start = 'failed to create typed patch object (/o; g.example.com/v1, Kind=Plan): ';
  assert.equal(
    text({ env: [env('a', '1'), env('a', '2')] }),
    `${start}.spec.env: duplicate entries for key [name="a"]`,
  );
  assert.equal(
    text({ ports: [{ port: 80 }, { port: 80, protocol: 'TCP' }] }),
    `${start}.spec.ports: duplicate entries for key [port=80,protocol="TCP"]`,
  );
  assert.equal(text({ tags: ['a', 'a'] }), `${start}.spec.tags: duplicate entries for key [="a"]`);
  assert.equal(
    text({ env: [{ value: '1' }] }),
    `${start}.spec.env: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn't have default values for any key fields)`,
  );
  assert.equal(text({ strange: 1 }), `${start}.spec.strange: field not declared in schema`);
});

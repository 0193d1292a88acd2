import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import { Client } from '@kcp/client/rest/client';
import { FakeClock } from '@kcp/client/testing/fake-clock';
import { FakeTransport } from '@kcp/client/testing/fake-transport';
import { importView } from '../apis/views.js';
import { ImportSpecs } from './import-specs.js';

/** An import of a location, in some generation of some object. */
function stored(location: string, generation: number, uid: string, property: string) {
  return {
    apiVersion: 'apiresource.kcp.dev/v1alpha1',
    kind: 'APIResourceImport',
    metadata: { name: location, generation, uid },
    spec: {
      groupVersion: { version: 'v1' },
      plural: 'pods',
      kind: 'Pod',
      location,
      openAPIV3Schema: { type: 'object', properties: { [property]: { type: 'string' } } },
    },
  };
}

test('imports are read once per generation, and equal schemas are one', async () => {
  const server = new Map([
    ['a', stored('a', 1, 'one', 'x')],
    ['b', stored('b', 1, 'two', 'x')],
  ]);
  const transport = new FakeTransport(({ target }) => ({
    status: 200,
    body: server.get(target.slice(-1)) ?? assert.fail(target),
  }));
  const client = new Client({ transport, scope: ROOT_CLUSTER, clock: new FakeClock(), random: () => 0 });
  const specs = new ImportSpecs();
  const read = (name: string, as = server.get(name)) => {
    const view = as && importView(as);
    return specs.read(client, ROOT_CLUSTER, view ?? assert.fail(name), {});
  };
  const [a, b] = [await read('a'), await read('b')];
  assert.ok(a !== undefined && a.schema === b?.schema);
  assert.equal(await read('a'), a);
  assert.equal(transport.calls.length, 2);

  // Made anew, it has the same generation and is another one.
  server.set('a', stored('a', 1, 'three', 'y'));
  assert.deepEqual((await read('a'))?.schema.properties, { y: { type: 'string' } });
  // A view that is behind is answered by the next look.
  assert.equal(await read('b', stored('b', 2, 'two', 'x')), undefined);
  specs.forget(ROOT_CLUSTER, 'a');
  await read('a');
  assert.equal(transport.calls.length, 5);
});

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { ADMIN, startWithTokens, type TokenServer } from '../testing/token-server.fixture.js';
import type { Reply, WireClient } from '../testing/wire-client.fixture.js';

const CORE = '/api/v1/namespaces/default';

/** What clients in the field rely on, as a kube-apiserver 1.36 was seen to do it. */
describe('a client of the field', () => {
  let server: TokenServer;
  let client: WireClient;
  before(async () => {
    server = await startWithTokens();
    client = server.client;
  });
  after(() => server.stop());
  const post = (path: string, body: JsonObject | string): Promise<Reply> => client.send('POST', path, ADMIN, body);
  const versionOf = ({ body }: Reply): string => readString(readObject(body, 'metadata') ?? {}, 'resourceVersion');

  test('tries a copy of an object, resourceVersion and all, which it may not create', async () => {
    for (const resourceVersion of ['5', '05', '18446744073709551615']) {
      const copy = { metadata: { name: 'copy', resourceVersion } };
      assert.equal(versionOf(await post(`${CORE}/configmaps?dryRun=All`, copy)), resourceVersion);
      const { code, body } = await post(`${CORE}/configmaps`, copy);
      assert.equal(code, 500);
      assert.equal(body.message, 'resourceVersion should not be set on objects to be created');
    }
  });

  test('may state a resourceVersion that is none', async () => {
    for (const [i, resourceVersion] of ['0', '00', 'abc', '18446744073709551616'].entries()) {
      const made = await post(`${CORE}/configmaps`, { metadata: { name: `none-${i}`, resourceVersion } });
      assert.equal(made.code, 201);
      assert.notEqual(versionOf(made), resourceVersion);
    }
  });

  test('finds events of either version by what that version calls the object they are about', async () => {
    const involvedObject = { kind: 'ConfigMap', namespace: 'default', name: 'copy' };
    await post(`${CORE}/events`, { metadata: { name: 'moved' }, involvedObject, reportingComponent: 'mover' });
    const events = '/apis/events.k8s.io/v1/namespaces/default/events';
    const found = async (path: string, selector: string): Promise<number | string> => {
      const reply = await client.send('GET', `${path}?fieldSelector=${encodeURIComponent(selector)}`, ADMIN);
      return reply.code === 200 ? readObjects(reply.body, 'items').length : readString(reply.body, 'message');
    };
    assert.equal(await found(`${CORE}/events`, 'involvedObject.name=copy,reportingComponent=mover'), 1);
    assert.equal(await found(events, 'regarding.name=copy,regarding.kind=ConfigMap,reportingController=mover'), 1);
    assert.equal(await found(events, 'regarding.name=other'), 0);
    for (const [path, field] of [
      [`${CORE}/events`, 'regarding.name'],
      [events, 'involvedObject.name'],
      [events, 'source'],
    ] as const) {
      assert.match(String(await found(path, `${field}=x`)), new RegExp(`field label not supported: ${field}`));
    }
  });

  test('is told of faults in the order in which they stand in a body of a built-in type', async () => {
    const text =
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"q","foo":1,"name":"q"},' +
      '"bad":{"x":1,"x":2},"data":{"a":"1","a":"2"}}';
    const { code, body } = await post(`${CORE}/configmaps?fieldValidation=Strict`, text);
    const frame = 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error';
    const faults =
      'unknown field "metadata.foo", duplicate field "metadata.name", unknown field "bad", duplicate field "data.a"';
    assert.equal(code, 400);
    assert.equal(body.message, `${frame}: ${faults}`);
  });

  test('hears which lines of YAML say something twice, of what it creates and of what it applies', async () => {
    const text = 'kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: twice\ndata:\n  x: "1"\n  x: "2"\n';
    const lines = 'yaml: unmarshal errors:\n  line 7: key "x" already set in map';
    const strict = `${CORE}/configmaps?fieldValidation=Strict`;
    const made = await client.send('POST', strict, ADMIN, text, { 'content-type': 'application/yaml' });
    const frame = 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error';
    assert.equal(made.body.message, `${frame}: ${lines}`);
    const path = `${CORE}/configmaps/twice?fieldManager=m&fieldValidation=Strict`;
    const type = { 'content-type': 'application/apply-patch+yaml' };
    const applied = await client.send('PATCH', path, ADMIN, text, type);
    assert.equal(applied.body.message, `error strict decoding YAML: error converting YAML to JSON: ${lines}`);
    assert.equal((await client.send('PATCH', path.replace('Strict', 'Warn'), ADMIN, text, type)).code, 201);
  });

  test('may read discovery of the core group as protobuf, whose envelope has no version', async () => {
    const accept = 'application/vnd.kubernetes.protobuf';
    for (const [path, kind] of [
      ['/api', 'APIVersions'],
      ['/api/v1', 'APIResourceList'],
    ] as const) {
      const { code, text } = await client.send('GET', path, ADMIN, undefined, { accept });
      assert.equal(code, 200);
      const lengthOf = (bytes: number): string => String.fromCharCode(bytes);
      const head = `k8s\u0000\n${lengthOf(kind.length + 4)}\n\u0000\u0012${lengthOf(kind.length)}${kind}`;
      assert.ok(text.startsWith(head), JSON.stringify(text.slice(0, 30)));
    }
  });
});

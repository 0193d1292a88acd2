import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { deepClone, isObject, type JsonObject } from '@kcp/apimachinery/json/value';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { SmallServer } from '../testing/small-server.fixture.js';
import { answerJson, startWebhook, type WebhookServer } from '../webhook/testing/webhook-server.fixture.js';

const OLD = '/apis/example.com/v1/namespaces/default/widgets';
const NEW = '/apis/example.com/v2/namespaces/default/widgets';

/** v1 has a flat `hostPort`, v2 has `host` and `port`. */
function convert(object: JsonObject, apiVersion: string): JsonObject {
  const { hostPort, host, port, ...rest } = object;
  if (apiVersion === 'example.com/v2') {
    const [h = '', p = ''] = String(hostPort ?? '').split(':');
    return { ...rest, apiVersion, host: h, port: p };
  }
  return { ...rest, apiVersion, hostPort: `${String(host)}:${String(port)}` };
}

const honest = (request: JsonObject): JsonObject => ({
  result: { status: 'Success' },
  convertedObjects: readObjects(request, 'objects').map((object) =>
    convert(object, readString(request, 'desiredAPIVersion')),
  ),
});

/** The honest answer with its first object changed. */
const changing = (change: (object: JsonObject, metadata: JsonObject) => void) => (request: JsonObject) => {
  const answer = deepClone(honest(request));
  const [first] = readObjects(answer, 'convertedObjects');
  if (first !== undefined) change(first, readObject(first, 'metadata') ?? {});
  return answer;
};

const text = { type: 'string' };

const version = (name: string, properties: JsonObject, storage: boolean): JsonObject => ({
  name,
  served: true,
  storage,
  selectableFields: Object.keys(properties).map((property) => ({ jsonPath: `.${property}` })),
  subresources: { status: {} },
  schema: { openAPIV3Schema: { type: 'object', properties: { ...properties, status: { type: 'object' } } } },
});

const definition = (conversion: JsonObject, reviewVersions: string[]): JsonObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'Widget', listKind: 'WidgetList', plural: 'widgets', singular: 'widget' },
    versions: [
      version('v1', { hostPort: text }, true),
      version('v2', { host: text, port: text, mode: { ...text, default: 'plain' } }, false),
    ],
    conversion: {
      strategy: 'Webhook',
      webhook: { clientConfig: conversion, conversionReviewVersions: reviewVersions },
    },
  },
  status: {
    acceptedNames: { kind: 'Widget', listKind: 'WidgetList', plural: 'widgets', singular: 'widget' },
    conditions: [{ type: 'Established', status: 'True' }],
  },
});

const oldWidget = (name: string, hostPort = 'h:1'): JsonObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name },
  hostPort,
});

const newWidget = (name: string, host = 'h', port = '1'): JsonObject => ({
  apiVersion: 'example.com/v2',
  kind: 'Widget',
  metadata: { name },
  host,
  port,
});

describe('custom resources that a webhook converts', () => {
  let server: SmallServer;
  let hook: WebhookServer;
  let respond: (request: JsonObject) => JsonObject | undefined = honest;

  before(async () => {
    hook = await startWebhook((body, response) => {
      const request = readObject(body, 'request') ?? {};
      const said = respond(request);
      const apiVersion = readString(body, 'apiVersion');
      if (said !== undefined) {
        answerJson(response, {
          kind: 'ConversionReview',
          apiVersion,
          response: { uid: readString(request, 'uid'), ...said },
        });
      }
    });
  });
  after(() => hook.close());
  beforeEach(async () => {
    respond = honest;
    hook.calls.length = 0;
    server = await SmallServer.start();
    await serve(['v1']);
  });
  afterEach(() => server.close());

  const serve = (reviewVersions: string[]): Promise<void> =>
    server.plant(
      'apiextensions.k8s.io',
      'customresourcedefinitions',
      definition(hook.clientConfig('/convert'), reviewVersions),
    );

  const requests = (): JsonObject[] => hook.calls.map((call) => readObject(call, 'request') ?? {});
  const spec = ({ body }: { body: JsonObject }): JsonObject => {
    const { kind: _kind, metadata: _metadata, ...rest } = body;
    return rest;
  };

  it('calls nobody where the version of the URL is the stored one', async () => {
    assert.equal((await server.call('POST', OLD, oldWidget('w'))).code, 201);
    await server.call('GET', `${OLD}/w`);
    await server.call('GET', OLD);
    assert.equal(hook.calls.length, 0);
  });

  it('shows stored objects in the other version, with its defaults, and asks once per revision', async () => {
    await server.call('POST', OLD, oldWidget('w'));
    const shown = await server.call('GET', `${NEW}/w`);
    assert.deepEqual(spec(shown), { apiVersion: 'example.com/v2', host: 'h', port: '1', mode: 'plain' });
    await Promise.all([server.call('GET', `${NEW}/w`), server.call('GET', NEW)]);
    assert.equal(hook.calls.length, 1);
    const [request = {}] = requests();
    assert.equal(request.desiredAPIVersion, 'example.com/v2');
    const [sent = {}] = readObjects(request, 'objects');
    assert.equal(sent.hostPort, 'h:1');
    assert.ok(readString(readObject(sent, 'metadata') ?? {}, 'uid'));
  });

  it('converts a list in one call', async () => {
    for (const name of ['a', 'b', 'c']) await server.call('POST', OLD, oldWidget(name, `${name}:80`));
    const list = await server.call('GET', NEW);
    assert.deepEqual(
      readObjects(list.body, 'items').map(({ host }) => host),
      ['a', 'b', 'c'],
    );
    assert.equal(hook.calls.length, 1);
    assert.equal(readObjects(requests()[0] ?? {}, 'objects').length, 3);
  });

  it('shares a conversion between readers that come together', async () => {
    await server.call('POST', OLD, oldWidget('w'));
    await Promise.all(Array.from({ length: 8 }, () => server.call('GET', `${NEW}/w`)));
    assert.equal(hook.calls.length, 1);
  });

  it('stores what is written in the other version, and answers in the version of the URL', async () => {
    const created = await server.call('POST', NEW, newWidget('w', 'host', '443'));
    assert.equal(created.code, 201);
    assert.deepEqual(spec(created), { apiVersion: 'example.com/v2', host: 'host', port: '443', mode: 'plain' });
    const stored = await server.call('GET', `${OLD}/w`);
    assert.deepEqual(spec(stored), { apiVersion: 'example.com/v1', hostPort: 'host:443' });
  });

  it('updates, patches and applies in the other version', async () => {
    await server.call('POST', OLD, oldWidget('w'));
    const patched = await server.call('PATCH', `${NEW}/w`, { port: '2' }, 'application/merge-patch+json');
    assert.equal(patched.code, 200);
    assert.equal((await server.call('GET', `${OLD}/w`)).body.hostPort, 'h:2');
    const current = await server.call('GET', `${NEW}/w`);
    const updated = await server.call('PUT', `${NEW}/w`, { ...current.body, host: 'i' });
    assert.equal(updated.code, 200);
    assert.equal((await server.call('GET', `${OLD}/w`)).body.hostPort, 'i:2');
    const applied = await server.call(
      'PATCH',
      `${NEW}/w?fieldManager=story&force=true`,
      JSON.stringify(newWidget('w', 'i', '3')),
      'application/apply-patch+yaml',
    );
    assert.equal(applied.code, 200, JSON.stringify(applied.body));
    assert.equal((await server.call('GET', `${OLD}/w`)).body.hostPort, 'i:3');
  });

  it('writes nothing when nothing changes', async () => {
    await server.call('POST', OLD, oldWidget('w'));
    const before = await server.call('GET', `${NEW}/w`);
    const after = await server.call('PATCH', `${NEW}/w`, {}, 'application/merge-patch+json');
    assert.equal(
      readObject(after.body, 'metadata')?.resourceVersion,
      readObject(before.body, 'metadata')?.resourceVersion,
    );
  });

  it('deletes and shows what a finalizer holds', async () => {
    const body = { ...oldWidget('w'), metadata: { name: 'w', finalizers: ['example.com/hold'] } };
    await server.call('POST', OLD, body);
    const deleted = await server.call('DELETE', `${NEW}/w`);
    assert.equal(deleted.body.host, 'h');
    assert.ok(readObject(deleted.body, 'metadata')?.deletionTimestamp);
    await server.call('PATCH', `${NEW}/w`, { metadata: { finalizers: null } }, 'application/merge-patch+json');
    assert.equal((await server.call('GET', `${NEW}/w`)).code, 404);
  });

  it('watches in the other version, in order', async () => {
    await server.call('POST', OLD, oldWidget('w', 'h:0'));
    const stop = new AbortController();
    const watch = await server.watch(`${NEW}?watch=true`, stop.signal);
    const first = await watch.next();
    for (const port of ['1', '2', '3']) {
      await server.call('PATCH', `${OLD}/w`, { hostPort: `h:${port}` }, 'application/merge-patch+json');
    }
    await server.call('DELETE', `${OLD}/w`);
    const events = [first];
    for (let i = 0; i < 4; i++) events.push(await watch.next());
    const seen = events.map(({ type, object }) => `${String(type)} ${isObject(object) ? String(object.port) : ''}`);
    assert.deepEqual(seen, ['ADDED 0', 'MODIFIED 1', 'MODIFIED 2', 'MODIFIED 3', 'DELETED 3']);
    stop.abort();
  });

  it('selects by the fields of the version of the URL', async () => {
    await server.call('POST', OLD, oldWidget('a', 'h:1'));
    await server.call('POST', OLD, oldWidget('b', 'h:2'));
    const list = await server.call('GET', `${NEW}?fieldSelector=port%3D2`);
    assert.deepEqual(
      readObjects(list.body, 'items').map(({ metadata }) => isObject(metadata) && metadata.name),
      ['b'],
    );
    const stop = new AbortController();
    const watch = await server.watch(`${NEW}?watch=true&fieldSelector=port%3D2`, stop.signal);
    await server.call('PATCH', `${OLD}/a`, { hostPort: 'h:2' }, 'application/merge-patch+json');
    await server.call('PATCH', `${OLD}/b`, { hostPort: 'h:3' }, 'application/merge-patch+json');
    const events = [await watch.next(), await watch.next(), await watch.next()];
    const seen = events.map(({ type, object }) => `${String(type)} ${isObject(object) ? String(object.port) : ''}`);
    assert.deepEqual(seen, ['ADDED 2', 'ADDED 2', 'DELETED 2']);
    stop.abort();
  });

  it('ends a watch with the reason when the webhook fails', async () => {
    const stop = new AbortController();
    const watch = await server.watch(`${NEW}?watch=true`, stop.signal);
    respond = () => ({ result: { status: 'Failure', message: 'not today' } });
    await server.call('POST', OLD, oldWidget('w'));
    const { type, object } = await watch.next();
    assert.equal(type, 'ERROR');
    assert.equal(
      isObject(object) && object.message,
      'conversion webhook for example.com/v1, Kind=Widget failed: not today',
    );
  });

  it('tries again after a failure', async () => {
    await server.call('POST', OLD, oldWidget('w'));
    respond = () => ({ result: { status: 'Failure' } });
    const failed = await server.call('GET', `${NEW}/w`);
    assert.equal(failed.code, 500);
    const why = "response.result.status was 'Failure', not 'Success'";
    assert.equal(failed.body.message, `conversion webhook for example.com/v1, Kind=Widget failed: ${why}`);
    respond = honest;
    assert.equal((await server.call('GET', `${NEW}/w`)).code, 200);
  });

  it('takes of metadata only labels and annotations', async () => {
    await server.call('POST', OLD, {
      ...oldWidget('w'),
      metadata: { name: 'w', labels: { a: '1' }, finalizers: ['x.io/f'] },
    });
    respond = changing((_object, metadata) => {
      metadata.labels = { b: '2' };
      metadata.finalizers = [];
      metadata.generation = 99;
    });
    const shown = readObject((await server.call('GET', `${NEW}/w`)).body, 'metadata') ?? {};
    assert.deepEqual(shown.labels, { b: '2' });
    assert.deepEqual(shown.finalizers, ['x.io/f']);
    assert.equal(shown.generation, 1);
  });

  const LIES: [string, (request: JsonObject) => JsonObject, string][] = [
    [
      'too few objects',
      () => ({ result: { status: 'Success' }, convertedObjects: [] }),
      'returned 0 objects, expected 1',
    ],
    [
      'another version',
      changing((object) => {
        object.apiVersion = 'example.com/v3';
      }),
      'returned invalid object at index 0: invalid groupVersion (expected example.com/v2, received example.com/v3)',
    ],
    [
      'another kind',
      changing((object) => {
        object.kind = 'Gadget';
      }),
      'returned invalid object at index 0: invalid kind (expected Widget, received Gadget)',
    ],
    [
      'another name',
      changing((_object, metadata) => {
        metadata.name = 'other';
      }),
      'returned invalid object: must have the same name: w != other',
    ],
    [
      'no metadata',
      changing((object) => {
        object.metadata = {
          name: 'w',
          namespace: 'default',
          uid: readObject(object, 'metadata')?.uid,
          labels: { a: 5 },
        };
      }),
      'returned invalid metadata: metadata.labels[a] must be a string, but is int64 in converted object',
    ],
    [
      'another uid of the review',
      () => ({ uid: 'x', result: { status: 'Success' } }),
      'failed: expected response.uid="$", got "x"',
    ],
  ];

  for (const [what, answer, why] of LIES) {
    it(`refuses ${what}`, async () => {
      await server.call('POST', OLD, oldWidget('w'));
      respond = answer;
      const failed = await server.call('GET', `${NEW}/w`);
      assert.equal(failed.code, 500);
      const uid = readString(requests().at(-1) ?? {}, 'uid');
      const text = readString(failed.body, 'message').replace(uid, '$');
      assert.equal(text, `conversion webhook for example.com/v1, Kind=Widget ${why}`);
    });
  }
});

import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, afterEach, before, describe, it } from 'node:test';
import type { JsonObject, JsonValue } from '@kcp/apimachinery/json/value';
import { isObject } from '@kcp/apimachinery/json/value';
import { readObject, readString } from '@kcp/apimachinery/schema/read';
import { SmallServer } from '../../testing/small-server.fixture.js';
import { answerJson, startWebhook, type WebhookServer } from '../../webhook/testing/webhook-server.fixture.js';
import type { ExpressionEngine, ExpressionOutcome } from '../expression-engine.js';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const GROUP = 'admissionregistration.k8s.io';
const ALL_CONFIG_MAPS = [{ operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }];

type Responder = (request: JsonObject, path: string) => JsonObject | undefined;

/** What a webhook says by its path; set by each story. */
let respond: Responder = () => ({ allowed: true });

const patchOf = (patch: JsonValue): JsonObject => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
});

const setData = (key: string, value: string): JsonObject => patchOf([{ op: 'add', path: `/data/${key}`, value }]);

const configMap = (name: string, data: JsonObject = { a: '1' }, labels?: JsonObject): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...(labels === undefined ? {} : { labels }) },
  data,
});

describe('admission webhooks', () => {
  let server: SmallServer;
  let hook: WebhookServer;

  before(async () => {
    hook = await startWebhook((body, response, { url = '' }) => {
      const request = readObject(body, 'request') ?? {};
      reply(body, request, url.replace(/\?.*/, ''), response);
    });
  });
  after(() => hook.close());
  afterEach(async () => {
    respond = () => ({ allowed: true });
    hook.calls.length = 0;
    await server.close();
  });

  function reply(body: JsonObject, request: JsonObject, path: string, response: ServerResponse): void {
    const said = respond(request, path);
    if (said === undefined) return;
    answerJson(response, {
      kind: 'AdmissionReview',
      apiVersion: readString(body, 'apiVersion'),
      response: { uid: readString(request, 'uid'), ...said },
    });
  }

  const webhook = (name: string, more: JsonObject = {}): JsonObject => ({
    name,
    clientConfig: hook.clientConfig(`/${name}`),
    rules: ALL_CONFIG_MAPS,
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    sideEffects: 'None',
    timeoutSeconds: 1,
    admissionReviewVersions: ['v1'],
    namespaceSelector: {},
    objectSelector: {},
    ...more,
  });

  const given = async (kind: 'Mutating' | 'Validating', name: string, ...webhooks: JsonObject[]): Promise<void> =>
    server.plant(GROUP, `${kind.toLowerCase()}webhookconfigurations`, {
      apiVersion: `${GROUP}/v1`,
      kind: `${kind}WebhookConfiguration`,
      metadata: { name },
      webhooks,
    });

  const requests = (): JsonObject[] => hook.calls.map((call) => readObject(call, 'request') ?? {});
  const askedPaths = (): string[] =>
    requests().map((request) => `${String(request.operation)} ${String(request.name)}`);
  const message = (answer: { body: JsonObject }): string => readString(answer.body, 'message');
  const data = (answer: { body: JsonObject }): JsonObject => readObject(answer.body, 'data') ?? {};

  it('tells a webhook everything about a creation', async () => {
    server = await SmallServer.start();
    await given('Validating', 'v', webhook('v.example.com'));
    const created = await server.call('POST', `${CONFIG_MAPS}?fieldManager=tester`, configMap('cm'));
    assert.equal(created.code, 201);
    const [call] = hook.calls;
    assert.equal(call?.kind, 'AdmissionReview');
    assert.equal(call?.apiVersion, 'admission.k8s.io/v1');
    const [{ uid, object, ...request } = {}] = requests();
    assert.match(String(uid), /^[0-9a-f-]{36}$/);
    assert.deepEqual(request, {
      kind: { group: '', version: 'v1', kind: 'ConfigMap' },
      resource: { group: '', version: 'v1', resource: 'configmaps' },
      requestKind: { group: '', version: 'v1', kind: 'ConfigMap' },
      requestResource: { group: '', version: 'v1', resource: 'configmaps' },
      name: 'cm',
      namespace: 'default',
      operation: 'CREATE',
      userInfo: {
        username: 'ann',
        uid: '7',
        groups: ['system:masters', 'system:authenticated'],
        extra: { team: ['blue'] },
      },
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'tester' },
    });
    assert.ok(isObject(object));
    assert.deepEqual(readObject(object, 'metadata')?.uid, readObject(created.body, 'metadata')?.uid);
    assert.deepEqual(object.data, { a: '1' });
  });

  it('shows an update both objects, a deletion only the old one', async () => {
    server = await SmallServer.start();
    await server.call('POST', CONFIG_MAPS, configMap('cm'));
    await given('Validating', 'v', webhook('v.example.com'));
    await server.call('PATCH', `${CONFIG_MAPS}/cm`, { data: { a: '2' } }, 'application/merge-patch+json');
    await server.call('DELETE', `${CONFIG_MAPS}/cm`, { propagationPolicy: 'Background' });
    const [update = {}, deletion = {}] = requests();
    assert.equal(update.operation, 'UPDATE');
    assert.deepEqual(readObject(update, 'object')?.data, { a: '2' });
    assert.deepEqual(readObject(update, 'oldObject')?.data, { a: '1' });
    assert.ok(readString(readObject(readObject(update, 'oldObject') ?? {}, 'metadata') ?? {}, 'resourceVersion'));
    assert.deepEqual(update.options, { kind: 'UpdateOptions', apiVersion: 'meta.k8s.io/v1' });
    assert.equal(deletion.operation, 'DELETE');
    assert.equal(deletion.object, null);
    assert.deepEqual(readObject(deletion, 'oldObject')?.data, { a: '2' });
    assert.deepEqual(deletion.options, {
      kind: 'DeleteOptions',
      apiVersion: 'meta.k8s.io/v1',
      propagationPolicy: 'Background',
    });
  });

  it('asks about each object of a collection, without a name', async () => {
    server = await SmallServer.start();
    for (const name of ['a', 'b']) await server.call('POST', CONFIG_MAPS, configMap(name));
    await given('Validating', 'v', webhook('v.example.com'));
    const deleted = await server.call('DELETE', CONFIG_MAPS);
    assert.equal(deleted.code, 200);
    assert.deepEqual(askedPaths(), ['DELETE undefined', 'DELETE undefined']);
  });

  it('refuses in the words and with the code of the webhook', async () => {
    server = await SmallServer.start();
    await given('Validating', 'v', webhook('v.example.com'));
    const refusals: [JsonObject, number, string][] = [
      [{}, 400, ' without explanation'],
      [{ status: { message: 'too blue' } }, 400, ': too blue'],
      [{ status: { reason: 'Forbidden', code: 403 } }, 403, ': Forbidden'],
      [{ status: { message: 'later', code: 429, reason: 'TooManyRequests' } }, 429, ': later'],
      [{ status: { message: 'fine?', code: 200, status: 'Success' } }, 400, ': fine?'],
    ];
    for (const [said, code, text] of refusals) {
      respond = () => ({ allowed: false, ...said });
      const answer = await server.call('POST', CONFIG_MAPS, configMap('cm'));
      assert.equal(answer.code, code);
      assert.equal(message(answer), `admission webhook "v.example.com" denied the request${text}`);
      assert.equal(answer.body.status, 'Failure');
    }
  });

  it('lets webhooks change objects in the order of their configurations, and defaults what they leave', async () => {
    server = await SmallServer.start();
    await given('Mutating', 'b', webhook('second.example.com'));
    await given('Mutating', 'a', webhook('first.example.com'));
    respond = (request, path) =>
      path === '/first.example.com'
        ? setData('first', 'yes')
        : setData('seen', String(readObject(readObject(request, 'object') ?? {}, 'data')?.first));
    const created = await server.call('POST', CONFIG_MAPS, configMap('cm'));
    assert.deepEqual(data(created), { a: '1', first: 'yes', seen: 'yes' });
    const read = await server.call('GET', `${CONFIG_MAPS}/cm`);
    assert.deepEqual(data(read), { a: '1', first: 'yes', seen: 'yes' });
  });

  it('calls an earlier webhook once more when a later one changed the object, if it wants that', async () => {
    server = await SmallServer.start();
    await given(
      'Mutating',
      'm',
      webhook('again.example.com', { reinvocationPolicy: 'IfNeeded' }),
      webhook('once.example.com', { reinvocationPolicy: 'Never' }),
      webhook('last.example.com', { reinvocationPolicy: 'IfNeeded' }),
    );
    const turns: string[] = [];
    respond = (_request, path) => {
      turns.push(path.slice(1).replace('.example.com', ''));
      return path === '/once.example.com' ? setData('once', 'x') : { allowed: true };
    };
    await server.call('POST', CONFIG_MAPS, configMap('cm'));
    assert.deepEqual(turns, ['again', 'once', 'last', 'again']);
  });

  it('runs ordinary plugins again when a webhook changed the object, and webhooks again when those did', async () => {
    let rounds = 0;
    const counting = {
      name: 'Counting',
      admit: ({ object }: { readonly object: JsonObject | undefined }) => {
        rounds++;
        const entries = object && readObject(object, 'data');
        if (entries) entries.rounds = String(rounds);
      },
    };
    server = await SmallServer.start([counting]);
    await given('Mutating', 'm', webhook('m.example.com', { reinvocationPolicy: 'IfNeeded' }));
    respond = () => setData('m', 'x');
    const created = await server.call('POST', CONFIG_MAPS, configMap('cm'));
    assert.deepEqual(data(created), { a: '1', m: 'x', rounds: '2' });
    assert.equal(hook.calls.length, 2);
  });

  it('gives generated names after mutation, and tells validation the name', async () => {
    server = await SmallServer.start();
    await given('Mutating', 'm', webhook('m.example.com'));
    await given('Validating', 'v', webhook('v.example.com'));
    const body = { ...configMap('x'), metadata: { generateName: 'gen-' } };
    const created = await server.call('POST', CONFIG_MAPS, body);
    const name = readString(readObject(created.body, 'metadata') ?? {}, 'name');
    assert.deepEqual(
      requests().map((request) => request.name),
      [undefined, name],
    );
  });

  it('matches by rules, selectors and operations', async () => {
    server = await SmallServer.start();
    const only = (operations: string[]): JsonObject => ({
      rules: [{ operations, apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], scope: 'Namespaced' }],
    });
    await given(
      'Validating',
      'v',
      webhook('update.example.com', only(['UPDATE'])),
      webhook('label.example.com', { objectSelector: { matchLabels: { color: 'red' } } }),
      webhook('namespace.example.com', { namespaceSelector: { matchLabels: { team: 'x' } } }),
      webhook('all.example.com', only(['*'])),
    );
    const paths: string[] = [];
    respond = (_request, path) => {
      paths.push(path.slice(1).replace('.example.com', ''));
      return { allowed: true };
    };
    await server.call('POST', CONFIG_MAPS, configMap('plain'));
    await server.call('POST', CONFIG_MAPS, configMap('red', {}, { color: 'red' }));
    // Taking the label away is still seen by the webhook that selects it.
    await server.call('PUT', `${CONFIG_MAPS}/red`, configMap('red', {}));
    await server.call('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'other' },
    });
    assert.deepEqual(paths.splice(0, 3).sort(), ['all', 'all', 'label']);
    assert.deepEqual(paths.sort(), ['all', 'label', 'update']);
  });

  it('shows objects in the version that rules name, when they name another one', async () => {
    server = await SmallServer.start();
    const rules = [
      { operations: ['CREATE'], apiGroups: ['events.k8s.io'], apiVersions: ['v1'], resources: ['events'] },
    ];
    await given(
      'Mutating',
      'm',
      webhook('m.example.com', { rules }),
      webhook('exact.example.com', { rules, matchPolicy: 'Exact' }),
    );
    respond = () => patchOf([{ op: 'replace', path: '/note', value: 'changed' }]);
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e', namespace: 'default' },
      involvedObject: { namespace: 'default' },
      message: 'said',
    };
    const created = await server.call('POST', '/api/v1/namespaces/default/events', event);
    assert.equal(created.body.message, 'changed');
    assert.equal(hook.calls.length, 1);
    const [request = {}] = requests();
    assert.deepEqual(request.kind, { group: 'events.k8s.io', version: 'v1', kind: 'Event' });
    assert.deepEqual(request.requestResource, { group: '', version: 'v1', resource: 'events' });
    assert.equal(readObject(request, 'object')?.note, 'said');
  });

  it('fails closed or open as the configuration says', async () => {
    server = await SmallServer.start();
    const nobody = { clientConfig: { url: 'https://127.0.0.1:1/gone' } };
    await given('Mutating', 'open', webhook('open.example.com', { ...nobody, failurePolicy: 'Ignore' }));
    assert.equal((await server.call('POST', CONFIG_MAPS, configMap('fine'))).code, 201);
    await given('Validating', 'closed', webhook('closed.example.com', nobody));
    const refused = await server.call('POST', CONFIG_MAPS, configMap('cm'));
    const why =
      'failed calling webhook "closed.example.com": failed to call webhook: Post "https://127.0.0.1:1/gone?timeout=1s": dial tcp 127.0.0.1:1: connect: connection refused';
    assert.equal(refused.code, 500);
    assert.equal(refused.body.reason, 'InternalError');
    assert.equal(message(refused), `Internal error occurred: ${why}`);
    assert.deepEqual(refused.body.details, { causes: [{ message: why }] });
  });

  it('gives up on a webhook that hangs, while other requests go on', async () => {
    server = await SmallServer.start();
    await given('Validating', 'v', webhook('v.example.com'));
    respond = () => undefined;
    const hanging = server.call('POST', CONFIG_MAPS, configMap('cm'));
    assert.equal((await server.call('GET', CONFIG_MAPS)).code, 200);
    const why = `Post "${hook.origin}/v.example.com?timeout=1s": context deadline exceeded`;
    const expected = `Internal error occurred: failed calling webhook "v.example.com": failed to call webhook: ${why}`;
    assert.equal(message(await hanging), expected);
  });

  it('takes no lies', async () => {
    server = await SmallServer.start();
    await given('Mutating', 'm', webhook('m.example.com'));
    const lies: [JsonObject, string][] = [
      [{ uid: 'other', allowed: true }, 'received invalid webhook response: expected response.uid="$", got "other"'],
      [
        { allowed: true, patch: 'W10=' },
        'received invalid webhook response: webhook returned response.patch but not response.patchType',
      ],
      [
        { allowed: true, patchType: 'JSONPatch' },
        'received invalid webhook response: webhook returned response.patchType but not response.patch',
      ],
      [
        { allowed: true, warnings: Array.from({ length: 250_000 }, () => '') },
        'failed to call webhook: unexpected error when reading response body. Please retry. Original error: the response has more than 200000 values',
      ],
      [
        { allowed: 'yes' },
        'failed to call webhook: json: cannot unmarshal string into Go struct field AdmissionResponse.response.allowed of type bool',
      ],
      [
        { allowed: true, patchType: 'JSONPatch', patch: '%%%' },
        'failed to call webhook: illegal base64 data at input byte 0',
      ],
    ];
    for (const [said, why] of lies) {
      respond = () => said;
      const answer = await server.call('POST', CONFIG_MAPS, configMap('cm'));
      assert.equal(answer.code, 500);
      const uid = readString(requests().at(-1) ?? {}, 'uid');
      const prefix = 'Internal error occurred: failed calling webhook "m.example.com": ';
      assert.equal(message(answer).replace(uid, '$'), prefix + why);
    }
  });

  it('blames the server, not the client, for patches that do not fit', async () => {
    server = await SmallServer.start();
    await server.call('POST', CONFIG_MAPS, configMap('old'));
    await given('Mutating', 'm', webhook('m.example.com'));
    respond = () => patchOf([{ op: 'remove', path: '/data/none' }]);
    const missing = await server.call('POST', CONFIG_MAPS, configMap('cm'));
    assert.equal(missing.code, 500);
    assert.match(message(missing), /^Internal error occurred: remove operation does not apply: doc is missing path/);
    respond = () => patchOf([{ op: 'add', path: '/data', value: 5 }]);
    assert.equal((await server.call('POST', CONFIG_MAPS, configMap('cm'))).code, 500);
    respond = () => patchOf([{ op: 'add', path: '/data/x', value: 'y' }]);
    const deletion = await server.call('DELETE', `${CONFIG_MAPS}/old`);
    const why =
      'admission webhook "m.example.com" attempted to modify the object, which is not supported for this operation';
    assert.equal(message(deletion), `Internal error occurred: ${why}`);
  });

  it('keeps trial writes from webhooks with side effects', async () => {
    server = await SmallServer.start();
    await given('Validating', 'v', webhook('v.example.com', { sideEffects: 'Some' }));
    const refused = await server.call('POST', `${CONFIG_MAPS}?dryRun=All`, configMap('cm'));
    assert.equal(refused.code, 400);
    assert.equal(message(refused), 'admission webhook "v.example.com" does not support dry run');
    assert.equal(hook.calls.length, 0);
    assert.equal((await server.call('POST', CONFIG_MAPS, configMap('cm'))).code, 201);
  });

  it('passes warnings on', async () => {
    server = await SmallServer.start();
    await given('Validating', 'v', webhook('v.example.com'));
    respond = () => ({ allowed: true, warnings: ['use blue'] });
    const created = await server.call('POST', CONFIG_MAPS, configMap('cm'));
    assert.equal(created.warning, '299 - "use blue"');
  });

  it('speaks v1beta1 to those who know no better', async () => {
    server = await SmallServer.start();
    await given('Mutating', 'm', webhook('m.example.com', { admissionReviewVersions: ['v9', 'v1beta1', 'v1'] }));
    respond = () => ({
      uid: 'never checked',
      allowed: true,
      patch: Buffer.from('[{"op":"add","path":"/data/b","value":"2"}]').toString('base64'),
    });
    const created = await server.call('POST', CONFIG_MAPS, configMap('cm'));
    assert.deepEqual(data(created), { a: '1', b: '2' });
    assert.equal(hook.calls[0]?.apiVersion, 'admission.k8s.io/v1beta1');
  });

  it('lets failurePolicy decide about conditions that cannot be evaluated, and asks nothing where they are false', async () => {
    let outcome: ExpressionOutcome = { value: false };
    const engine: ExpressionEngine = {
      environment: () => ({
        compile: () => ({ evaluate: (_input, remainingBudget) => ({ outcomes: [outcome], remainingBudget }) }),
      }),
    };
    server = await SmallServer.start([], engine);
    const matchConditions = [{ name: 'c', expression: 'object.x' }];
    await given('Validating', 'v', webhook('v.example.com', { matchConditions }));
    assert.equal((await server.call('POST', CONFIG_MAPS, configMap('one'))).code, 201);
    outcome = { error: "expression 'object.x' resulted in error: no such key: x" };
    const refused = await server.call('POST', CONFIG_MAPS, configMap('two'));
    assert.equal(refused.code, 403);
    assert.equal(
      message(refused),
      `configmaps "two" is forbidden: expression 'object.x' resulted in error: no such key: x`,
    );
    assert.equal(hook.calls.length, 0);
  });

  const WIDGETS = '/apis/example.com/v2/namespaces/default/widgets';
  const names = { kind: 'Widget', listKind: 'WidgetList', plural: 'widgets', singular: 'widget' };
  const number = { type: 'integer' };
  const versionOf = (name: string, storage: boolean): JsonObject => ({
    name,
    served: true,
    storage,
    subresources: { scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } },
    schema: {
      openAPIV3Schema: {
        type: 'object',
        properties: {
          spec: { type: 'object', properties: { replicas: number, size: { ...number, default: 3 } } },
          status: { type: 'object', properties: { replicas: number } },
        },
      },
    },
  });
  const givenWidgets = (): Promise<void> =>
    server.plant('apiextensions.k8s.io', 'customresourcedefinitions', {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names,
        versions: [versionOf('v1', true), versionOf('v2', false)],
        conversion: { strategy: 'None' },
      },
      status: { acceptedNames: names, conditions: [{ type: 'Established', status: 'True' }] },
    });
  const widgetRules = (version: string, resource: string): JsonObject => ({
    rules: [{ operations: ['*'], apiGroups: ['example.com'], apiVersions: [version], resources: [resource] }],
  });
  const widget = (spec: JsonObject): JsonObject => ({
    apiVersion: 'example.com/v2',
    kind: 'Widget',
    metadata: { name: 'w' },
    spec,
  });

  it('shows a custom resource in the version that rules name, prunes what a webhook adds and fills in defaults', async () => {
    server = await SmallServer.start();
    await givenWidgets();
    await given('Mutating', 'm', webhook('m.example.com', widgetRules('v1', 'widgets')));
    respond = () => patchOf([{ op: 'replace', path: '/spec', value: { replicas: 2, unknown: true } }]);
    const created = await server.call('POST', WIDGETS, widget({ replicas: 1, size: 5 }));
    assert.equal(created.code, 201, message(created));
    assert.equal(created.body.apiVersion, 'example.com/v2');
    assert.deepEqual(created.body.spec, { replicas: 2, size: 3 });
    const [request = {}] = requests();
    assert.equal(readObject(request, 'object')?.apiVersion, 'example.com/v1');
    assert.equal(readObject(request, 'requestKind')?.version, 'v2');
  });

  it('shows scales at the scale endpoint', async () => {
    server = await SmallServer.start();
    await givenWidgets();
    await server.call('POST', WIDGETS, widget({ replicas: 1 }));
    await given('Mutating', 'm', webhook('m.example.com', widgetRules('*', 'widgets/scale')));
    respond = () => patchOf([{ op: 'replace', path: '/spec/replicas', value: 7 }]);
    const scaled = await server.call(
      'PATCH',
      `${WIDGETS}/w/scale`,
      { spec: { replicas: 4 } },
      'application/merge-patch+json',
    );
    assert.deepEqual(scaled.body.spec, { replicas: 7 });
    const [request = {}] = requests();
    assert.deepEqual(request.kind, { group: 'autoscaling', version: 'v1', kind: 'Scale' });
    assert.equal(request.subResource, 'scale');
    assert.deepEqual(readObject(request, 'object')?.spec, { replicas: 4 });
    assert.deepEqual(readObject(request, 'oldObject')?.spec, { replicas: 1 });
    assert.deepEqual((await server.call('GET', `${WIDGETS}/w`)).body.spec, { replicas: 7, size: 3 });
  });

  it('never asks about what configures admission', async () => {
    server = await SmallServer.start();
    const rules = [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }];
    await given('Validating', 'v', webhook('v.example.com', { rules, clientConfig: { url: 'https://127.0.0.1:1/' } }));
    const configurations = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
    assert.equal((await server.call('POST', CONFIG_MAPS, configMap('cm'))).code, 500);
    assert.equal((await server.call('DELETE', `${configurations}/v`)).code, 200);
    assert.equal((await server.call('POST', CONFIG_MAPS, configMap('cm'))).code, 201);
  });

  it('asks about questions that nobody stores', async () => {
    server = await SmallServer.start();
    const rules = [{ operations: ['CREATE'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }];
    await given('Validating', 'v', webhook('v.example.com', { rules }));
    respond = () => ({ allowed: false, status: { message: 'no questions' } });
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    const asked = await server.call('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', review);
    assert.equal(message(asked), 'admission webhook "v.example.com" denied the request: no questions');
  });
});

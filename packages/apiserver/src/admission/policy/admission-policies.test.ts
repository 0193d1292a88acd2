import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { JsonObject, JsonValue } from '@kcp/apimachinery/json/value';
import { readObject, readObjects, readString } from '@kcp/apimachinery/schema/read';
import { type Answer, SmallServer } from '../../testing/small-server.fixture.js';
import type { ExpressionEngine, ExpressionInput } from '../expression-engine.js';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const GROUP = 'admissionregistration.k8s.io';
const RULE = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] };

type Meaning = (input: ExpressionInput) => JsonValue;

const dataOf = (object: JsonObject | undefined): JsonObject => (object && readObject(object, 'data')) ?? {};

const must = (data: JsonObject, key: string): JsonValue => {
  const value = data[key];
  if (value === undefined) throw new Error(`no such key: ${key}`);
  return value;
};

/** What the expressions of these stories mean; the engine itself is not what they are about. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  '': () => null,
  false: () => false,
  "!('bad' in object.data)": ({ object }) => !('bad' in dataOf(object)),
  "object.data.must == 'x'": ({ object }) => must(dataOf(object), 'must') === 'x',
  "object.data.why != 'forbidden'": ({ object }) => dataOf(object).why !== 'forbidden',
  "'n is ' + object.data.n": ({ object }) => `n is ${String(dataOf(object).n)}`,
  'object.data.n <= params.data.max': ({ object, params }) => Number(dataOf(object).n) <= Number(dataOf(params).max),
  "oldObject.data.keep != 'yes'": ({ oldObject }) => dataOf(oldObject).keep !== 'yes',
  'request.operation': ({ request }) => readString(request, 'operation'),
  "namespaceObject.metadata.name != 'default'": ({ namespaceObject }) =>
    readObject(namespaceObject ?? {}, 'metadata')?.name !== 'default',
  "'match' in object.data": ({ object }) => 'match' in dataOf(object),
  'Object{data: {"b": "2"}}': () => ({ data: { b: '2' } }),
  'Object{dat: {"c": "x"}}': () => ({ dat: { c: 'x' } }),
  'Object{data: {"c": object.data.missing}}': ({ object }) => ({ data: { c: must(dataOf(object), 'missing') } }),
  'Object{metadata: {ownerReferences: []}}': () => ({ metadata: { managedFields: [{ manager: 'me' }] } }),
  'Object{data: {"seen": object.data.b}}': ({ object }) => ({ data: { seen: dataOf(object).b ?? 'no' } }),
  'test a': () => [
    { op: 'test', path: '/data/a', value: '1' },
    { op: 'replace', path: '/data/a', value: 'one' },
  ],
  'remove a': () => [{ op: 'remove', path: '/data/a' }],
};

const engine: ExpressionEngine = {
  environment: () => ({
    compile: (expressions) => ({
      evaluate: (input, remainingBudget) => ({
        outcomes: expressions.map((expression) => {
          const meaning = MEANINGS[expression];
          if (meaning === undefined) throw new Error(`the stories know no ${expression}`);
          try {
            return { value: meaning(input) };
          } catch (error) {
            return {
              error: `expression '${expression}' resulted in error: ${error instanceof Error ? error.message : ''}`,
            };
          }
        }),
        remainingBudget,
      }),
    }),
  }),
};

const configMap = (data: JsonObject, name = 'x', labels: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels },
  data,
});

describe('admission policies', () => {
  let server: SmallServer;
  afterEach(() => server.close());

  const given = async (
    kind: 'Validating' | 'Mutating',
    name: string,
    spec: JsonObject,
    binding: JsonObject = {},
    constraints: JsonObject = {},
  ): Promise<void> => {
    const plural = kind.toLowerCase();
    const matchConstraints = { resourceRules: [RULE], ...constraints };
    await server.plant(GROUP, `${plural}admissionpolicies`, {
      apiVersion: `${GROUP}/v1`,
      kind: `${kind}AdmissionPolicy`,
      metadata: { name },
      spec: { failurePolicy: 'Fail', matchConstraints, ...spec },
    });
    await server.plant(GROUP, `${plural}admissionpolicybindings`, {
      apiVersion: `${GROUP}/v1`,
      kind: `${kind}AdmissionPolicyBinding`,
      metadata: { name },
      spec: { policyName: name, ...(kind === 'Validating' ? { validationActions: ['Deny'] } : {}), ...binding },
    });
  };

  const validating = (expression: string, more: JsonObject = {}): JsonObject => ({
    validations: [{ expression, ...more }],
  });
  const applying = (expression: string): JsonObject => ({
    patchType: 'ApplyConfiguration',
    applyConfiguration: { expression },
  });
  const patching = (expression: string): JsonObject => ({ patchType: 'JSONPatch', jsonPatch: { expression } });
  const send = (data: JsonObject, labels?: JsonObject): Promise<Answer> =>
    server.call('POST', `${CONFIG_MAPS}?dryRun=All`, configMap(data, 'x', labels));
  const message = ({ body }: Answer): string => readString(body, 'message');
  const denied = (why: string): string =>
    `configmaps "x" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'p' denied request: ${why}`;

  it('refuses what does not validate, as the reference server does', async () => {
    server = await SmallServer.start([], engine);
    await given('Validating', 'p', validating("!('bad' in object.data)"));
    assert.equal((await send({ good: '1' })).code, 201);
    const { body, code } = await send({ bad: '1' });
    const why =
      "ValidatingAdmissionPolicy 'p' with binding 'p' denied request: failed expression: !('bad' in object.data)";
    assert.equal(code, 422);
    assert.deepEqual(body, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: `configmaps "x" is forbidden: ${why}`,
      reason: 'Invalid',
      details: { name: 'x', kind: 'configmaps', causes: [{ message: why }] },
      code: 422,
    });
  });

  it('gives the reason, the message and the made message of a validation', async () => {
    server = await SmallServer.start([], engine);
    await given('Validating', 'p', {
      validations: [
        { expression: "object.data.why != 'forbidden'", message: 'is forbidden', reason: 'Forbidden' },
        { expression: "!('bad' in object.data)", message: 'unused', messageExpression: "'n is ' + object.data.n" },
      ],
    });
    const forbidden = await send({ why: 'forbidden' });
    assert.equal(forbidden.code, 403);
    assert.equal(forbidden.body.reason, 'Forbidden');
    assert.equal(message(forbidden), denied('is forbidden'));
    assert.equal(message(await send({ bad: '1', n: '12' })), denied('n is 12'));
  });

  it('lets failurePolicy decide about what cannot be evaluated', async () => {
    server = await SmallServer.start([], engine);
    await given('Validating', 'p', validating("object.data.must == 'x'"));
    const why = "expression 'object.data.must == 'x'' resulted in error: no such key: must";
    assert.equal(message(await send({})), denied(why));
    await server.close();
    server = await SmallServer.start([], engine);
    await given('Validating', 'p', { ...validating("object.data.must == 'x'"), failurePolicy: 'Ignore' });
    assert.equal((await send({})).code, 201);
    assert.equal((await send({ must: 'y' })).code, 422);
  });

  it('only warns where the binding says so', async () => {
    server = await SmallServer.start([], engine);
    await given('Validating', 'p', validating('false', { message: 'a is x' }), {
      validationActions: ['Warn', 'Audit'],
    });
    const admitted = await send({});
    assert.equal(admitted.code, 201);
    assert.equal(
      admitted.warning,
      `299 - "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'p': a is x"`,
    );
  });

  it('asks nothing when a match condition does not hold', async () => {
    server = await SmallServer.start([], engine);
    const matchConditions = [
      { name: 'a', expression: "'match' in object.data" },
      { name: 'b', expression: "object.data.must == 'x'" },
    ];
    await given('Validating', 'p', { ...validating('false', { message: 'matched' }), matchConditions });
    assert.equal((await send({ a: '1' })).code, 201);
    assert.equal(message(await send({ match: 'yes', must: 'x' })), denied('matched'));
  });

  it('finds parameters, again when they change, and does what is wanted when there are none', async () => {
    server = await SmallServer.start([], engine);
    const spec = {
      ...validating('object.data.n <= params.data.max', { message: 'over' }),
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    };
    const paramRef = { name: 'limits', namespace: 'default', parameterNotFoundAction: 'Deny' };
    await given('Validating', 'p', spec, { paramRef });
    const none = 'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction';
    assert.equal(message(await send({ n: '1' })), denied(none));
    await server.plant('', 'configmaps', {
      ...configMap({ max: '5' }),
      metadata: { name: 'limits', namespace: 'default' },
    });
    assert.equal((await send({ n: '5' })).code, 201);
    assert.equal(message(await send({ n: '6' })), denied('over'));
  });

  it('says when the kind of the parameters is unknown', async () => {
    server = await SmallServer.start([], engine);
    const paramKind = { apiVersion: 'example.com/v1', kind: 'Limit' };
    await given('Validating', 'p', { ...validating('false'), paramKind });
    const why =
      "failed to configure policy: failed to find resource referenced by paramKind: 'example.com/v1, Kind=Limit'";
    assert.equal(
      message(await send({})),
      `configmaps "x" is forbidden: ValidatingAdmissionPolicy 'p' denied request: ${why}`,
    );
  });

  it('is about the resources that policy and binding name, except those left out', async () => {
    server = await SmallServer.start([], engine);
    const excludeResourceRules = [{ ...RULE, resourceNames: ['free'] }];
    const matchResources = { objectSelector: { matchLabels: { tier: 'gold' } } };
    await given('Validating', 'p', validating('false'), { matchResources }, { excludeResourceRules });
    assert.equal((await send({}, { tier: 'silver' })).code, 201);
    assert.equal((await send({}, { tier: 'gold' })).code, 422);
    const free = await server.call('POST', CONFIG_MAPS, configMap({}, 'free', { tier: 'gold' }));
    assert.equal(free.code, 201);
  });

  it('shows deletions the old object, and names nothing in a collection', async () => {
    server = await SmallServer.start([], engine);
    const resourceRules = [{ ...RULE, operations: ['DELETE'] }];
    await given(
      'Validating',
      'p',
      validating("oldObject.data.keep != 'yes'", { message: 'is kept' }),
      {},
      { resourceRules },
    );
    await server.call('POST', CONFIG_MAPS, configMap({ keep: 'yes' }));
    assert.equal(message(await server.call('DELETE', `${CONFIG_MAPS}/x`)), denied('is kept'));
    const collection = await server.call('DELETE', CONFIG_MAPS);
    assert.equal(message(collection), denied('is kept').replace('"x"', '"Unknown"'));
  });

  it('knows the namespace and the request', async () => {
    server = await SmallServer.start([], engine);
    const validation = { messageExpression: 'request.operation' };
    await given('Validating', 'p', validating("namespaceObject.metadata.name != 'default'", validation));
    assert.equal(message(await send({})), denied('CREATE'));
  });

  it('merges apply configurations, whose fields nobody owns', async () => {
    server = await SmallServer.start([], engine);
    await given('Mutating', 'p', { mutations: [applying('Object{data: {"b": "2"}}')], reinvocationPolicy: 'Never' });
    const created = await send({ a: '1' });
    assert.deepEqual(dataOf(created.body), { a: '1', b: '2' });
    const [entry] = readObjects(readObject(created.body, 'metadata') ?? {}, 'managedFields');
    assert.deepEqual(readObject(readObject(entry ?? {}, 'fieldsV1') ?? {}, 'f:data'), { '.': {}, 'f:a': {} });
  });

  it('applies JSON patches, or leaves the object when a test fails', async () => {
    server = await SmallServer.start([], engine);
    await given('Mutating', 'p', { mutations: [patching('test a')], reinvocationPolicy: 'Never' });
    assert.deepEqual(dataOf((await send({ a: '1' })).body), { a: 'one' });
    assert.deepEqual(dataOf((await send({ a: '2' })).body), { a: '2' });
  });

  it('runs mutations in order, each seeing what came before', async () => {
    server = await SmallServer.start([], engine);
    const mutations = [applying('Object{data: {"b": "2"}}'), applying('Object{data: {"seen": object.data.b}}')];
    await given('Mutating', 'p', { mutations, reinvocationPolicy: 'Never' });
    assert.deepEqual(dataOf((await send({ a: '1' })).body), { a: '1', b: '2', seen: '2' });
  });

  it('lets an earlier policy react to a later one, if it wants to', async () => {
    server = await SmallServer.start([], engine);
    const reacting = [applying('Object{data: {"seen": object.data.b}}')];
    await given('Mutating', 'a-reacts', { mutations: reacting, reinvocationPolicy: 'IfNeeded' });
    await given('Mutating', 'b-marks', {
      mutations: [applying('Object{data: {"b": "2"}}')],
      reinvocationPolicy: 'Never',
    });
    assert.deepEqual(dataOf((await send({ a: '1' })).body), { a: '1', b: '2', seen: '2' });
  });

  it('refuses with everything that mutations could not do', async () => {
    server = await SmallServer.start([], engine);
    const failing: [string, JsonObject, string][] = [
      [
        'unknown',
        applying('Object{dat: {"c": "x"}}'),
        'error applying patch: failed to convert patch object to typed object: .dat: field not declared in schema',
      ],
      [
        'strict',
        applying('Object{data: {"c": object.data.missing}}'),
        `expression 'Object{data: {"c": object.data.missing}}' resulted in error: no such key: missing`,
      ],
      [
        'atomic',
        applying('Object{metadata: {ownerReferences: []}}'),
        'error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .metadata.managedFields',
      ],
      ['remove', patching('remove a'), 'JSON Patch: remove operation does not apply: doc is missing path: "/data/a"'],
    ];
    for (const [name, mutation, why] of failing) {
      const objectSelector = { matchLabels: { case: name } };
      await given('Mutating', name, { mutations: [mutation], reinvocationPolicy: 'Never' }, {}, { objectSelector });
      const { code, body } = await send({ b: '1' }, { case: name });
      const text = `policy '${name}' with binding '${name}' denied request: ${why}`;
      assert.equal(code, 403);
      assert.equal(body.message, text);
      assert.equal(body.reason, 'Invalid');
      assert.deepEqual(body.details, { name: 'x', kind: 'configmaps', causes: [{ message: text }] });
    }
  });

  it('goes on without a failing mutation under failurePolicy Ignore', async () => {
    server = await SmallServer.start([], engine);
    const mutations = [applying('Object{data: {"c": object.data.missing}}'), applying('Object{data: {"b": "2"}}')];
    await given('Mutating', 'p', { failurePolicy: 'Ignore', mutations, reinvocationPolicy: 'Never' });
    assert.deepEqual(dataOf((await send({ a: '1' })).body), { a: '1', b: '2' });
  });
});

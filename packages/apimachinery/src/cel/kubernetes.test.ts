import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { JsonObject, JsonValue } from '../json/value.js';
import { compileSchema } from '../schema/compile.js';
import { kubernetesEnvironment } from './kubernetes.js';
import {
  AUTHORIZER_TYPE,
  type AuthorizationQuestion,
  type Authorize,
  authorizerValue,
} from './library/kubernetes/authorizer.js';
import { misnamedTypes, OBJECT_TYPE } from './library/kubernetes/mutation-types.js';
import type { Program } from './program.js';
import { adaptAny, adapterOf } from './schema/adapter.js';
import { declaredType } from './schema/declared-type.js';
import { toJson } from './schema/to-json.js';
import { BOOL, DYN } from './types/cel-type.js';
import { CelError } from './values/cel-error.js';

const environment = kubernetesEnvironment({ variables: { x: DYN, authorizer: AUTHORIZER_TYPE }, mutation: true });

function program(text: string): Program {
  const compiled = environment.compile(text);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.program;
}

describe('the authorizer in expressions', () => {
  it('is asked what the expression puts together', () => {
    const questions: AuthorizationQuestion[] = [];
    const authorize: Authorize = (question) => {
      questions.push(question);
      return { allowed: question.verb === 'get', reason: 'because' };
    };
    const text =
      "authorizer.serviceAccount('ns', 'sa').group('apps').resource('deployments').namespace('a').check('get').allowed()";
    const { value } = program(text).evaluate({ authorizer: authorizerValue(authorize) });
    assert.equal(value, true);
    assert.equal(questions[0]?.resource, 'deployments');
    assert.deepEqual(questions[0]?.serviceAccount, { namespace: 'ns', name: 'sa' });
  });

  it('costs so much that two checks fit into one evaluation, and a third does not', () => {
    const authorizer = authorizerValue(() => ({ allowed: true, reason: '' }));
    const check = "authorizer.path('/healthz').check('get').allowed()";
    assert.equal(program(`${check} && ${check}`).evaluate({ authorizer }).value, true);
    const third = program(`${check} && ${check} && ${check}`).evaluate({ authorizer });
    assert.ok(third.exceeded && third.value instanceof CelError);
    assert.equal(third.value.message, 'operation cancelled: actual cost limit exceeded');
  });
});

describe('objects that expressions make', () => {
  it('become JSON when their types are named after their place', () => {
    const text = "Object{metadata: Object.metadata{labels: {'a': 'b'}}, spec: Object.spec{replicas: 3}}";
    const compiled = environment.compile(text, [OBJECT_TYPE]);
    assert.ok(compiled.ok);
    const { value } = compiled.program.evaluate({});
    assert.deepEqual(misnamedTypes(value), []);
    assert.deepEqual(toJson(value), { metadata: { labels: { a: 'b' } }, spec: { replicas: 3 } });
  });

  it('are told apart from misnamed ones', () => {
    const { value } = program('Object{spec: Object.status{}}').evaluate({});
    assert.deepEqual(misnamedTypes(value), [
      'unexpected type name "Object.status", expected "Object.spec", which matches field name path from root Object type',
    ]);
  });

  it('may be operations of a JSON patch', () => {
    const text = "[JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('a/b~c'), value: 'x'}]";
    assert.deepEqual(toJson(program(text).evaluate({}).value), [
      { op: 'add', path: '/metadata/labels/a~1b~0c', value: 'x' },
    ]);
  });
});

describe('results of a wanted type', () => {
  it('are refused when they are of another', () => {
    const compiled = environment.compile('1 + 1', [BOOL]);
    assert.ok(!compiled.ok);
    assert.equal(compiled.message, 'must evaluate to bool but got int');
  });
});

describe('hostile expressions', () => {
  /** Milliseconds that the work takes. */
  function time(work: () => void): number {
    const start = performance.now();
    work();
    return performance.now() - start;
  }

  const hostile: Readonly<Record<string, string>> = {
    'macros that copy their target': `optional.of(1)${'.optMap(a, a)'.repeat(60)}.hasValue()`,
    'maps of maps': `[1]${'.map(a, {a: a})'.repeat(60)}.size() > 0`,
    'sums of sums': `[[1]]${'.map(a, a + a)'.repeat(60)}[0].size() > 0`,
    'deep brackets': `${'('.repeat(5000)}1${')'.repeat(5000)}`,
    'deep lists': `${'['.repeat(5000)}1${']'.repeat(5000)}`,
    'a long chain': `1${' + 1'.repeat(20000)}`,
    'a long chain of fields': `x${'.a'.repeat(20000)}`,
    'a list of many items': `[${'1,'.repeat(40000)}].size() > 0`,
    'loops in loops': 'lists.range(1000).all(a, lists.range(1000).all(b, lists.range(1000).all(c, a + b + c >= 0)))',
    'a pattern made to hang': "x.matches('^(([a-z])+.)+[A-Z]([a-z])+$')",
    'a text made of texts': "lists.range(1000).map(i, x).map(s, s.replace('', x)).size() > 0",
    'a number of many digits': "int('1' + x) > 0 || true",
  };
  for (const [name, text] of Object.entries(hostile)) {
    it(`end soon: ${name}`, () => {
      const x = 'a'.repeat(10_000);
      const milliseconds = time(() => {
        const compiled = environment.compile(text);
        if (compiled.ok) compiled.program.evaluate({ x });
      });
      assert.ok(milliseconds < 1000, `${Math.round(milliseconds)} ms`);
    });
  }
});

describe('any data', () => {
  const schema = compileSchema({
    type: 'object',
    properties: {
      a: { type: 'integer' },
      s: { type: 'string', format: 'date-time' },
      l: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
      k: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['n'],
        items: { type: 'object', properties: { n: { type: 'string' } } },
      },
      m: { type: 'object', additionalProperties: { type: 'number' } },
    },
  });
  const self = declaredType(schema, 'self', false);
  assert.ok(self !== undefined);
  const typed = kubernetesEnvironment({ variables: { self, oldSelf: self } });
  const rules = [
    'self == oldSelf',
    'self.l + oldSelf.l == self.l',
    'self.k + oldSelf.k == self.k',
    'self.k.all(i, i.n.size() > 0)',
    'self.m.all(i, self.m[i] > 0.0)',
    'self.s > oldSelf.s',
    'has(self.a) && self.a + oldSelf.a > 0',
  ].map((rule) => {
    const compiled = typed.compile(rule);
    if (!compiled.ok) throw new Error(compiled.message);
    return compiled.program;
  });
  const value = fc.jsonValue({ maxDepth: 2 });
  const record = fc.record({ a: value, s: value, l: value, k: value, m: value }, { requiredKeys: [] });

  it('never throws, whether or not it fits the schema', () => {
    const adapt = adapterOf(schema, false);
    fc.assert(
      fc.property(record, record, (object, old) => {
        const [data, before] = [object as JsonObject, old as JsonObject];
        for (const rule of rules) rule.evaluate({ self: adapt(data), oldSelf: adapt(before) });
        const same = rules[0]?.evaluate({ self: adapt(data), oldSelf: adapt(data) }).value;
        assert.ok(same === true || same === false || same instanceof CelError);
      }),
      { numRuns: 300 },
    );
  });

  it('is equal to itself without a schema, and JSON gives it back', () => {
    const equality = program('x == x');
    fc.assert(
      fc.property(value, (data) => {
        const x = adaptAny(data as JsonValue);
        assert.equal(equality.evaluate({ x }).value, true);
        assert.deepEqual(toJson(x), data);
      }),
      { numRuns: 300 },
    );
  });
});

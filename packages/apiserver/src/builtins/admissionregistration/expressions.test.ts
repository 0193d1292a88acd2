import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExpressionSite } from '@kcp/apimachinery/cel/admission/expression-site';
import { fieldErrorText } from '@kcp/apimachinery/errors/field-error';
import type { JsonObject } from '@kcp/apimachinery/json/value';
import { ROOT_CLUSTER } from '@kcp/apimachinery/meta/cluster-name';
import { atOnce } from '@kcp/apimachinery/turns/work';
import type { ResourceType } from '../../registry/resource-type.js';
import type { ExpressionChecker, ExpressionFault } from './expression-checker.js';
import { mutatingPolicies } from './mutating-policies.js';
import { validatingPolicies } from './validating-policies.js';

/** Remembers what it was asked, and finds faults where it is told to. */
class ListeningChecker implements ExpressionChecker {
  readonly heard: string[] = [];
  readonly #faults: Readonly<Record<string, ExpressionFault>>;

  constructor(faults: Readonly<Record<string, ExpressionFault>> = {}) {
    this.#faults = faults;
  }

  scope({ variables }: { variables: boolean }): ReturnType<ExpressionChecker['scope']> {
    const hear = (text: string, { purpose, params, authorizer }: ExpressionSite, expression: string) => {
      const seen = [params && 'params', authorizer && 'authorizer', variables && 'variables'].filter(Boolean);
      this.heard.push(`${purpose} ${text} sees ${seen.join(' ')}`.trim());
      return this.#faults[expression];
    };
    return {
      check: (expression, site) => hear(expression, site, expression),
      declare: (name, expression, site) => hear(`${name} = ${expression}`, site, expression),
    };
  }
}

const CONTEXT = {
  cluster: ROOT_CLUSTER,
  user: { name: '', uid: '', groups: [], extra: {} },
  now: 0,
  warn: () => undefined,
};
const CONSTRAINTS = {
  resourceRules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }],
};

function errorsOf(type: ResourceType, spec: JsonObject): string[] {
  const { object } = type.codec.decode({ metadata: { name: 'p' }, spec: { matchConstraints: CONSTRAINTS, ...spec } });
  const work = type.strategy.judge?.(object, undefined, [], CONTEXT);
  return (work === undefined ? [] : atOnce(work).errors).map(fieldErrorText);
}

test('every expression of a validating policy is checked with what it may name, variables first', () => {
  const checker = new ListeningChecker();
  const errors = errorsOf(validatingPolicies(checker), {
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    matchConditions: [{ name: 'c', expression: ' 1 ' }],
    variables: [{ name: 'v', expression: '2' }],
    validations: [{ expression: '3', messageExpression: '4' }],
    auditAnnotations: [{ key: 'k', valueExpression: ' 5' }],
  });
  assert.deepEqual(errors, []);
  assert.deepEqual(checker.heard, [
    'matchCondition 1 sees params authorizer',
    'variable v = 2 sees params authorizer variables',
    'validation 3 sees params authorizer variables',
    'message 4 sees params variables',
    'auditAnnotation 5 sees params authorizer variables',
  ]);
});

test('without variables and parameters nobody may name them', () => {
  const checker = new ListeningChecker();
  errorsOf(validatingPolicies(checker), { validations: [{ expression: '3', messageExpression: '4' }] });
  assert.deepEqual(checker.heard, ['validation 3 sees authorizer', 'message 4 sees']);
});

test('mutations may always name variables', () => {
  const checker = new ListeningChecker();
  errorsOf(mutatingPolicies(checker), {
    reinvocationPolicy: 'Never',
    mutations: [
      { patchType: 'ApplyConfiguration', applyConfiguration: { expression: ' 1' } },
      { patchType: 'JSONPatch', jsonPatch: { expression: '2' } },
    ],
  });
  assert.deepEqual(checker.heard, [
    'applyConfiguration 1 sees authorizer variables',
    'jsonPatch 2 sees authorizer variables',
  ]);
});

test('faults stand where upstream reports them', () => {
  const type = validatingPolicies(
    new ListeningChecker({
      '"yes"': { kind: 'invalid', detail: 'must evaluate to bool but got string' },
      '1 + 1': { kind: 'invalid', detail: 'must evaluate to string but got int' },
    }),
  );
  const validations = [{ expression: '"yes"', messageExpression: '1 + 1' }];
  assert.deepEqual(errorsOf(type, { validations }), [
    'spec.validations[0].expression: Invalid value: "\\"yes\\"": must evaluate to bool but got string',
    'spec.validations[0].messageExpression: Invalid value: "1 + 1": must evaluate to string but got int',
  ]);
});

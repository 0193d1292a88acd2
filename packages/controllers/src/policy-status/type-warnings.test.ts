import assert from 'node:assert/strict';
import { test } from 'node:test';
import { celTypeOfStruct } from '@kcp/apimachinery/cel/admission/built-in-type';
import { typeOf } from '@kcp/apimachinery/types/type-of';
import { checkedKinds } from './checked-kinds.js';
import { typeWarnings } from './type-warnings.js';

const CONFIG_MAP = { group: '', version: 'v1', kind: 'ConfigMap' };
const struct = typeOf(CONFIG_MAP);
assert.ok(struct);
const KINDS = [{ gvk: CONFIG_MAP, type: celTypeOfStruct(struct) }];
const served = [
  {
    group: '',
    version: 'v1',
    resource: 'configmaps',
    kind: 'ConfigMap',
    namespaced: true,
    verbs: new Set<string>(),
    subresources: [],
  },
];

// Recorded of Kubernetes 1.36.
test('expressions are checked against the type that the policy names', () => {
  const validations = [{ expression: 'object.spec.replicas > 1 && object.data.a == 1' }];
  assert.deepEqual(typeWarnings({ validations }, KINDS), [
    {
      fieldRef: 'spec.validations[0].expression',
      warning:
        "/v1, Kind=ConfigMap: ERROR: <input>:1:7: undefined field 'spec'\n | object.spec.replicas > 1 && object.data.a == 1\n | ......^\nERROR: <input>:1:43: found no matching overload for '_==_' applied to '(string, int)'\n | object.spec.replicas > 1 && object.data.a == 1\n | ..........................................^\n",
    },
  ]);
});

test('variables have the types of their expressions', () => {
  const variables = [{ name: 'count', expression: 'size(object.data)' }];
  const warningsOf = (expression: string) => typeWarnings({ variables, validations: [{ expression }] }, KINDS).length;
  assert.equal(warningsOf('variables.count < 3'), 0);
  assert.equal(warningsOf("variables.count < 'a'"), 1);
  assert.equal(warningsOf('variables.other'), 1);
});

test('only what rules name one by one is checked', () => {
  const rules = (rule: Record<string, string[]>) => ({ matchConstraints: { resourceRules: [rule] } });
  const named = { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps', 'pods', 'configmaps/status'] };
  assert.deepEqual(checkedKinds(rules(named), served), [{ gvk: CONFIG_MAP, resource: 'configmaps' }]);
  assert.deepEqual(checkedKinds(rules({ ...named, resources: ['*'] }), served), []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeRights, missingRights } from './covers.js';
import { allowsPath, allowsResource, policyRule } from './policy-rule.js';

const rule = (verbs: string[], resources: string[], more: { apiGroups?: string[]; resourceNames?: string[] } = {}) =>
  policyRule({ verbs, resources, apiGroups: [''], ...more });
const paths = (verbs: string[], nonResourceURLs: string[]) => policyRule({ verbs, nonResourceURLs });

// What upstream's own tests of escalation expect.
test('rights are covered one by one, by any rule', () => {
  const held = [
    rule(['get'], ['secrets']),
    rule(['*'], ['*/scale'], { apiGroups: ['apps'] }),
    paths(['get'], ['/a/*']),
  ];
  const missing = (...wanted: Parameters<typeof missingRights>[1]) => missingRights(held, wanted).length;
  assert.equal(missing(rule(['get'], ['secrets'], { resourceNames: ['one'] })), 0);
  assert.equal(missing(rule(['get', 'list'], ['secrets'])), 1);
  assert.equal(missing(rule(['patch'], ['deployments/scale'], { apiGroups: ['apps'] })), 0);
  assert.equal(missing(rule(['patch'], ['deployments'], { apiGroups: ['apps'] })), 1);
  assert.equal(missing(paths(['get'], ['/a/b'])), 0);
  assert.equal(missing(paths(['get'], ['/a/b', '/b'])), 1);
  assert.equal(missing(rule(['get'], ['*'])), 1);
});

test('a right to all names is not covered by rights to some', () => {
  assert.equal(
    missingRights([rule(['get'], ['secrets'], { resourceNames: ['one'] })], [rule(['get'], ['secrets'])]).length,
    1,
  );
});

test('what is missing is told as upstream prints it', () => {
  const missing = missingRights([], [rule(['get', 'list'], ['secrets']), paths(['get'], ['/x'])]);
  assert.equal(
    describeRights(missing),
    '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}\n{NonResourceURLs:["/x"], Verbs:["get"]}',
  );
});

test('a resource does not stand for its subresources', () => {
  const user = { name: 'u', uid: '', groups: [], extra: {} };
  const wanted = (resource: string, subresource: string) =>
    ({
      kind: 'resource',
      user,
      scope: '*',
      verb: 'get',
      group: '',
      version: 'v1',
      resource,
      subresource,
      namespace: '',
      name: '',
    }) as const;
  assert.equal(allowsResource(rule(['get'], ['pods']), wanted('pods', 'log')), false);
  assert.equal(allowsResource(rule(['get'], ['pods/log']), wanted('pods', 'log')), true);
  assert.equal(allowsResource(rule(['get'], ['*/log']), wanted('pods', 'log')), true);
  assert.equal(allowsResource(rule(['get'], ['*']), wanted('pods', 'log')), true);
  assert.equal(
    allowsPath(paths(['get'], ['/api/*']), { kind: 'nonResource', user, scope: '*', verb: 'get', path: '/api' }),
    false,
  );
});
